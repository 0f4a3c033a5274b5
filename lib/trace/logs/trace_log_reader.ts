/**
 * Reads `msrp_trace.txt` and `sip_trace.txt` of sipsimple's family of programs, both layouts,
 * also mixed in one file and written by several processes.
 *
 * A record begins with its prefix line and ends where the message in it ends: an MSRP chunk at
 * its own end-line, a SIP message by its Content-Length. Never at a blank line or at `--`,
 * because a message may hold both.
 */
import type { ByteReader, Reading } from "../../base/byte_reader.ts";
import { decodeUtf8Lossy } from "../../base/bytes.ts";
import { latin1 } from "../../base/ascii.ts";
import { escapeText } from "../../base/escape.ts";
import type { HostPort } from "../../base/wire_tap.ts";
import type { Arrival, TraceReader } from "../arrival.ts";
import { ConnectionNumbers } from "./connection_numbers.ts";
import { type ReadingContext, ResumableReader } from "../resumable_reader.ts";
import { hasBareFirstLine, restoreChunk, toCrlf } from "./line_ends.ts";
import {
  isSipRecordLine,
  type LogLine,
  readLogLine,
  readMsrpRecordLine,
  readSipAddressLine,
} from "./log_line.ts";
import { findMsrpRecordEnd, findSipRecordEnd, type RecordEnd } from "./record_end.ts";

/** Bounds of {@link TraceLogReader}. */
export interface TraceLogLimits {
  /** Most octets of one record. Default 16 MiB; a longer one is cut there. */
  readonly recordSize?: number;
  /** Most octets of a line between records. Default 64 KiB; a longer one is cut up. */
  readonly lineSize?: number;
}

/** Log octets in pieces → arrivals. Memory: one record. */
export class TraceLogReader implements TraceReader {
  readonly #reading: ResumableReader<Arrival>;

  /** @param limits See {@link TraceLogLimits}. */
  constructor({ recordSize = 16 * 1024 * 1024, lineSize = 65_536 }: TraceLogLimits = {}) {
    this.#reading = new ResumableReader((context) =>
      new LogParser(context, { recordSize, lineSize }).readLog()
    );
  }

  /** Takes octets and returns the records they completed. */
  feed(bytes: Uint8Array): Arrival[] {
    return this.#reading.feed(bytes);
  }

  /** The log has ended: a record without its end is returned as it is. */
  end(): Arrival[] {
    return this.#reading.end();
  }
}

/** The state of one reading. */
class LogParser {
  readonly #reader: ByteReader;
  readonly #context: ReadingContext<Arrival>;
  readonly #limits: Required<TraceLogLimits>;
  readonly #connections = new ConnectionNumbers();
  #frame = 0;
  #hasNamedLineEnds = false;

  constructor(context: ReadingContext<Arrival>, limits: Required<TraceLogLimits>) {
    this.#context = context;
    this.#reader = context.reader;
    this.#limits = limits;
  }

  *readLog(): Reading<void> {
    for (;;) {
      const line = yield* this.#readLine();
      if (line === undefined) return;
      const start = readLogLine(line);
      if (start === undefined) {
        if (line !== "" && line !== "--") this.#remark(undefined, line);
        continue;
      }
      const ends = readMsrpRecordLine(start.text);
      if (ends !== undefined) yield* this.#readMsrpRecord(start, ends.src, ends.dst);
      else if (isSipRecordLine(start.text)) yield* this.#readSipRecord(start);
      else this.#remark(start.at, start.text);
    }
  }

  *#readMsrpRecord(start: LogLine, src: HostPort, dst: HostPort): Reading<void> {
    const offset = this.#reader.offset;
    const { data, end } = yield* this.#readRecord(findMsrpRecordEnd);
    this.#frame++;
    if (end.isCut) this.#nameCut(start, offset);
    const isConverted = hasBareFirstLine(data);
    if (isConverted) this.#nameLineEnds(start, offset);
    this.#context.emit({
      type: "unit",
      frame: this.#frame,
      at: start.at,
      src,
      dst,
      connection: this.#connectionOf("msrp", start.process, src, dst),
      data: isConverted && end.bodyEnd !== undefined ? restoreChunk(data, end.bodyEnd) : data,
      protocol: "msrp",
      transport: "tcp",
      isStripped: STRIPPED.test(latin1(data)),
    });
  }

  *#readSipRecord(start: LogLine): Reading<void> {
    const offset = this.#reader.offset;
    const line = yield* this.#readLine();
    const ends = readSipAddressLine(line ?? "");
    if (ends === undefined) {
      this.#remark(start.at, start.text);
      if (line !== undefined && line !== "") this.#remark(start.at, line);
      return;
    }
    const { src, dst, transport } = ends;
    const { data, end } = yield* this.#readRecord(findSipRecordEnd);
    this.#frame++;
    if (end.isCut) this.#nameCut(start, offset);
    const isConverted = hasBareFirstLine(data);
    if (isConverted) this.#nameLineEnds(start, offset);
    this.#context.emit({
      type: "unit",
      frame: this.#frame,
      at: start.at,
      src,
      dst,
      connection: transport === "udp" ? 0 : this.#connectionOf("sip", start.process, src, dst),
      data: isConverted ? toCrlf(data) : data,
      protocol: "sip",
      transport,
      isStripped: false,
    });
  }

  /** Waits for a record's end, looking again only at what is new. */
  *#readRecord(
    find: (view: Uint8Array, isWhole: boolean, from: number) => RecordEnd | number,
  ): Reading<{ data: Uint8Array; end: RecordEnd }> {
    const { recordSize } = this.#limits;
    for (let from = 0;;) {
      const isWhole = this.#context.input.isEnded || this.#reader.available >= recordSize;
      const found = find(this.#reader.peek(recordSize), isWhole, from);
      if (typeof found !== "number") {
        const data = this.#reader.take(found.size);
        this.#reader.skip(found.consumed - found.size);
        return { data, end: found };
      }
      from = found;
      yield;
    }
  }

  /** A line without its end; `undefined` at the end of the input. */
  *#readLine(): Reading<string | undefined> {
    for (let from = 0;;) {
      const view = this.#reader.peek(this.#limits.lineSize);
      const end = view.indexOf(0x0a, from);
      const isLong = view.length === this.#limits.lineSize;
      if (end >= 0 || this.#context.input.isEnded || isLong) {
        if (view.length === 0) return undefined;
        const bytes = this.#reader.take(end < 0 ? view.length : end);
        if (end >= 0) this.#reader.skip(1);
        return decodeUtf8Lossy(bytes).replace(/\r$/, "").replace(/^\ufeff/, "");
      }
      from = view.length;
      yield;
    }
  }

  #connectionOf(protocol: string, process: string, src: HostPort, dst: HostPort): number {
    const ends = [`${src.host} ${src.port}`, `${dst.host} ${dst.port}`].sort().join(" ");
    const key = `${protocol} ${process} ${ends}`;
    return this.#connections.numberOf(key);
  }

  #remark(at: number | undefined, text: string): void {
    const seen = { frame: this.#frame, at, src: undefined, dst: undefined };
    this.#context.emit({ type: "remark", text: escapeText(text, 2000), ...seen });
  }

  #nameCut(start: LogLine, offset: number): void {
    const finding = { ...RECORD_WITHOUT_END, frame: this.#frame, at: start.at, offset };
    this.#context.emit({ type: "finding", finding });
  }

  #nameLineEnds(start: LogLine, offset: number): void {
    if (this.#hasNamedLineEnds) return;
    this.#hasNamedLineEnds = true;
    const finding = { ...LINE_ENDS_CONVERTED, frame: this.#frame, at: start.at, offset };
    this.#context.emit({ type: "finding", finding });
  }
}

const STRIPPED = /<stripped data>|<<<stripped data>>>/;
const RECORD_WITHOUT_END = {
  id: "TRACE-record-without-end",
  severity: "warning",
  clause: "sipsimple trace log",
  message:
    "expected a record that ends with its message, the next one or the end of the log came first",
} as const;
const LINE_ENDS_CONVERTED = {
  id: "TRACE-line-ends-converted",
  severity: "note",
  clause: "sipsimple trace log",
  message:
    "line ends of this log were converted: CRLF was put back in header fields, bodies may be shorter than they were",
} as const;
