/** A capture file as a source of arrivals: its packets, decoded. */
import type { Arrival, TraceReader } from "../arrival.ts";
import type { CaptureItem } from "./packet.ts";
import { PacketDecoder, type PacketDecoderLimits } from "./packet_decoder.ts";

/** What {@link CaptureReader} reads packets with: `PcapReader` or `PcapngReader`. */
export interface PacketSource {
  feed(bytes: Uint8Array): CaptureItem[];
  end(): CaptureItem[];
}

/** Packets of `source` → arrivals. */
export class CaptureReader implements TraceReader {
  readonly #source: PacketSource;
  readonly #decoder: PacketDecoder;

  /** @param source Where packets come from. @param limits Of what is put together again. */
  constructor(source: PacketSource, limits: PacketDecoderLimits = {}) {
    this.#source = source;
    this.#decoder = new PacketDecoder(limits);
  }

  /** Takes octets of the file and returns what they completed. */
  feed(bytes: Uint8Array): Arrival[] {
    return this.#decode(this.#source.feed(bytes));
  }

  /** The file has ended. */
  end(): Arrival[] {
    return [...this.#decode(this.#source.end()), ...this.#decoder.end()];
  }

  #decode(items: readonly CaptureItem[]): Arrival[] {
    const arrivals: Arrival[] = [];
    for (const item of items) {
      if (item.type === "finding") arrivals.push(item);
      else for (const arrival of this.#decoder.receive(item.packet)) arrivals.push(arrival);
    }
    return arrivals;
  }
}
