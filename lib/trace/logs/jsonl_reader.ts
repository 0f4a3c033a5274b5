/** Reads what `jsonl_writer.ts` wrote: one wire record a line. Other objects are passed over. */
import type { Reading } from "../../base/byte_reader.ts";
import { decodeUtf8Lossy, utf8 } from "../../base/bytes.ts";
import type { HostPort } from "../../base/wire_tap.ts";
import type { Arrival, TraceReader } from "../arrival.ts";
import { parseInstant } from "../instant_text.ts";
import { ConnectionNumbers } from "./connection_numbers.ts";
import { type ReadingContext, ResumableReader } from "../resumable_reader.ts";

/** Bounds of {@link JsonlReader}. */
export interface JsonlLimits {
  /** Most octets of a line. Default 16 MiB; a longer one is left out. */
  readonly lineSize?: number;
}

/** JSON Lines in pieces → arrivals. Memory: one line. */
export class JsonlReader implements TraceReader {
  readonly #reading: ResumableReader<Arrival>;

  /** @param limits See {@link JsonlLimits}. */
  constructor({ lineSize = 16 * 1024 * 1024 }: JsonlLimits = {}) {
    this.#reading = new ResumableReader((context) => readLines(context, lineSize));
  }

  /** Takes octets and returns the records they completed. */
  feed(bytes: Uint8Array): Arrival[] {
    return this.#reading.feed(bytes);
  }

  /** The file has ended; a last line without its end is read all the same. */
  end(): Arrival[] {
    return this.#reading.end();
  }
}

function* readLines(
  { reader, input, emit }: ReadingContext<Arrival>,
  lineSize: number,
): Reading<void> {
  const connections = new ConnectionNumbers();
  let frame = 0;
  let isTooLong = false;
  for (let from = 0;;) {
    const view = reader.peek();
    const end = view.indexOf(0x0a, from);
    if (end < 0 && !input.isEnded) {
      from = view.length;
      if (view.length > lineSize) {
        isTooLong = true;
        reader.skip(view.length);
        from = 0;
      }
      yield;
      continue;
    }
    if (end < 0 && view.length === 0) return;
    const offset = reader.offset;
    const line = reader.take(end < 0 ? view.length : end);
    reader.skip(1);
    from = 0;
    const record = isTooLong ? undefined : readRecord(line);
    isTooLong = false;
    if (record === "other") continue;
    frame++;
    if (record === undefined) emit({ type: "finding", finding: { ...BAD_LINE, frame, offset } });
    else emit(toArrival(record, frame, connections));
  }
}

interface Record {
  readonly at: number | undefined;
  readonly src: HostPort;
  readonly dst: HostPort;
  readonly protocol: "sip" | "msrp";
  readonly transport: "udp" | "tcp" | "tls";
  readonly data: Uint8Array;
}

/** `"other"`: a line that is fine and no wire record; `undefined`: one that is not fine. */
function readRecord(line: Uint8Array): Record | "other" | undefined {
  let value: unknown;
  try {
    const text = decodeUtf8Lossy(line).trim();
    if (text === "") return "other";
    value = JSON.parse(text);
  } catch {
    return undefined; // No JSON: the caller names the line.
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  if (fields.get("type") !== "wire") {
    return typeof fields.get("type") === "string" ? "other" : undefined;
  }
  const local = parseHostPort(fields.get("local"));
  const remote = parseHostPort(fields.get("remote"));
  const data = dataOf(fields);
  const protocol = fields.get("protocol") === "sip" ? "sip" : "msrp";
  const transport = fields.get("transport");
  if (local === undefined || remote === undefined || data === undefined) return undefined;
  const isOut = fields.get("direction") !== "in";
  return {
    at: parseInstant(String(fields.get("at") ?? "")),
    src: isOut ? local : remote,
    dst: isOut ? remote : local,
    protocol,
    transport: transport === "udp" || transport === "tls" ? transport : "tcp",
    data,
  };
}

function toArrival(record: Record, frame: number, connections: ConnectionNumbers): Arrival {
  const { at, src, dst, data, protocol, transport } = record;
  if (transport === "udp") return { type: "datagram", frame, at, src, dst, data };
  const key = [`${src.host} ${src.port}`, `${dst.host} ${dst.port}`].sort().join(" ");
  const connection = connections.numberOf(key);
  return { type: "octets", frame, at, src, dst, connection, data, protocol, transport };
}

function parseHostPort(value: unknown): HostPort | undefined {
  const match = typeof value === "string" ? /^(.*):(\d{1,5})$/.exec(value) : null;
  if (match === null) return undefined;
  const [, host = "", port] = match;
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}

function dataOf(fields: ReadonlyMap<string, unknown>): Uint8Array | undefined {
  const text = fields.get("text");
  if (typeof text === "string") return utf8(text);
  const base64 = fields.get("base64");
  if (typeof base64 !== "string") return undefined;
  try {
    return Uint8Array.fromBase64(base64);
  } catch {
    return undefined; // Not base64: the caller names the line.
  }
}

const BAD_LINE = {
  id: "TRACE-bad-line",
  severity: "warning",
  clause: "sotto trace",
  message: "expected a JSON object with the fields of a wire record",
} as const;
