import { assertEquals, assertNotEquals } from "@std/assert";
import { comparableNickname } from "../../../lib/lab/nickname_rules.ts";

Deno.test("comparableNickname() makes one of what looks the same to RFC 7700", () => {
  const forms: readonly (readonly string[])[] = [
    ["Foo", "foo", "FOO", " foo ", "\u3000foo"],
    ["Swan  of   Avon", "swan of\u00a0avon"],
    ["\u212bngstr\u00f6m", "\u00e5ngstro\u0308m"],
    ["\u{1d538}lice", "alice"],
    ["Richard \u2163", "richard iv"],
  ];
  for (const [first = "", ...others] of forms) {
    for (const other of others) assertEquals(comparableNickname(other), comparableNickname(first));
  }
});

Deno.test("comparableNickname() keeps apart what only looks alike to people", () => {
  assertNotEquals(comparableNickname("BOY"), comparableNickname("B0Y"));
  assertNotEquals(comparableNickname("alice"), comparableNickname("\u0430lice"));
});

Deno.test("comparableNickname() leaves nothing of what nobody could see or type", () => {
  for (const bad of ["", "   ", "\u3000", "a\tb", "a\u0000", "\u200b", "\u202eevil", "\ud800"]) {
    assertEquals(comparableNickname(bad), "", JSON.stringify(bad));
  }
});
