/**
 * Two peers and the wire between them: carries every message that one side injects to the
 * other, in order, and keeps a record of everything.
 */
import { SottoError } from "../base/errors.ts";
import type { Peer, PeerEvent, PeerOperation } from "./peer.ts";

/** The two ends. */
export type Side = "a" | "b";

/** One line of the record: what a side was told, what it sent, what it reported. */
export type WireEntry =
  | { readonly type: "operation"; readonly side: Side; readonly operation: PeerOperation }
  | { readonly type: "message"; readonly from: Side; readonly message: string }
  | { readonly type: "event"; readonly side: Side; readonly event: PeerEvent };

/** Bounds of a {@link Wire}, and ways to disturb it. */
export interface WireOptions {
  /** Most messages that {@link Wire.settle} carries before it calls it a loop. Default 1,000. */
  readonly mostMessages?: number;
  /**
   * Called with every message: returns what arrives instead (nothing: it is lost).
   * Default: the message itself.
   */
  readonly disturb?: (message: string, from: Side) => readonly string[];
}

/** A conversation between two peers. */
export class Wire {
  /** Everything so far, in the order in which it happened. */
  readonly record: WireEntry[] = [];
  readonly #peers: Readonly<Record<Side, Peer>>;
  readonly #mostMessages: number;
  readonly #disturb: (message: string, from: Side) => readonly string[];
  readonly #queue: { readonly from: Side; readonly message: string }[] = [];

  constructor(a: Peer, b: Peer, options: WireOptions = {}) {
    this.#peers = { a, b };
    this.#mostMessages = options.mostMessages ?? 1000;
    this.#disturb = options.disturb ?? ((message) => [message]);
  }

  /** Messages that were sent and not delivered yet. */
  get pending(): number {
    return this.#queue.length;
  }

  /**
   * Runs one operation on one side. What it injects waits for {@link settle}.
   * @returns What the side reported, injected messages included.
   */
  async perform(side: Side, operation: PeerOperation): Promise<PeerEvent[]> {
    if (operation.op !== "recv") this.record.push({ type: "operation", side, operation });
    const events = await this.#peers[side].perform(operation);
    for (const event of events) {
      if (event.ev === "inject") {
        this.record.push({ type: "message", from: side, message: event.msg });
        this.#queue.push({ from: side, message: event.msg });
      } else this.record.push({ type: "event", side, event });
    }
    return events;
  }

  /**
   * Delivers until nothing is under way any more.
   * @throws {SottoError} `harness/message-loop` when the peers do not come to rest.
   */
  async settle(): Promise<void> {
    for (let carried = 0;; carried++) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      if (carried >= this.#mostMessages) {
        throw new SottoError(
          "harness/message-loop",
          `${this.#peers.a.label} and ${this.#peers.b.label} exchanged ${carried} messages without coming to rest`,
        );
      }
      for (const message of this.#disturb(next.message, next.from)) {
        await this.perform(otherSide(next.from), { op: "recv", msg: message });
      }
    }
  }

  /** {@link perform} and {@link settle}: returns what both sides reported meanwhile. */
  async run(side: Side, operation: PeerOperation): Promise<readonly WireEntry[]> {
    const start = this.record.length;
    await this.perform(side, operation);
    await this.settle();
    return this.record.slice(start);
  }

  /** The events of one side, from entry `since` of the record on. */
  events(side: Side, since = 0): PeerEvent[] {
    return this.record.slice(since)
      .flatMap((it) => it.type === "event" && it.side === side ? [it.event] : []);
  }

  /** The messages on the wire, from entry `since` of the record on. */
  messages(since = 0): { from: Side; message: string }[] {
    return this.record.slice(since)
      .flatMap((it) => it.type === "message" ? [{ from: it.from, message: it.message }] : []);
  }
}

/** The other end. */
export function otherSide(side: Side): Side {
  return side === "a" ? "b" : "a";
}
