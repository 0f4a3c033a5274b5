import { assertEquals, assertThrows } from "@std/assert";
import { latin1 } from "../../../lib/base/ascii.ts";
import { fromHex, toHex } from "../../../lib/base/bytes.ts";
import {
  type WebSocketEvent,
  WebSocketReader,
  writeWebSocketFrame,
} from "../../../lib/transport/websocket_frames.ts";
import { everySplit } from "../../helpers/every_split.ts";

/** Events in short, the pieces of a message joined. */
function read(pieces: readonly Uint8Array[], limit?: number): string[] {
  const reader = new WebSocketReader(limit);
  const short: string[] = [];
  let text = "";
  for (const event of pieces.flatMap((it): WebSocketEvent[] => reader.feed(it))) {
    if (event.type === "data") text += latin1(event.bytes);
    else if (event.type === "message-end") {
      short.push(`message ${text}`);
      text = "";
    } else if (event.type === "ping") short.push(`ping ${latin1(event.bytes)}`);
    else if (event.type === "close") short.push(`close ${event.code}`);
    else if (event.type === "error") short.push(event.error.rule);
    else short.push(event.type);
  }
  return short;
}

Deno.test("WebSocketReader reads the examples of RFC 6455 §5.7, however they are cut", () => {
  const examples: [string, string[]][] = [
    ["810548656c6c6f", ["message Hello"]],
    ["010348656c80026c6f", ["message Hello"]],
    ["890548656c6c6f", ["ping Hello"]],
    ["8a0548656c6c6f", ["pong"]],
    [`827e0100${"61".repeat(256)}`, [`message ${"a".repeat(256)}`]],
    [`827f0000000000010000${"61".repeat(65_536)}`, [`message ${"a".repeat(65_536)}`]],
  ];
  for (const [hex, wanted] of examples.slice(0, 5)) {
    for (const { label, pieces } of everySplit(fromHex(hex))) {
      assertEquals(read(pieces), wanted, label);
    }
  }
  assertEquals(read([fromHex(examples[5]?.[0] ?? "")]), examples[5]?.[1]);
  assertEquals(read([fromHex("010348656c890080026c6f")]), ["ping ", "message Hello"]);
});

Deno.test("WebSocketReader ends at a close, with its code, and believes nothing after it", () => {
  assertEquals(read([fromHex("880203e8810141")]), ["close 1000"]);
  assertEquals(read([fromHex("8800")]), ["close 1005"]);
});

Deno.test("WebSocketReader names the rule that a server breaks", () => {
  const faults: [string, string][] = [
    ["c10141", "RFC 6455 §5.2"], // a reserved bit
    ["8181000000004100", "RFC 6455 §5.1"], // masked by a server
    ["830141", "RFC 6455 §5.2"], // an unknown opcode
    ["8b00", "RFC 6455 §5.2"], // an unknown control opcode
    ["0900", "RFC 6455 §5.5"], // a control frame in pieces
    ["897e0080", "RFC 6455 §5.5"], // a long one
    ["800141", "RFC 6455 §5.4"], // a continuation of nothing
    ["0101418101", "RFC 6455 §5.4"], // a message inside a message
    ["827fffffffffffffffff", "RFC 6455 §5.2"], // 16 EiB
    ["82060000", "RFC 6455 §10.4"], // above the limit
    ["0203414141000341", "RFC 6455 §10.4"], // above it in two frames
  ];
  for (const [hex, rule] of faults) {
    for (const { label, pieces } of everySplit(fromHex(hex))) {
      assertEquals(read(pieces, 5).at(-1), rule, `${hex} ${label}`);
    }
  }
});

Deno.test("writeWebSocketFrame() masks, and writes lengths in their shortest form", () => {
  // §5.7 has this one, as text.
  const mask = fromHex("37fa213d");
  const hello = new TextEncoder().encode("Hello");
  assertEquals(toHex(writeWebSocketFrame("binary", hello, mask)), "828537fa213d7f9f4d5158");
  const head = (length: number): string =>
    toHex(writeWebSocketFrame("binary", new Uint8Array(length), mask).subarray(0, 10));
  assertEquals(head(125).slice(0, 4), "82fd");
  assertEquals(head(126).slice(0, 8), "82fe007e");
  assertEquals(head(65_535).slice(0, 8), "82feffff");
  assertEquals(head(65_536), "82ff0000000000010000");
  assertEquals(
    toHex(writeWebSocketFrame("close", fromHex("03e8"), new Uint8Array(4))),
    "88820000000003e8",
  );
  assertThrows(() => writeWebSocketFrame("ping", new Uint8Array(126), mask), RangeError);
});
