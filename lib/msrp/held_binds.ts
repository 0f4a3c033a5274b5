/**
 * A peer that binds its session before we know enough of it: its SEND may overtake the SIP
 * message that describes it, once both travel over servers (RFC 4975 §5.4; SPEC NOTE msrp-relay-13).
 */
import type { ChunkHead } from "./chunk.ts";

/** Octets before the body of a request are limited already: one head for each session. */
export class HeldBinds {
  readonly #held = new Map<string, ChunkHead>();

  /**
   * Keeps a SEND without a body that nobody has answered.
   * @param isAwaited Whether a session of this name is being agreed on.
   * @returns Whether it was kept; of a second one for the same session nothing is.
   */
  hold(head: ChunkHead, isAwaited: (sessionId: string) => boolean): boolean {
    const [to, ...further] = head.toPath;
    const isBind = head.problem === undefined && head.startLine.kind === "request" &&
      head.startLine.method === "SEND" && further.length === 0;
    if (!isBind || to?.sessionId === undefined) return false;
    if (this.#held.has(to.sessionId) || !isAwaited(to.sessionId)) return false;
    this.#held.set(to.sessionId, head);
    return true;
  }

  /** What was kept for a session, which is not kept any more. */
  take(sessionId: string): ChunkHead | undefined {
    const head = this.#held.get(sessionId);
    this.#held.delete(sessionId);
    return head;
  }

  /** Drops what is kept for sessions that nobody awaits any more: their peers gave up as well. */
  keep(isAwaited: (sessionId: string) => boolean): void {
    for (const sessionId of [...this.#held.keys()]) {
      if (!isAwaited(sessionId)) this.#held.delete(sessionId);
    }
  }
}
