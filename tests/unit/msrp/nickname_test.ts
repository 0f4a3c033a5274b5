import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { LONGEST_NICKNAME, parseNickname, writeNickname } from "../../../lib/msrp/nickname.ts";

Deno.test("parseNickname() reads quoted strings, and Blink's without quotes", () => {
  assertEquals(parseNickname('"Alice the great"'), "Alice the great");
  assertEquals(parseNickname('"a \\"b\\" \\\\ c"'), 'a "b" \\ c');
  assertEquals(parseNickname('"Zoë 🚪"'), "Zoë 🚪");
  assertEquals(parseNickname('""'), "", "gives the nickname up");
  assertEquals(parseNickname("Alice the great"), "Alice the great");
  assertEquals(parseNickname('half "quoted" \\ within'), 'half "quoted" \\ within');
});

Deno.test("parseNickname() refuses what is neither", () => {
  for (
    const bad of ["", '"', '"open', '"a" b', '"a"b"', '"\\n"', '"end\\"', '"\u0001"', "a\u007fb"]
  ) {
    const error = assertThrows(() => parseNickname(bad), PeerError);
    assertEquals(error.code, "msrp/bad-nickname", bad);
  }
});

Deno.test("parseNickname() and writeNickname() count octets, not characters", () => {
  const longest = "é".repeat((LONGEST_NICKNAME - 1) / 2) + "e";
  assertEquals(parseNickname(writeNickname(longest)), longest);
  assertThrows(() => parseNickname(`"${longest}e"`), PeerError);
  assertThrows(() => parseNickname(`${longest}e`), PeerError);
  assertThrows(() => writeNickname(`${longest}e`), RangeError);
});

Deno.test("writeNickname() quotes, and refuses what cannot be written", () => {
  assertEquals(writeNickname('a "b" \\ c'), '"a \\"b\\" \\\\ c"');
  assertEquals(writeNickname(""), '""');
  for (const bad of ["two\r\nlines", "\u0000", "\u007f"]) {
    assertThrows(() => writeNickname(bad), RangeError, "control characters");
  }
});
