import { assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { concatBytes, utf8 } from "../../../lib/base/bytes.ts";
import { TraceInput } from "../../../lib/trace/trace_input.ts";
import { pcapFile, sectionHeader, sendFrame } from "../../helpers/capture_files.ts";
import { everySplit } from "../../helpers/every_split.ts";

Deno.test("TraceInput reads every format, whatever the split", () => {
  const inputs: Record<string, Uint8Array> = {
    "pcap": pcapFile([]),
    "pcapng": sectionHeader(),
    "raw-msrp": sendFrame("abcd1234", "hello"),
    "log": utf8(
      "2026-02-03 10:11:12: 1.2.3.4:5 --> 1.2.3.4:6\nMSRP abcd 200 OK\r\n-------abcd$\r\n\n",
    ),
    "jsonl": utf8('{"v":1,"type":"trace"}\n'),
  };
  for (const [format, bytes] of Object.entries(inputs)) {
    const whole = new TraceInput();
    const wanted = octetsOf([...whole.feed(bytes), ...whole.end()]);
    for (const { label, pieces } of everySplit(bytes)) {
      const input = new TraceInput();
      const arrivals = [...pieces.flatMap((it) => input.feed(it)), ...input.end()];
      assertEquals(input.format, format, `${format} ${label}`);
      assertEquals(octetsOf(arrivals), wanted, `${format} ${label}`);
    }
  }
});

function octetsOf(arrivals: readonly { readonly type: string; readonly data?: Uint8Array }[]) {
  return concatBytes(...arrivals.map((it) => it.data ?? new Uint8Array()));
}

Deno.test("TraceInput takes an empty input, and one of white space, for nothing", () => {
  for (const text of ["", "\n", "  \r\n\t\n"]) {
    const input = new TraceInput();
    assertEquals([...input.feed(utf8(text)), ...input.end()], []);
    assertEquals(input.format, undefined);
  }
});

Deno.test("TraceInput throws trace/unknown-format for what nobody knows", () => {
  const short = new TraceInput();
  short.feed(utf8("?"));
  const error = assertThrows(() => short.end(), SottoError);
  assertEquals(error.code, "trace/unknown-format");
  assertThrows(() => new TraceInput().feed(new Uint8Array(70_000).fill(1)), SottoError);
});
