import { assertEquals } from "@std/assert";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { ChunkParser, type ChunkParserEvent } from "../../../lib/msrp/chunk_parser.ts";
import { everySplit } from "../../helpers/every_split.ts";
import { frame, sendFrame } from "../../helpers/msrp_peer.ts";

function shown(events: readonly ChunkParserEvent[]): string[] {
  return events.flatMap((event) => {
    switch (event.type) {
      case "chunk-start":
        return [`start@${event.offset}`];
      case "chunk-data":
        return [latin1(event.bytes)];
      case "chunk-end":
        return [`end@${event.offset} ${event.continuation}${event.bodyLength}`];
      case "parse-error":
        return [`${event.error.code}@${event.error.offset}`];
    }
  });
}

Deno.test("ChunkParser.feed() says where frames begin and end in the stream", () => {
  const [first, second] = [sendFrame("hello"), frame("200 OK")];
  const parser = new ChunkParser();
  const length = first.length + 2;
  assertEquals(shown(parser.feed(fromLatin1(`${first}\r\n${second}`))), [
    "start@0",
    "hello",
    `end@${first.length} $5`,
    `start@${length}`,
    `end@${length + second.length} $0`,
  ]);
  assertEquals(parser.end(), []);
});

Deno.test("ChunkParser.feed() hands a body on before its end has come", () => {
  const parser = new ChunkParser();
  const text = sendFrame("x".repeat(1_000));
  const cut = text.indexOf("xxx") + 900;
  const events = parser.feed(fromLatin1(text.slice(0, cut)));
  assertEquals(events.map((it) => it.type), ["chunk-start", "chunk-data"]);
});

Deno.test("ChunkParser.feed() needs the flag before it believes an end-line", () => {
  const parser = new ChunkParser();
  const text = sendFrame("a\r\n-------tid12345x\r\n-------tid12345");
  const events = [...text].flatMap((it) => parser.feed(fromLatin1(it)));
  const body = "a\r\n-------tid12345x\r\n-------tid12345";
  assertEquals(shown(events).join(""), `start@0${body}end@${text.length} $${body.length}`);
});

Deno.test("ChunkParser is silent after a fault, and after the end", () => {
  const parser = new ChunkParser();
  assertEquals(shown(parser.feed(fromLatin1("junk"))), ["msrp/bad-start-line@0"]);
  assertEquals(parser.feed(fromLatin1(frame("SEND"))), []);
  assertEquals(parser.end(), []);
  const ended = new ChunkParser();
  assertEquals(ended.end(), []);
  assertEquals(ended.feed(fromLatin1(frame("SEND"))), []);
});

Deno.test("ChunkParser.end() reports a frame that was cut, whatever was missing", () => {
  const text = sendFrame("hello");
  for (let length = 1; length < text.length; length++) {
    const parser = new ChunkParser();
    const events = [...parser.feed(fromLatin1(text.slice(0, length))), ...parser.end()];
    assertEquals(shown(events).at(-1), `msrp/truncated@${length}`);
  }
});

Deno.test("ChunkParser resynchronizes at the next line that begins a frame, by option", () => {
  const good = sendFrame("hello");
  const junk = "GET / HTTP/1.1\r\nX: MSRP no\r\n\r\n";
  const cases = [
    `${junk}${good}`,
    `MSRP x SEND\r\n${good}`,
    `MSRP abcd SEND\r\n${"X".repeat(200)}\r\n${good}`,
    `MSRP ${"x".repeat(300)}\r\n${good}`,
    `\r\r\r${good}`.replace("\r\r\r", "\r\r\n"),
  ];
  for (const text of cases) {
    for (const { label, pieces } of everySplit(fromLatin1(text))) {
      const parser = new ChunkParser({ resynchronize: true, limits: { lineLength: 100 } });
      const events = [...pieces.flatMap((it) => parser.feed(it)), ...parser.end()];
      const types = events.map((it) => it.type);
      assertEquals(types[0], "parse-error", label);
      assertEquals(types.filter((it) => it !== "chunk-data").slice(-2), [
        "chunk-start",
        "chunk-end",
      ], `${label} of ${text.slice(0, 20)}`);
      const starts = events.flatMap((it) => it.type === "chunk-start" ? [it.offset] : []);
      assertEquals(starts.at(-1), text.length - good.length);
    }
  }
});
