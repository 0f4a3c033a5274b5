import { assertEquals } from "@std/assert";
import { escapeLines, escapeText } from "../../../lib/base/escape.ts";

Deno.test("escapeText() lets no control of the terminal through", () => {
  assertEquals(escapeText("\u001b[2J\u009b1m\u0007\b"), "\\x1b[2J\\x9b1m\\x07\\x08");
  assertEquals(escapeText("a\r\nb\tc\0"), "a\\r\\nb\\tc\\x00");
});

Deno.test("escapeText() shows what reorders, hides or breaks lines", () => {
  assertEquals(escapeText("\u202eexe.txt\u2066"), "\\u202eexe.txt\\u2066");
  assertEquals(escapeText("a\u200bb\u00ad\ufeff\u2028"), "a\\u200bb\\xad\\ufeff\\u2028");
  assertEquals(escapeText("\u{e0041}"), "\\u{e0041}");
});

Deno.test("escapeText() shows lone surrogates and lets pairs be", () => {
  assertEquals(escapeText("\ud83d"), "\\ud83d");
  assertEquals(escapeText("\udc00x"), "\\udc00x");
  assertEquals(escapeText("grüße 🔒"), "grüße 🔒");
});

Deno.test("escapeText() is unambiguous: a backslash is two", () => {
  assertEquals(escapeText("\\n"), "\\\\n");
});

Deno.test("escapeText() cuts at its limit and says so", () => {
  assertEquals(escapeText("abcdef", 3), "abc…");
  assertEquals(escapeText("abc", 3), "abc");
});

Deno.test("escapeLines() keeps line feeds and tabs of a message, and nothing else", () => {
  assertEquals(escapeLines("a\r\nb\tc\rd\u001b"), "a\nb\tc\\rd\\x1b");
});
