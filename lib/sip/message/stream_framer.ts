/** A byte stream → whole SIP messages and keep-alives (RFC 3261 §7.5, §18.3; RFC 5626 §3.5.1). */

import { ascii } from "../../base/ascii.ts";
import { concatBytes } from "../../base/bytes.ts";
import { ByteReader, type Reading } from "../../base/byte_reader.ts";
import { PeerError } from "../../base/errors.ts";
import {
  contentLength,
  DEFAULT_MESSAGE_LIMITS,
  judgeSipMessage,
  type MessageLimits,
} from "./message_parser.ts";

/** What came out of a stream. */
export type Framed =
  | {
    /** One message, its octets together: give them to `judgeSipMessage`. */
    readonly type: "message";
    readonly bytes: Uint8Array;
  }
  | {
    /**
     * Two line ends between messages: a keep-alive that wants one line end as its answer. A
     * single one that nobody waits for is not reported.
     */
    readonly type: "ping";
  }
  /** The line end that {@link StreamFramer.expectPong} waited for (RFC 5626 §4.4.1). */
  | { readonly type: "pong" }
  | {
    /**
     * Nobody can tell where the next message begins: close the stream. `head` is what was read
     * of the last message, to answer it before.
     */
    readonly type: "broken";
    readonly error: PeerError;
    readonly head?: Uint8Array;
  };

/** Cuts one stream into messages. Octets may be fed in any pieces. */
export class StreamFramer {
  readonly #reader = new ByteReader();
  readonly #limits: Required<MessageLimits>;
  readonly #framed: Framed[] = [];
  #isBroken = false;
  /** How many line ends came in a row since the last message. */
  #lineEnds = 0;
  /** Whether the next line end answers a keep-alive of ours. */
  #expectsPong = false;
  readonly #reading: Reading<void>;

  /** @param limits How much one message may hold. */
  constructor(limits: MessageLimits = {}) {
    this.#limits = { ...DEFAULT_MESSAGE_LIMITS, ...limits };
    this.#reading = this.#read();
  }

  /** Whether octets of an unfinished message are waiting for the rest. */
  get isInsideMessage(): boolean {
    return !this.#isBroken && this.#reader.available > 0;
  }

  /** We sent a keep-alive: the next line end between messages answers it, and is no part of a ping. */
  expectPong(): void {
    this.#expectsPong = true;
  }

  /** Octets that arrived; returns what they completed. After `broken` nothing more comes out. */
  feed(bytes: Uint8Array): Framed[] {
    if (this.#isBroken) return [];
    this.#reader.feed(bytes);
    this.#reading.next();
    return this.#framed.splice(0);
  }

  *#read(): Reading<void> {
    while (!this.#isBroken) yield* this.#readOne();
  }

  *#readOne(): Reading<void> {
    const reader = this.#reader;
    if (yield* this.#skipLineEnd()) return;
    this.#lineEnds = 0;
    const head = yield* reader.until([BLANK_LINE], this.#limits.head);
    if (head === undefined) {
      this.#break(
        new PeerError(
          "sip/message-too-long",
          "RFC 3261 §18.3",
          `no end of the header fields within ${this.#limits.head} octets`,
        ),
      );
      return;
    }
    const bytes = concatBytes(head.bytes, BLANK_LINE);
    const length = this.#bodyLength(bytes);
    if (length === undefined) return;
    const body = yield* reader.exactly(length);
    this.#framed.push({ type: "message", bytes: concatBytes(bytes, body) });
  }

  /** Reads one line end between messages, if there is one. Each second one in a row is a ping. */
  *#skipLineEnd(): Reading<boolean> {
    yield* this.#reader.atLeast(1);
    if (this.#reader.peek(1)[0] !== CR) return false;
    yield* this.#reader.atLeast(2);
    if (this.#reader.peek(2)[1] !== LF) return false;
    this.#reader.skip(2);
    if (this.#expectsPong) {
      this.#expectsPong = false;
      this.#framed.push({ type: "pong" });
      return true;
    }
    this.#lineEnds++;
    if (this.#lineEnds % 2 === 0) this.#framed.push({ type: "ping" });
    return true;
  }

  #bodyLength(head: Uint8Array): number | undefined {
    const judged = judgeSipMessage(head, { transport: "udp", limits: this.#limits });
    const message = judged.verdict === "answer" ? judged.request : judged.message;
    const length = message === undefined ? "malformed" : contentLength(message);
    if (typeof length === "number" && length <= this.#limits.body) return length;
    const error = typeof length === "number"
      ? new PeerError(
        "sip/message-too-long",
        "RFC 3261 §18.3",
        `a body of ${length} octets, at most ${this.#limits.body} are taken`,
      )
      : new PeerError("sip/bad-framing", "RFC 3261 §18.3", "expected one Content-Length");
    this.#break(error, head);
    return undefined;
  }

  #break(error: PeerError, head?: Uint8Array): void {
    this.#isBroken = true;
    this.#framed.push(
      head === undefined ? { type: "broken", error } : {
        type: "broken",
        error,
        head,
      },
    );
  }
}

const CR = 0x0d;
const LF = 0x0a;
const BLANK_LINE = ascii("\r\n\r\n");
