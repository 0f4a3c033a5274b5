import { assertEquals } from "@std/assert";
import { concatBytes } from "../../../../lib/base/bytes.ts";
import { jsonText, toJsonLine } from "../../../../lib/trace/render/json_lines.ts";
import { responseFrame, sendFrame } from "../../../helpers/capture_files.ts";
import { chunkObject, explain, messageObject, sipObject } from "../../../helpers/trace_objects.ts";

function parse(line: string | undefined): Record<string, unknown> {
  return JSON.parse(line ?? "null");
}

Deno.test("toJsonLine() has the contract's fields for a chunk", () => {
  const request = parse(toJsonLine(chunkObject({ byteRange: "1-5/5" })));
  const wanted = {
    v: 1,
    type: "chunk",
    frame: 1,
    at: "1970-01-01T00:00:01.000000Z",
    src: "192.0.2.1:40000",
    dst: "192.0.2.2:2855",
    transactionId: "abcd",
    method: "SEND",
    messageId: "m1",
    byteRange: "1-5/5",
    flag: "$",
  };
  for (const [name, value] of Object.entries(wanted)) assertEquals(request[name], value, name);
  assertEquals("status" in request || "truncated" in request, false);
  const response = parse(
    toJsonLine(chunkObject({ method: undefined, status: 200, comment: "OK" })),
  );
  assertEquals([response["status"], "method" in response], [200, false]);
});

Deno.test("toJsonLine() writes null for a time or an address that nobody knows", () => {
  const line = parse(toJsonLine(chunkObject({ at: undefined, src: undefined, dst: undefined })));
  assertEquals([line["at"], line["src"], line["dst"]], [null, null, null]);
});

Deno.test("toJsonLine() writes a message once, with what became of it", () => {
  const octets = concatBytes(sendFrame("aaaa", "hello"), responseFrame("aaaa"));
  const lines = explain(octets).map((it) => toJsonLine(it)).filter((it) => it !== undefined);
  const messages = lines.map(parse).filter((it) => it["type"] === "message");
  assertEquals(messages.length, 1);
  const [message] = messages;
  assertEquals(
    [message?.["body"], message?.["delivery"], message?.["code"], message?.["complete"]],
    ["hello", "accepted", 200, true],
  );
});

Deno.test("toJsonLine() writes what is no text as base64, and page mode at once", () => {
  const message = messageObject({ text: undefined, body: Uint8Array.of(0xff), via: "sip" });
  const line = parse(toJsonLine(message));
  assertEquals([line["bodyBase64"], "body" in line], ["/w==", false]);
  assertEquals(toJsonLine(messageObject()), undefined);
});

Deno.test("toJsonLine() names the input where there are several", () => {
  assertEquals(parse(toJsonLine(sipObject(), "a.pcap"))["input"], "a.pcap");
  assertEquals("input" in parse(toJsonLine(sipObject())), false);
});

Deno.test("toJsonLine() writes findings, remarks and SIP", () => {
  const finding = {
    type: "finding",
    id: "X",
    severity: "note",
    clause: "c",
    message: "m",
  } as const;
  const line = parse(toJsonLine({ ...finding, offset: 7, frame: 3, at: 0 }));
  assertEquals([line["id"], line["offset"], line["frame"]], ["X", 7, 3]);
  const nowhere = { frame: 1, at: undefined, src: undefined, dst: undefined };
  assertEquals(parse(toJsonLine({ type: "remark", ...nowhere, text: "t" }))["text"], "t");
  assertEquals(parse(toJsonLine(sipObject({ isFocus: true })))["focus"], true);
});

Deno.test("jsonText() lets no character through that a terminal would obey or hide", () => {
  const hostile = "\x1b[31m\x9b31m\u202e\u2066\u200b\u2028\ufeff\u{e0041}\n\r\u0007";
  const text = jsonText({ hostile });
  assertEquals(/[^\u0020-\u007e]/.test(text), false, text);
  assertEquals(JSON.parse(text), { hostile });
  assertEquals(jsonText("é😀"), '"é😀"');
});
