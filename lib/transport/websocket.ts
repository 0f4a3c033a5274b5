/**
 * A WebSocket as a client has it, shaped like any other connection (RFC 6455). It stands on the
 * streams of this room instead of the platform's `WebSocket`, for their backpressure, and because
 * they show and judge certificates: docs/decisions.
 */

import { ascii } from "../base/ascii.ts";
import { ByteReader } from "../base/byte_reader.ts";
import { PeerError, SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import type { RandomSource } from "../base/output.ts";
import type { HostPort } from "../base/wire_tap.ts";
import { type ByteStream, byteStreamOver, type RawDuplex } from "./byte_stream.ts";
import { plainHost, showHostPort } from "./network_error.ts";
import { type WebSocketOpcode, WebSocketReader, writeWebSocketFrame } from "./websocket_frames.ts";
import { WrappedDuplex } from "./wrapped_duplex.ts";

/** How {@link openWebSocket} asks. */
export interface WebSocketOptions {
  /** What is spoken inside: asked for, and to be agreed to (RFC 7977 §4.1: `msrp`). */
  readonly protocol: string;
  /** Draws the key and the masks. */
  readonly random: RandomSource;
  /** Host and port as the user knows the server: for the Host header. */
  readonly authority: HostPort;
  /** Default `/`. */
  readonly path?: string | undefined;
  /** Milliseconds between pings (RFC 7977 §6); 0 for none. Default 25,000. */
  readonly pingInterval?: number | undefined;
  /** Ends the handshake. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Shakes hands over `stream`, which it takes over. Each write to the stream that comes out is one
 * binary message; what is read are the octets of messages, text and binary alike.
 *
 * @throws {SottoError} `transport/websocket-refused` when the server does not agree;
 * `transport/…` of the stream; the signal's reason.
 * @throws {PeerError} `transport/websocket-fault` when it does not answer in HTTP.
 */
export async function openWebSocket(
  stream: ByteStream,
  options: WebSocketOptions,
): Promise<ByteStream> {
  const { signal } = options;
  const onAbort = (): void => void stream.close();
  signal?.addEventListener("abort", onAbort, { once: true });
  const duplex = new WebSocketDuplex(stream, options);
  try {
    signal?.throwIfAborted();
    await duplex.shakeHands();
    signal?.throwIfAborted();
    return byteStreamOver(duplex);
  } catch (error) {
    await stream.close();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

class WebSocketDuplex extends WrappedDuplex implements RawDuplex {
  readonly #options: WebSocketOptions;
  readonly #messages = new WebSocketReader();
  readonly #ready: Uint8Array[] = [];
  #isOver = false;
  #isClosing = false;
  #unanswered = 0;
  #pinging: ReturnType<typeof setInterval> | undefined;

  constructor(stream: ByteStream, options: WebSocketOptions) {
    super(stream);
    this.#options = options;
  }

  async shakeHands(): Promise<void> {
    const { protocol, random, authority, path = "/", pingInterval = 25_000 } = this.#options;
    const key = base64(random(16));
    await super.write(ascii(
      `GET ${path} HTTP/1.1\r\nHost: ${
        showHostPort({ ...authority, host: plainHost(authority.host) })
      }\r\n` +
        `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    ));
    const { head, rest } = await this.#readHead();
    const expected = base64(
      new Uint8Array(await crypto.subtle.digest("SHA-1", ascii(`${key}${GUID}`))),
    );
    judgeHandshake(head, protocol, expected);
    this.#take(rest);
    if (pingInterval > 0) this.#pinging = setInterval(() => this.#ping(), pingInterval);
  }

  override async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = this.#ready.shift();
      if (piece !== undefined) return piece;
      if (this.#isOver) return undefined;
      const bytes = await super.read();
      if (bytes === undefined) this.#isOver = true;
      else this.#take(bytes);
    }
  }

  override write(bytes: Uint8Array): Promise<void> {
    return this.#send("binary", bytes);
  }

  /** There is no half of a WebSocket: the closing handshake ends both (§7.1.2). */
  override async endWriting(): Promise<void> {
    await this.#sayGoodbye(NORMAL);
  }

  override async close(): Promise<void> {
    clearInterval(this.#pinging);
    if (!this.#isOver) {
      // A server that takes nothing more must not keep us.
      let patience: ReturnType<typeof setTimeout> | undefined;
      await Promise.race([
        this.#sayGoodbye(NORMAL).catch(() => {}),
        new Promise((resolve) => patience = setTimeout(resolve, GOODBYE_PATIENCE)),
      ]);
      clearTimeout(patience);
    }
    await super.close();
  }

  /** @throws {PeerError} when the server breaks the protocol. */
  #take(bytes: Uint8Array): void {
    for (const event of this.#messages.feed(bytes)) {
      switch (event.type) {
        case "data":
          this.#ready.push(event.bytes);
          break;
        case "ping":
          // §5.5.2; a stream that cannot take it any more tells its reader.
          this.#send("pong", event.bytes).catch(() => {});
          break;
        case "close":
          this.#sayGoodbye(event.code === 1005 ? NORMAL : event.code).catch(() => {});
          this.#isOver = true;
          break;
        case "error":
          this.#isOver = true;
          this.#sayGoodbye(PROTOCOL_ERROR).catch(() => {});
          throw event.error;
        case "pong":
          this.#unanswered = 0;
          break;
        case "message-end":
          break;
        default:
          event satisfies never;
      }
    }
  }

  async #sayGoodbye(code: number): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    clearInterval(this.#pinging);
    await this.#send("close", Uint8Array.of(code >> 8, code & 0xff));
  }

  /** A server that answers no pings is gone, and only a write would have shown it. */
  #ping(): void {
    if (++this.#unanswered > MOST_UNANSWERED) {
      this.#isOver = true;
      clearInterval(this.#pinging);
      void super.close();
      return;
    }
    this.#send("ping", new Uint8Array(0)).catch(() => {}); // The reader sees the end.
  }

  #send(opcode: WebSocketOpcode, payload: Uint8Array): Promise<void> {
    return super.write(writeWebSocketFrame(opcode, payload, this.#options.random(4)));
  }

  async #readHead(): Promise<{ readonly head: string; readonly rest: Uint8Array }> {
    const reader = new ByteReader();
    const reading = reader.until([ascii("\r\n\r\n")], LONGEST_HEAD);
    for (;;) {
      const { done, value } = reading.next();
      if (done) {
        if (value === undefined) throw fault(`a response within ${LONGEST_HEAD} octets`);
        return { head: new TextDecoder().decode(value.bytes), rest: reader.take() };
      }
      const bytes = await super.read();
      if (bytes === undefined) throw fault("a response before the end of the stream");
      reader.feed(bytes);
    }
  }
}

/** §4.1: what the response must say. */
function judgeHandshake(head: string, protocol: string, accept: string): void {
  const [status = "", ...lines] = head.split("\r\n");
  const code = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(status)?.[1];
  if (code === undefined) throw fault("a response of HTTP 1.1");
  if (code !== "101") throw refused(`the server answered ${escapeText(status.slice(9), 60)}`);
  const header = (name: string): string | undefined => {
    const found = lines.find((it) => it.slice(0, name.length + 1).toLowerCase() === `${name}:`);
    return found?.slice(name.length + 1).trim();
  };
  if (
    header("upgrade")?.toLowerCase() !== "websocket" ||
    !(header("connection")?.toLowerCase().split(/[ ,]+/).includes("upgrade") ?? false) ||
    header("sec-websocket-accept") !== accept
  ) {
    throw fault("Upgrade, Connection and the right Sec-WebSocket-Accept");
  }
  if (header("sec-websocket-extensions") !== undefined) throw fault("no extension unasked for");
  const agreed = header("sec-websocket-protocol");
  if (agreed !== protocol) {
    throw refused(`the server speaks ${escapeText(agreed ?? "nothing", 40)}, not ${protocol}`);
  }
}

function refused(why: string): SottoError {
  return new SottoError("transport/websocket-refused", `cannot open the WebSocket: ${why}`);
}

function fault(expected: string): PeerError {
  return new PeerError("transport/websocket-fault", "RFC 6455 §4.1", `expected ${expected}`);
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** §1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Octets of the server's response to the handshake. */
const LONGEST_HEAD = 16_384;
/** Status codes of §7.4.1. */
const NORMAL = 1000;
const PROTOCOL_ERROR = 1002;
/** Pings in a row without an answer. */
const MOST_UNANSWERED = 2;
/** Milliseconds that our goodbye may take to leave. */
const GOODBYE_PATIENCE = 250;
