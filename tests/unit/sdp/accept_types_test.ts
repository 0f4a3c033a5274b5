import { assertEquals } from "@std/assert";
import { acceptsType, bareType, parseAcceptTypes } from "../../../lib/sdp/accept_types.ts";

Deno.test("parseAcceptTypes() splits at spaces outside quotes", () => {
  assertEquals(parseAcceptTypes("message/cpim text/* *"), ["message/cpim", "text/*", "*"]);
  assertEquals(parseAcceptTypes(' a/b;x="1 2" \t c/d '), ['a/b;x="1 2"', "c/d"]);
  assertEquals(parseAcceptTypes('a/b;x="\\" y" c/d'), ['a/b;x="\\" y"', "c/d"]);
  assertEquals(parseAcceptTypes('a/b;x="open c/d'), ['a/b;x="open', "c/d"]);
  assertEquals(parseAcceptTypes(""), []);
});

Deno.test("acceptsType() matches names, families and everything", () => {
  const cases: [string, string, boolean][] = [
    ["text/plain", "text/plain", true],
    ["TEXT/Plain", "text/PLAIN", true],
    ["text/plain", "text/html", false],
    ["text/*", "text/html", true],
    ["text/*", "image/png", false],
    ["*", "image/png", true],
    ["text/plain;charset=utf-8", "text/plain", true],
    ["text/plain", 'text/plain; charset="utf8"', true],
    ["text/plain", "text/plainer", false],
    ["", "text/plain", false],
  ];
  for (const [entries, type, expected] of cases) {
    assertEquals([entries, type, acceptsType(entries.split(" "), type)], [entries, type, expected]);
  }
});

Deno.test("bareType() drops parameters and case", () => {
  assertEquals(bareType(' Text/HTML ;charset="a;b"'), "text/html");
});
