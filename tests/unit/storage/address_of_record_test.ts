import { assertEquals, assertNotEquals } from "@std/assert";
import { canonicalAor, skeletonOf } from "../../../lib/storage/address_of_record.ts";

Deno.test("canonicalAor() leaves out what is no part of an address", () => {
  for (
    const spelling of [
      "bob@example.com",
      "sip:bob@example.com",
      "SIPS:bob@EXAMPLE.com",
      "sip:bob:secret@example.com:5070;transport=tcp?subject=x",
      "  bob@example.com ",
      "sip:%62o%62@example.com",
    ]
  ) assertEquals(canonicalAor(spelling), "bob@example.com", spelling);
});

Deno.test("canonicalAor() compares the user octet by octet", () => {
  assertEquals(canonicalAor("Bob@example.com"), "Bob@example.com");
  // Reserved characters keep their escapes: a%2Fb and a/b are two users (RFC 3261 §19.1.4).
  assertEquals(canonicalAor("a%2fb@example.com"), "a%2Fb@example.com");
  assertEquals(canonicalAor("a/b@example.com"), "a/b@example.com");
  assertEquals(canonicalAor("%7Ebob%2d1@example.com"), "~bob-1@example.com");
});

Deno.test("canonicalAor() writes what is beyond ASCII in one way", () => {
  assertEquals(canonicalAor("jürgen@example.com"), "j%C3%BCrgen@example.com");
  assertEquals(canonicalAor("sip:j%c3%bcrgen@example.com"), "j%C3%BCrgen@example.com");
  assertEquals(canonicalAor("bob@BÜCHER.example"), "bob@xn--bcher-kva.example");
  assertEquals(canonicalAor("bob@XN--BCHER-KVA.example"), "bob@xn--bcher-kva.example");
});

Deno.test("canonicalAor() knows hosts without user and hosts in numbers", () => {
  assertEquals(canonicalAor("sip:example.com"), "example.com");
  assertEquals(canonicalAor("sip:bob@127.0.0.1:5071"), "bob@127.0.0.1");
  assertEquals(canonicalAor("bob@[2001:DB8::1]:5060"), "bob@[2001:db8::1]");
  // Numbers are not rewritten: 192.0.2.010 is another spelling, and spellings are not merged.
  assertEquals(canonicalAor("bob@192.0.2.010"), "bob@192.0.2.010");
});

Deno.test("canonicalAor() refuses what names nobody", () => {
  for (
    const text of ["", "@example.com", "bob@", "a@b@c", "bob@exa mple.com", "bob@[::1", "sip:"]
  ) {
    assertEquals(canonicalAor(text), undefined, text);
  }
});

Deno.test("skeletonOf() is the same for addresses that look alike", () => {
  const bob = skeletonOf("bob@example.com");
  for (
    const other of [
      "Bob@example.com",
      "b0b@example.com",
      "b%D0%BEb@example.com", // Cyrillic о
      "bob@xn--xampl-ywef.com", // Cyrillic е, twice
      "böb@example.com",
    ]
  ) assertEquals(skeletonOf(canonicalAor(other) ?? other), bob, other);
  assertEquals(skeletonOf("rnary@example.com"), skeletonOf("mary@example.com"));
  assertNotEquals(skeletonOf("rob@example.com"), bob);
  assertNotEquals(skeletonOf("bob@example.org"), bob);
});

Deno.test("skeletonOf() survives labels that only look like Punycode", () => {
  for (const label of ["xn--", "xn---", "xn--ü", "xn--99999999999", "xn--a-a-a-a"]) {
    assertEquals(typeof skeletonOf(`bob@${label}.com`), "string");
  }
  assertEquals(typeof skeletonOf("%ff%fe@example.com"), "string");
});
