import { assertEquals } from "@std/assert";
import { ascii } from "../../../lib/base/ascii.ts";
import { indexOfBytes } from "../../../lib/base/bytes.ts";
import { endLineFlag, flagOf, indexOfEndLine } from "../../../lib/msrp/end_line.ts";

const MARKER = ascii("\r\n-------abcd");

Deno.test("indexOfEndLine() finds the end-line at every place, among hyphens too", () => {
  const end = ascii("\r\n-------abcd$\r\n");
  for (const filling of [0x2d, 0x0d, 0x61]) {
    for (let length = 0; length < 40; length++) {
      for (let after = 0; after < 10; after++) {
        const view = new Uint8Array(length + end.length + after).fill(filling);
        view.set(end, length);
        assertEquals(indexOfEndLine(view, MARKER), indexOfBytes(view, end), `${filling} ${length}`);
      }
    }
  }
});

Deno.test("indexOfEndLine() wants the flag and the CRLF, and finds the first", () => {
  for (
    const text of [
      "\r\n-------abcd",
      "\r\n-------abcd$",
      "\r\n-------abcd$\r",
      "\r\n-------abcd!\r\n",
    ]
  ) {
    assertEquals(indexOfEndLine(ascii(text), MARKER), -1);
  }
  assertEquals(indexOfEndLine(ascii("x\r\n-------abcd+\r\n\r\n-------abcd$\r\n"), MARKER), 1);
  assertEquals(indexOfEndLine(new Uint8Array(), MARKER), -1);
});

Deno.test("endLineFlag() and flagOf() know the three flags", () => {
  assertEquals(endLineFlag("-------abcd#", "-------abcd"), "#");
  for (const line of ["-------abcd", "-------abcd!", "-------abcd$ ", "-------abce$"]) {
    assertEquals(endLineFlag(line, "-------abcd"), undefined);
  }
  assertEquals([..."$+#!"].map((it) => flagOf(it.charCodeAt(0))), ["$", "+", "#", undefined]);
  assertEquals(flagOf(undefined), undefined);
});
