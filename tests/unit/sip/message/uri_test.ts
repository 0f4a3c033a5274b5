/** URIs read and written. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../../lib/base/errors.ts";
import {
  addressOfRecord,
  decodeEscapes,
  decodeUnreserved,
  escapeUser,
  isSipUri,
  parseSipUri,
  parseUri,
  uriParameter,
  writeUri,
} from "../../../../lib/sip/message/uri.ts";

Deno.test("parseSipUri() takes a URI apart", () => {
  assertEquals(parseSipUri("SIPS:al;ice:pw@Example.com:5061;transport=tcp;lr?a=b&c="), {
    scheme: "sips",
    user: "al;ice",
    password: "pw",
    host: "Example.com",
    port: 5061,
    parameters: [{ name: "transport", value: "tcp" }, { name: "lr" }],
    headers: [{ name: "a", value: "b" }, { name: "c", value: "" }],
  });
});

Deno.test("writeUri() writes what was read", () => {
  for (
    const text of [
      "sip:example.com",
      "sip:+1-212-555-1212:1234@gateway.com;user=phone",
      "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
      "sip:alice;day=tuesday@atlanta.com",
      "sip:bob@[2001:db8::1]:5060;transport=tls",
      "tel:+15551234",
      "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
    ]
  ) assertEquals(writeUri(parseUri(text)), text);
});

Deno.test("parseUri() refuses what is none", () => {
  for (
    const bad of [
      "",
      "bob",
      "sip:",
      "sip:@host",
      "sip:a b@host",
      "sip:a@host;",
      "sip:a@host;;x",
      "sip:a@host?x",
      "sip:a@host:port",
      "sip:a%zz@host",
      "sip:a@b@host",
      "sip:a@host;x=",
      "<sip:a@host>",
      "sip:ü@host",
      "sip:a@bücher.example",
      "1sip:a@host",
    ]
  ) assertThrows(() => parseUri(bad), PeerError);
  assertThrows(() => parseSipUri("tel:1"), PeerError, "expected a sip or sips URI");
  assert(!isSipUri(parseUri("http://x/")));
});

Deno.test("uriParameter() decodes escapes once and ignores case", () => {
  const uri = parseSipUri("sip:a@b;%6C%72;N%61me=v%61lue%25%34%31");
  assertEquals(uriParameter(uri, "LR"), "");
  assertEquals(uriParameter(uri, "name"), "value%41");
  assertEquals(uriParameter(uri, "x"), undefined);
});

Deno.test("addressOfRecord() is one spelling per address", () => {
  const aor = (text: string) => addressOfRecord(parseSipUri(text));
  assertEquals(aor("sip:%61lice@Example.COM:5060;transport=tcp"), "alice@example.com");
  assertEquals(aor("sips:Alice%2fx@example.com."), "Alice%2Fx@example.com");
  assertEquals(aor("sip:example.com"), "example.com");
  assertEquals(aor("sip:a@[2001:DB8::1]"), "a@[2001:db8:0:0:0:0:0:1]");
});

Deno.test("escapeUser() makes any text fit, decodeEscapes() brings it back", () => {
  for (const text of ["alice", "a b@c:d", "юзер", "100%"]) {
    const uri = parseSipUri(`sip:${escapeUser(text)}@example.com`);
    assertEquals(decodeEscapes(uri.user ?? ""), text);
  }
  assertEquals(decodeEscapes("%ff"), "%ff"); // Not UTF-8.
  assertEquals(decodeUnreserved("%41%2f%2F"), "A%2F%2F");
});
