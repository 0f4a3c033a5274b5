/** MSRP over a WebSocket, as a client (RFC 7977): one chunk a message, whatever pieces the core writes. */

import { SottoError } from "../base/errors.ts";
import { concatBytes } from "../base/bytes.ts";
import type { RandomSource } from "../base/output.ts";
import { ChunkParser } from "../msrp/mod.ts";
import {
  type ByteStream,
  byteStreamOver,
  type HostPort,
  openWebSocket,
  type RawDuplex,
  WrappedDuplex,
} from "../transport/mod.ts";

/** Octets of one chunk that is gathered before it leaves: far above any that goes through a relay. */
export const LONGEST_WEBSOCKET_CHUNK: number = 2 ** 20;

/** Where to, and how to tell the server so. */
export interface MsrpWebSocketOptions {
  readonly random: RandomSource;
  /** Host and port of the relay's URI. */
  readonly authority: HostPort;
  readonly path?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a WebSocket of a connection to a relay, which it takes over, with the subprotocol `msrp`.
 *
 * What is read are the octets of messages, text or binary (§4.2). What is written leaves when a
 * chunk is whole, as one binary message (§5.1: exactly one chunk in each).
 *
 * @throws {SottoError} `transport/websocket-refused`; what the stream throws; the signal's reason.
 * @throws {PeerError} `transport/websocket-fault`.
 */
export async function openMsrpWebSocket(
  stream: ByteStream,
  options: MsrpWebSocketOptions,
): Promise<ByteStream> {
  return byteStreamOver(
    new ChunkDuplex(
      await openWebSocket(stream, {
        ...options,
        protocol: "msrp",
      }),
    ),
  );
}

class ChunkDuplex extends WrappedDuplex implements RawDuplex {
  /** Finds the ends of our own chunks. */
  readonly #parser = new ChunkParser();
  #pending = new Uint8Array(0);
  /** Offset in what was written of the first octet of {@link #pending}. */
  #base = 0;

  override async write(bytes: Uint8Array): Promise<void> {
    this.#pending = concatBytes(this.#pending, bytes);
    for (const event of this.#parser.feed(bytes)) {
      if (event.type !== "chunk-end") continue;
      const chunk = this.#pending.subarray(0, event.offset - this.#base);
      this.#pending = this.#pending.slice(chunk.length);
      this.#base = event.offset;
      await super.write(chunk);
    }
    if (this.#pending.length > LONGEST_WEBSOCKET_CHUNK) {
      throw new SottoError(
        "session/websocket-chunk-too-long",
        `a chunk of more than ${LONGEST_WEBSOCKET_CHUNK} octets does not fit a WebSocket message`,
      );
    }
  }
}
