/** Frames of the WebSocket protocol, as a client reads and writes them (RFC 6455 §5). */

import { ByteReader, type Reading } from "../base/byte_reader.ts";
import { concatBytes } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";

/** What {@link WebSocketReader.feed} reports, in the order of the octets. */
export type WebSocketEvent =
  /** Octets of a message, text or binary: RFC 7977 §4.2 makes no difference. */
  | { readonly type: "data"; readonly bytes: Uint8Array }
  /** The message is complete. */
  | { readonly type: "message-end" }
  | { readonly type: "ping"; readonly bytes: Uint8Array }
  | { readonly type: "pong" }
  /** The other end has finished; 1005 when it gave no code. */
  | { readonly type: "close"; readonly code: number }
  /** Nothing follows: the other end breaks the protocol. */
  | { readonly type: "error"; readonly error: PeerError };

/** The kinds of frame that a client writes. */
export type WebSocketOpcode = "binary" | "close" | "ping" | "pong";

/** Reads the frames of a server. Messages are handed on as they come; only their length is bounded. */
export class WebSocketReader {
  readonly #reader = new ByteReader();
  readonly #limit: number;
  readonly #reading: Reading<void>;
  #events: WebSocketEvent[] = [];
  #isOver = false;

  /** @param limit Octets of one message; default 4 GiB. It is never held. */
  constructor(limit: number = 2 ** 32) {
    this.#limit = limit;
    this.#reading = this.#readAll();
  }

  /** Takes octets in; reports what they brought. Nothing after `close` or `error`. */
  feed(bytes: Uint8Array): WebSocketEvent[] {
    if (this.#isOver) return [];
    this.#reader.feed(bytes);
    try {
      this.#reading.next();
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      this.#isOver = true;
      this.#events.push({ type: "error", error });
    }
    return this.#events.splice(0);
  }

  *#readAll(): Reading<void> {
    let inMessage = false;
    let length = 0;
    while (!this.#isOver) {
      const [first = 0, second = 0] = yield* this.#reader.exactly(2);
      const isFinal = (first & 0x80) !== 0;
      const opcode = first & 0x0f;
      if ((first & 0x70) !== 0) throw this.#fault("no reserved bits", "5.2");
      if ((second & 0x80) !== 0) throw this.#fault("unmasked frames of a server", "5.1");
      const size = yield* this.#size(second & 0x7f);
      if (opcode >= 0x8) {
        if (!isFinal || size > 125) throw this.#fault("short control frames", "5.5");
        this.#control(opcode, yield* this.#reader.exactly(size));
        continue;
      }
      if (opcode > 0x2) throw this.#fault("a known opcode", "5.2");
      if ((opcode === 0) !== inMessage) throw this.#fault("messages one after the other", "5.4");
      length += size;
      if (length > this.#limit) {
        throw this.#fault(`messages of at most ${this.#limit} octets`, "10.4");
      }
      for (let left = size; left > 0;) {
        yield* this.#reader.atLeast(1);
        const bytes = this.#reader.take(left);
        left -= bytes.length;
        this.#events.push({ type: "data", bytes });
      }
      inMessage = !isFinal;
      if (!isFinal) continue;
      length = 0;
      this.#events.push({ type: "message-end" });
    }
  }

  *#size(short: number): Reading<number> {
    if (short < 126) return short;
    const bytes = yield* this.#reader.exactly(short === 126 ? 2 : 8);
    const size = bytes.reduce((sum, it) => sum * 256 + it, 0);
    if (!Number.isSafeInteger(size)) throw this.#fault("a length that is possible", "5.2");
    return size;
  }

  #control(opcode: number, bytes: Uint8Array): void {
    if (opcode === 0x9) this.#events.push({ type: "ping", bytes });
    else if (opcode === 0xa) this.#events.push({ type: "pong" });
    else if (opcode === 0x8) {
      const [high, low] = bytes;
      const code = high === undefined || low === undefined ? 1005 : high * 256 + low;
      this.#isOver = true;
      this.#events.push({ type: "close", code });
    } else throw this.#fault("a known opcode", "5.2");
  }

  #fault(expected: string, section: string): PeerError {
    return new PeerError(
      "transport/websocket-fault",
      `RFC 6455 §${section}`,
      `expected ${expected}`,
      { offset: this.#reader.offset },
    );
  }
}

/**
 * Writes one whole frame of a client, masked (§5.3).
 *
 * @param mask Four octets that nobody could foresee.
 * @throws {RangeError} when a control frame has more than 125 octets.
 */
export function writeWebSocketFrame(
  opcode: WebSocketOpcode,
  payload: Uint8Array,
  mask: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  if (opcode !== "binary" && length > 125) throw new RangeError("a control frame of 125 octets");
  const head = [0x80 | OPCODES[opcode]];
  if (length < 126) head.push(0x80 | length);
  else if (length < 2 ** 16) head.push(0x80 | 126, length >> 8, length & 0xff);
  else {
    head.push(0x80 | 127);
    for (let shift = 56; shift >= 0; shift -= 8) head.push(Math.floor(length / 2 ** shift) % 256);
  }
  const masked = payload.slice();
  for (let at = 0; at < length; at++) masked[at] = (masked[at] ?? 0) ^ (mask[at % 4] ?? 0);
  return concatBytes(Uint8Array.from(head), mask, masked);
}

const OPCODES: Readonly<Record<WebSocketOpcode, number>> = {
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
};
