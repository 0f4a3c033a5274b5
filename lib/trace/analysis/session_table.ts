/** MSRP sessions as a trace shows them: the two endpoints at the far ends of the paths (RFC 4975 §6, §8). */
import { type MsrpUri, parseMsrpPath, writeMsrpUri } from "../../msrp/mod.ts";

/** One session: whatever two endpoint URIs talk to each other. */
export interface TraceSession {
  /** Counted from 1 in order of appearance. */
  readonly number: number;
  /** The two endpoint URIs, the one that spoke first in front. */
  readonly ends: readonly [string, string];
  /** Call-ID of the SIP dialog that announced one of them. */
  readonly callId: string | undefined;
  chunks: number;
  messages: number;
  octets: number;
}

/** Finds the session of a chunk. Memory: `limit` sessions; later ones stay unnumbered. */
export class SessionTable {
  readonly #limit: number;
  readonly #sessions = new Map<string, TraceSession>();
  readonly #numbered: TraceSession[] = [];
  /** Endpoint → Call-ID. */
  readonly #announced = new Map<string, string>();

  /** @param limit Most sessions, and most announced endpoints. Default 65 536. */
  constructor(limit = 65_536) {
    this.#limit = limit;
  }

  /** All of them, in order of appearance. */
  sessions(): TraceSession[] {
    return [...this.#numbered];
  }

  /** The session with that number. */
  byNumber(number: number | undefined): TraceSession | undefined {
    return number === undefined ? undefined : this.#numbered[number - 1];
  }

  /** A session description named `path` for the dialog `callId`. */
  announce(path: readonly string[], callId: string): void {
    if (this.#announced.size >= this.#limit) return;
    try {
      const end = parseMsrpPath(path.join(" ")).at(-1);
      if (end !== undefined) this.#announced.set(keyOf(end), callId);
    } catch {
      return; // A path that is no path announces nothing; the chunks will show it.
    }
  }

  /** The session of a request, made when it is new; `undefined` when a path is unreadable. */
  sessionOf(toPath: readonly MsrpUri[], fromPath: readonly MsrpUri[]): TraceSession | undefined {
    const to = toPath.at(-1);
    const from = fromPath.at(-1);
    // AUTH goes to a relay and belongs to no session (RFC 4976 §5.1).
    if (to?.sessionId === undefined || from?.sessionId === undefined) return undefined;
    const key = [keyOf(to), keyOf(from)].sort().join(" ");
    const known = this.#sessions.get(key);
    if (known !== undefined || this.#sessions.size >= this.#limit) return known;
    const session: TraceSession = {
      number: this.#sessions.size + 1,
      ends: [writeMsrpUri(from), writeMsrpUri(to)],
      callId: this.#announced.get(keyOf(from)) ?? this.#announced.get(keyOf(to)),
      chunks: 0,
      messages: 0,
      octets: 0,
    };
    this.#sessions.set(key, session);
    this.#numbered.push(session);
    return session;
  }
}

/** A relay may change the scheme on the way; address and session-id tell a session apart. */
function keyOf({ host, port, sessionId = "" }: MsrpUri): string {
  return `${host.toLowerCase()}:${port ?? ""}/${sessionId}`;
}
