/** Any input that is understood here, in pieces, as one stream of arrivals. */
import { concatBytes } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import type { Arrival, TraceReader } from "./arrival.ts";
import { CaptureReader } from "./capture/capture_reader.ts";
import type { PacketDecoderLimits } from "./capture/packet_decoder.ts";
import { PcapReader } from "./capture/pcap_reader.ts";
import { PcapngReader } from "./capture/pcapng_reader.ts";
import { JsonlReader } from "./logs/jsonl_reader.ts";
import { RawStreamReader } from "./logs/raw_stream_reader.ts";
import { TraceLogReader } from "./logs/trace_log_reader.ts";
import { MOST_SNIFFED, recogniseTrace, type TraceFormat } from "./trace_format.ts";

/** Bounds of {@link TraceInput}. */
export interface TraceInputLimits extends PacketDecoderLimits {
  /** Most octets of one packet, block, log record or line. Default 16 MiB. */
  readonly recordSize?: number;
}

/** Recognises the input by its first octets, then reads it. */
export class TraceInput implements TraceReader {
  readonly #limits: TraceInputLimits;
  #head: Uint8Array | undefined = new Uint8Array();
  #reader: TraceReader | undefined;
  #format: TraceFormat | undefined;

  /** @param limits See {@link TraceInputLimits}. */
  constructor(limits: TraceInputLimits = {}) {
    this.#limits = limits;
  }

  /** What the input is, once that is known. */
  get format(): TraceFormat | undefined {
    return this.#format;
  }

  /**
   * Takes octets and returns what they completed.
   * @throws {SottoError} `trace/unknown-format` when the input is in none that is known here.
   */
  feed(bytes: Uint8Array): Arrival[] {
    return this.#reader === undefined ? this.#recognise(bytes, false) : this.#reader.feed(bytes);
  }

  /**
   * The input has ended. An empty one, or one of nothing but white space, yields nothing.
   * @throws {SottoError} `trace/unknown-format`, as {@link feed}.
   */
  end(): Arrival[] {
    const arrivals = this.#reader === undefined ? this.#recognise(new Uint8Array(), true) : [];
    return [...arrivals, ...this.#reader?.end() ?? []];
  }

  #recognise(bytes: Uint8Array, isWhole: boolean): Arrival[] {
    const head = concatBytes(this.#head ?? new Uint8Array(), bytes);
    if (isWhole && head.every((it) => it <= 0x20 && it !== 0)) return [];
    const format = recogniseTrace(head, isWhole);
    if (format === "more") {
      this.#head = head;
      return [];
    }
    if (format === "unknown") {
      throw new SottoError(
        "trace/unknown-format",
        "expected pcap, pcapng, a SIP or MSRP trace log, an MSRP stream or a sotto trace " +
          `in the first ${Math.min(head.length, MOST_SNIFFED)} octets`,
      );
    }
    this.#format = format;
    this.#head = undefined;
    this.#reader = this.#readerFor(format);
    return this.#reader.feed(head);
  }

  #readerFor(format: TraceFormat): TraceReader {
    const { recordSize = 16 * 1024 * 1024 } = this.#limits;
    switch (format) {
      case "pcap":
        return new CaptureReader(new PcapReader({ blockSize: recordSize }), this.#limits);
      case "pcapng":
        return new CaptureReader(new PcapngReader({ blockSize: recordSize }), this.#limits);
      case "log":
        return new TraceLogReader({ recordSize });
      case "jsonl":
        return new JsonlReader({ lineSize: recordSize });
      case "raw-msrp":
        return new RawStreamReader();
      default:
        return format satisfies never;
    }
  }
}
