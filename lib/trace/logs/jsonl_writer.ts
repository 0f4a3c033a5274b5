/**
 * sotto's own text trace: one JSON object a line and a wire record, after a first line that
 * says what the file is. Read back by `jsonl_reader.ts`; the format is in docs/cli/msrp_dump.md.
 */
import { decodeUtf8, utf8 } from "../../base/bytes.ts";
import type { HostPort, WireRecord } from "../../base/wire_tap.ts";
import type { TraceWriter, TraceWriterOptions } from "../trace_writer.ts";
import { formatInstant } from "../instant_text.ts";

/** Wire records → JSON Lines. */
export class JsonlWriter implements TraceWriter {
  readonly #application: string;

  /** @param options What the file says about its writer. */
  constructor(options: TraceWriterOptions = {}) {
    this.#application = options.application ?? "sotto";
  }

  /** The line that names the format. */
  start(): Uint8Array {
    return line({ v: 1, type: "trace", format: "sotto-wire", application: this.#application });
  }

  /** One line: octets that are UTF-8 as `text`, others as `base64`. */
  record(record: WireRecord): Uint8Array {
    const text = decodeUtf8(record.data);
    return line({
      v: 1,
      at: formatInstant(record.at, 6),
      type: "wire",
      direction: record.direction,
      protocol: record.protocol,
      transport: record.transport,
      local: hostPort(record.local),
      remote: hostPort(record.remote),
      ...(text === undefined ? { base64: record.data.toBase64() } : { text }),
    });
  }

  /** Nothing. */
  end(): Uint8Array {
    return new Uint8Array();
  }
}

function hostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function line(value: object): Uint8Array {
  return utf8(`${JSON.stringify(value)}\n`);
}
