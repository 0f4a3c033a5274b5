import { assertEquals } from "@std/assert";
import { parseAnsi } from "../../../../tools/picture/ansi_text.ts";

Deno.test("parseAnsi() keeps a style until it changes, across lines", () => {
  assertEquals(parseAnsi("a\u001b[1;31mb\nc\u001b[22md\u001b[0me\n\n"), [
    [{ text: "a", style: {} }, { text: "b", style: { bold: true, color: "#f2777a" } }],
    [
      { text: "c", style: { bold: true, color: "#f2777a" } },
      { text: "d", style: { color: "#f2777a" } },
      { text: "e", style: {} },
    ],
  ]);
});

Deno.test("parseAnsi() knows indexed and direct colours", () => {
  const [line] = parseAnsi(
    "\u001b[38;5;208ma\u001b[48;2;1;2;3mb\u001b[38;5;244;49mc\u001b[92;103md",
  );
  assertEquals(line?.map((it) => it.style), [
    { color: "rgb(255,135,0)" },
    { color: "rgb(255,135,0)", background: "rgb(1,2,3)" },
    { color: "rgb(128,128,128)" },
    { color: "#a3e7a3", background: "#ffc56b" },
  ]);
});

Deno.test("parseAnsi() drops what is no text: cursor movements, titles, overwritten progress", () => {
  assertEquals(parseAnsi("10 %\r100 %\u001b[K\u001b]0;title\u0007!\u0008"), [
    [{ text: "100 %", style: {} }, { text: "!", style: {} }],
  ]);
});
