import { assert, assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  charsetOf,
  contentTypeName,
  contentTypeParameter,
  decodeText,
  parseContentType,
  TEXT_PLAIN,
  writeContentType,
} from "../../../lib/im/content_type.ts";

Deno.test("parseContentType() reads types, parameters, quoted values and comments", () => {
  const cases: [string, string, [string, string][]][] = [
    ["text/plain", "text/plain", []],
    [" TEXT / Html ", "text/html", []],
    ['text/html; charset="utf8"', "text/html", [["charset", "utf8"]]],
    ["text/plain;Charset=UTF-8;format=flowed", "text/plain", [
      ["charset", "UTF-8"],
      ["format", "flowed"],
    ]],
    ['multipart/mixed; boundary="a\\"b; c/(d)"', "multipart/mixed", [["boundary", 'a"b; c/(d)']]],
    ["text/plain; charset=us-ascii (Plain text)", "text/plain", [["charset", "us-ascii"]]],
    ["text/plain;", "text/plain", []],
    ["text/plain; ; a=b;", "text/plain", [["a", "b"]]],
    ['text/plain; a=""', "text/plain", [["a", ""]]],
    ["application/im-iscomposing+xml", "application/im-iscomposing+xml", []],
  ];
  for (const [text, name, parameters] of cases) {
    const read = parseContentType(text);
    assertEquals(contentTypeName(read), name);
    assertEquals(read.parameters.map((it) => [it.name, it.value]), parameters as string[][]);
  }
});

Deno.test("parseContentType() refuses what is no type", () => {
  const bad = [
    "",
    "text",
    "text/",
    "/plain",
    "te xt/plain",
    "text/plain x",
    "text/plain; a",
    "text/plain; =b",
    'text/plain; a="open',
    "text/plain, text/html",
    "a/b;c=d e",
  ];
  for (const text of bad) {
    const error = assertThrows(() => parseContentType(text), PeerError);
    assertEquals([text, error.code], [text, "im/bad-content-type"] as never);
  }
});

Deno.test("parseContentType() keeps its limits, each at its very edge", () => {
  parseContentType("a/b;c=d", { length: 7, parameters: 1 });
  assertThrows(() => parseContentType("a/b;c=d", { length: 6 }), PeerError);
  assertThrows(() => parseContentType("a/b;c=d;e=f", { parameters: 1 }), PeerError);
});

Deno.test("parseContentType() escapes what it quotes", () => {
  const { message } = assertThrows(() => parseContentType("\u001b[2J"), PeerError);
  assert(!message.includes("\u001b"));
});

Deno.test("writeContentType() quotes where it must, and refuses what could not be read back", () => {
  const written = writeContentType({
    type: "text",
    subtype: "plain",
    parameters: [{ name: "charset", value: "utf-8" }, { name: "x", value: 'a "b" \\' }, {
      name: "y",
      value: "",
    }],
  });
  assertEquals(written, 'text/plain;charset=utf-8;x="a \\"b\\" \\\\";y=""');
  assertEquals(writeContentType(parseContentType(written)), written);
  assertThrows(() => writeContentType({ ...TEXT_PLAIN, type: "te xt" }), TypeError);
  assertThrows(
    () => writeContentType({ ...TEXT_PLAIN, parameters: [{ name: "a", value: "b\r\nc" }] }),
    TypeError,
  );
  assertThrows(
    () => writeContentType({ ...TEXT_PLAIN, parameters: [{ name: "a b", value: "" }] }),
    TypeError,
  );
});

Deno.test("contentTypeParameter() finds a parameter by its lower-case name", () => {
  const type = parseContentType("text/plain;Charset=x;charset=y");
  assertEquals(contentTypeParameter(type, "charset"), "x");
  assertEquals(contentTypeParameter(type, "format"), undefined);
});

Deno.test("charsetOf() takes utf8, us-ascii and nothing at all for utf-8", () => {
  const charset = (text: string): string => charsetOf(parseContentType(text));
  for (const it of ["", ';charset="utf8"', ";charset=UTF-8", ";charset=us-ascii"]) {
    assertEquals(charset(`text/plain${it}`), "utf-8");
  }
  assertEquals(charset("text/plain;charset=ISO-8859-1"), "iso-8859-1");
});

Deno.test("decodeText() knows UTF-8 and ISO 8859-1, and never fails", () => {
  const text = (type: string, bytes: Uint8Array): string =>
    decodeText(parseContentType(type), bytes);
  assertEquals(text("text/plain", utf8("Grüße")), "Grüße");
  assertEquals(text("text/plain;charset=iso-8859-1", Uint8Array.of(0xfc)), "ü");
  assertEquals(text("text/plain;charset=koi8-r", Uint8Array.of(0x61, 0xff)), "a\ufffd");
});
