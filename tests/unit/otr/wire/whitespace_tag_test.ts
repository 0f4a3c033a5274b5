import { assertEquals } from "@std/assert";
import {
  readTaggedPlaintext,
  writeWhitespaceTag,
} from "../../../../lib/otr/wire/whitespace_tag.ts";

/** The octets of the specification, written out. */
const BASE = "\x20\x09\x20\x20\x09\x09\x09\x09\x20\x09\x20\x09\x20\x09\x20\x20";
const V1 = "\x20\x09\x20\x09\x20\x20\x09\x20";
const V2 = "\x20\x20\x09\x09\x20\x20\x09\x20";
const V3 = "\x20\x20\x09\x09\x20\x20\x09\x09";

Deno.test("writeWhitespaceTag() writes the octets of the specification", () => {
  assertEquals(writeWhitespaceTag(["1", "2", "3"]), BASE + V1 + V2 + V3);
});

Deno.test("readTaggedPlaintext() finds the tag anywhere and removes it", () => {
  const tag = BASE + V2 + V3;
  for (const [text, at] of [[`${tag}Hello`, 0], [`Hel${tag}lo`, 3], [`Hello${tag}`, 5]] as const) {
    assertEquals(readTaggedPlaintext(text), {
      type: "tagged-plaintext",
      text: "Hello",
      versions: ["2", "3"],
      tag,
      at,
    });
  }
});

Deno.test("readTaggedPlaintext() takes groups in any order and skips unknown ones", () => {
  const unknown = "\x20\x20\x09\x09\x20\x09\x20\x20"; // "4"
  const read = readTaggedPlaintext(BASE + V3 + unknown + V1 + V2 + V3);
  assertEquals(read?.versions, ["3", "4", "1", "2"]);
  assertEquals(read?.text, "");
});

Deno.test("readTaggedPlaintext() leaves blanks that are no group", () => {
  assertEquals(readTaggedPlaintext(`${BASE}${V2}        indented`)?.text, "        indented");
  assertEquals(readTaggedPlaintext(`${BASE}${V2} x`)?.text, " x");
  assertEquals(readTaggedPlaintext(`${BASE}`)?.versions, []);
});

Deno.test("readTaggedPlaintext() needs the whole base", () => {
  assertEquals(readTaggedPlaintext(BASE.slice(1) + V2), undefined);
  assertEquals(readTaggedPlaintext("Hello"), undefined);
});
