/** What is written is read again as it was, for every value that can be made. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  addressOfRecord,
  type NameAddress,
  parseNameAddress,
  parseSipMessage,
  parseSipUri,
  parseVias,
  sameUri,
  type SipMessage,
  type SipUri,
  type Via,
  writeNameAddress,
  writeSipMessage,
  writeUri,
  writeVia,
} from "../../../lib/sip/mod.ts";

const letters = (characters: string, minLength = 1) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength: 12 });
const token = letters("abcXYZ019-.!%*_+`'~");
const paramText = letters("abcXYZ019-_.!~*'()[]/:&+$");
const user = fc.oneof(letters("abcXYZ019-_.!~*'()&=+$,;?/"), fc.constant("%41%20%00"));
const host = fc.oneof(
  fc.constantFrom("example.com", "a", "xn--bcher-kva.example", "192.0.2.1", "::1", "2001:db8::9"),
);
const port = fc.option(fc.nat(65_535), { nil: undefined });

function pairs(part: fc.Arbitrary<string>, mayLackValue: boolean) {
  const value = mayLackValue ? fc.option(part, { nil: undefined }) : part;
  return fc.array(
    fc.tuple(part, value).map(([name, text]) =>
      text === undefined ? { name } : { name, value: text }
    ),
    { maxLength: 3 },
  );
}

const uri: fc.Arbitrary<SipUri> = fc.record({
  scheme: fc.constantFrom("sip" as const, "sips" as const),
  user: fc.option(user, { nil: undefined }),
  host,
  port,
  parameters: pairs(paramText, true),
  headers: pairs(letters("abcXYZ019-_.!~*'()[]/?:+$"), false),
}).map(({ user: name, port: number, ...rest }) => ({
  ...rest,
  ...(name === undefined ? {} : { user: name }),
  ...(number === undefined ? {} : { port: number }),
}));

const parameters = pairs(token, true);
const address: fc.Arbitrary<NameAddress> = fc.tuple(
  fc.option(fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 }), { nil: undefined }),
  uri,
  parameters,
).map(([displayName, target, list]) =>
  // Line breaks cannot be written in a header field.
  displayName === undefined || /[\r\n]/.test(displayName)
    ? { uri: target, parameters: list }
    : { displayName, uri: target, parameters: list }
);

Deno.test("parseSipUri() reads what writeUri() wrote, and it is the same URI", () => {
  fc.assert(fc.property(uri, (it) => {
    const again = parseSipUri(writeUri(it));
    assertEquals(again, it);
    assert(sameUri(again, it));
    assertEquals(addressOfRecord(again), addressOfRecord(it));
  }));
});

Deno.test("parseNameAddress() reads what writeNameAddress() wrote", () => {
  fc.assert(fc.property(address, (it) => {
    assertEquals(parseNameAddress(writeNameAddress(it)), it);
  }));
});

Deno.test("parseVias() reads what writeVia() wrote", () => {
  const via: fc.Arbitrary<Via> = fc.record({
    version: fc.constant("2.0"),
    transport: fc.constantFrom("UDP", "TCP", "TLS", "SCTP"),
    host,
    port,
    parameters,
  }).map((it) => ({ ...it })); // The library's records have no prototype.
  fc.assert(fc.property(via, (it) => {
    assertEquals(parseVias(writeVia(it)), [it]);
  }));
});

Deno.test("sameUri() is symmetric, and every URI is the same as itself", () => {
  fc.assert(fc.property(uri, uri, (a, b) => {
    assert(sameUri(a, a));
    assertEquals(sameUri(a, b), sameUri(b, a));
  }));
});

Deno.test("parseSipMessage() reads what writeSipMessage() wrote", () => {
  const field = fc.tuple(letters("abcXYZ-").map((it) => `X-${it}`), fc.string({ unit: "grapheme" }))
    .map(([name, value]) => ({ name, value: value.replace(/[\r\n]/g, "").trim() }));
  fc.assert(fc.property(fc.array(field, { maxLength: 5 }), fc.uint8Array(), (more, body) => {
    const message: SipMessage = {
      kind: "request",
      method: "OPTIONS",
      requestUri: "sip:bob@example.com",
      headers: [
        { name: "Via", value: "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1" },
        { name: "Max-Forwards", value: "70" },
        { name: "From", value: "<sip:a@b>;tag=1" },
        { name: "To", value: "<sip:c@d>" },
        { name: "Call-ID", value: "1" },
        { name: "CSeq", value: "1 OPTIONS" },
        ...more,
        { name: "Content-Length", value: String(body.length) },
      ],
      body,
    };
    assertEquals(parseSipMessage(writeSipMessage(message), { transport: "tcp" }), message);
  }));
});
