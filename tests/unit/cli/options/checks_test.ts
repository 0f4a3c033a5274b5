import { assertEquals, assertThrows } from "@std/assert";
import {
  addressOfRecord,
  choice,
  positiveInteger,
  relayText,
  serverUri,
  size,
} from "../../../../cli/options/checks.ts";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { writeUri } from "../../../../lib/sip/mod.ts";

Deno.test("choice() and positiveInteger() leave alone what was not said", () => {
  assertEquals(choice("--x", undefined, ["a"]), undefined);
  assertEquals(choice("--x", "a", ["a"]), "a");
  assertEquals(positiveInteger("--n", undefined), undefined);
  assertEquals(positiveInteger("--n", "17"), 17);
});

Deno.test("size() counts in powers of 1024, and says what it expects", () => {
  const read = (text: string) => size("--receive-max", text);
  assertEquals(
    [read("500"), read("64k"), read("10M"), read("4GiB"), read("1tb"), read("7b")],
    [500, 65_536, 10 * 2 ** 20, 2 ** 32, 2 ** 40, 7],
  );
  assertEquals(size("--receive-max", undefined), undefined);
  for (const text of ["", "0", "-1", "1.5M", "M", "10X", "999999999999T", "1 M"]) {
    const error = assertThrows(() => read(text), CliError, "--receive-max");
    assertEquals(error.status, 2);
  }
});

Deno.test("serverUri() takes a URI, or the name of a server", () => {
  for (
    const [text, uri] of [
      ["sip:p.example.com;transport=tls", "sip:p.example.com;transport=tls"],
      ["sips:p.example.com", "sips:p.example.com"],
      ["p.example.com:5070", "sip:p.example.com:5070"],
      ["[2001:db8::1]:5070;lr", "sip:[2001:db8::1]:5070;lr"],
    ] as const
  ) assertEquals(writeUri(serverUri("--proxy", text)), uri);
});

Deno.test("relayText() and addressOfRecord() read what they mean", () => {
  assertEquals(["auto", "none", "r:1", "a b:2"].map((it) => relayText("--relay", it)), [
    "auto",
    "none",
    "r:1",
    "a b:2",
  ]);
  assertEquals(addressOfRecord("<address>", "sip:Al@EXAMPLE.com:5060"), "Al@example.com");
});

Deno.test("every check refuses nonsense with status 2, by the flag's name", () => {
  for (
    const [act, words] of [
      [() => choice("--x", "b", ["a", "c"]), '--x: expected one of a, c, not "b"'],
      [() => positiveInteger("--n", "0"), "--n: expected a whole number above zero"],
      [() => positiveInteger("--n", "1e3"), "--n: expected"],
      [() => serverUri("--proxy", "sip:"), "--proxy: expected the URI of a server"],
      [() => serverUri("--proxy", "a b"), "--proxy: expected the URI of a server"],
      [() => serverUri("--proxy", ""), "--proxy: expected the URI of a server"],
      [() => relayText("--relay", "msrps://r"), "--relay: expected HOST[:PORT], auto or none"],
      [() => addressOfRecord("<address>", "example.com"), "<address>: expected user@domain"],
    ] as const
  ) assertEquals(assertThrows(act, CliError, words).status, 2, words);
});
