/** Wrappers that tell a tap of every octet that passes, in the order it passed. */

import type { HostPort, WireRecord, WireTap } from "../base/wire_tap.ts";
import { type ByteStream, byteStreamOver, type RawDuplex } from "./byte_stream.ts";
import type { Datagram, DatagramSocket } from "./udp.ts";
import { WrappedDuplex } from "./wrapped_duplex.ts";

/** Who is told, and as what. */
export interface RecordingOptions {
  readonly tap: WireTap;
  readonly protocol: WireRecord["protocol"];
  /** Milliseconds since 1970: injected, as every clock. */
  readonly now: () => number;
}

/**
 * `stream`, recorded. Octets going out are recorded before they are written, so that an
 * answer never stands before its question; what a failing write lost is recorded too.
 * Takes over `stream`.
 */
export function recordStream(stream: ByteStream, options: RecordingOptions): ByteStream {
  return byteStreamOver(new RecordingDuplex(stream, options));
}

class RecordingDuplex extends WrappedDuplex implements RawDuplex {
  readonly #options: RecordingOptions;

  constructor(stream: ByteStream, options: RecordingOptions) {
    super(stream);
    this.#options = options;
  }

  override async read(): Promise<Uint8Array | undefined> {
    const bytes = await super.read();
    if (bytes !== undefined) this.#record("in", bytes);
    return bytes;
  }

  override write(bytes: Uint8Array): Promise<void> {
    this.#record("out", bytes);
    return super.write(bytes);
  }

  #record(direction: WireRecord["direction"], data: Uint8Array): void {
    const { tap, protocol, now } = this.#options;
    const transport = this.tls === undefined ? "tcp" : "tls";
    const { local, remote } = this;
    tap({ at: now(), direction, protocol, transport, local, remote, data: data.slice() });
  }
}

/** `socket`, recorded in the same way. Takes over `socket`. */
export function recordDatagrams(
  socket: DatagramSocket,
  { tap, protocol, now }: RecordingOptions,
): DatagramSocket {
  const record = (direction: "in" | "out", remote: HostPort, data: Uint8Array): void =>
    tap({
      at: now(),
      direction,
      protocol,
      transport: "udp",
      local: socket.local,
      remote,
      data: data.slice(),
    });
  return {
    local: socket.local,
    send: (data, to) => {
      record("out", to, data);
      return socket.send(data, to);
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<Datagram, undefined> {
      for await (const datagram of socket) {
        record("in", datagram.from, datagram.data);
        yield datagram;
      }
    },
    close: () => socket.close(),
    [Symbol.asyncDispose]: () => socket.close(),
  };
}
