/** Tells the application what happens in one session, in order, in its own words. */

import { type PeerError, SottoError } from "../base/errors.ts";
import { EventQueue } from "./event_queue.ts";
import type { SessionEvent } from "./session_event.ts";

/** The mouth of a session. */
export class SessionTeller {
  readonly #queue: EventQueue<SessionEvent>;
  readonly #onDeaf: (error: SottoError) => void;

  /**
   * @param onDeaf Told when nobody reads any more: the session cannot be told of.
   * @param limit Events that may wait for the reader. Default that of {@link EventQueue}.
   */
  constructor(onDeaf: (error: SottoError) => void, limit?: number) {
    this.#queue = new EventQueue<SessionEvent>(limit);
    this.#onDeaf = onDeaf;
  }

  /** Everything that was told, for one reader. Ends after {@link close}. */
  get events(): AsyncIterable<SessionEvent> {
    return this.#queue;
  }

  /** Something happened. */
  tell(event: SessionEvent): void {
    if (!this.#queue.isFull) {
      this.#queue.push(event);
      return;
    }
    this.#onDeaf(
      new SottoError("session/queue-full", "nobody reads what happens in the session"),
    );
  }

  /** Something went wrong here. */
  fault(error: unknown): void {
    const { code, message } = asSottoError(error);
    this.tell({ type: "error", code, message, side: "local" });
  }

  /** The peer did something that it may not. */
  peerFault({ code, message, rule }: PeerError): void {
    this.tell({ type: "error", code, message, side: "remote", rule });
  }

  /** Nothing follows. */
  close(): void {
    this.#queue.close();
  }
}

/** `error` as something that people may be shown. */
export function asSottoError(error: unknown): SottoError {
  if (error instanceof SottoError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new SottoError("session/failed", message, { cause: error });
}
