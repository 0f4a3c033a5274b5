/** What holds for every message that can be written: reading gives it back. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type CpimContent,
  htmlToText,
  type Imdn,
  type IsComposing,
  parseContentType,
  parseCpim,
  parseImdn,
  parseIsComposing,
  writeContentType,
  writeCpim,
  writeImdn,
  writeIsComposing,
} from "../../../lib/im/mod.ts";

const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+^_`{|}~-]{1,12}$/);
const text = fc.string({ unit: "grapheme", maxLength: 30 });
const parameterValue = text.map((it) => it.replace(/[\0\r\n]/g, "_"));
const contentType = fc.record({
  type: token.map((it) => it.toLowerCase()),
  subtype: token.map((it) => it.toLowerCase()),
  parameters: fc.array(
    fc.record({ name: token.map((it) => it.toLowerCase()), value: parameterValue }),
    { maxLength: 4 },
  ),
});

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

Deno.test("parseContentType() reads back every type that was written", () => {
  fc.assert(fc.property(contentType, (it) => {
    assertEquals(plain(parseContentType(writeContentType(it))), plain(it));
  }));
});

const uri = fc.constantFrom("sip:alice@example.com", "im:b@[2001:db8::1]", "sip:c@d;transport=tcp");
// What the reader cannot tell from no name, and blanks at the edges, are not names.
const name = text.map((it) => it.trim()).filter((it) => it !== "");
const address = fc.record({ name, uri }, { requiredKeys: ["uri"] });
const headerName = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9-]{1,10}$/),
  fc.constantFrom("NS", "Require", "From"),
);
const value = text.map((it) => it.trim());

const content: fc.Arbitrary<CpimContent> = fc.record({
  from: address,
  to: fc.array(address, { maxLength: 3 }),
  cc: fc.array(address, { maxLength: 2 }),
  dateTime: fc.constantFrom("2026-02-03T10:11:12.131415+01:00", "2001-02-01T12:16:49Z"),
  subjects: fc.array(
    fc.record({ text: value, language: fc.constantFrom("en", "fr-CA") }, {
      requiredKeys: ["text"],
    }),
    { maxLength: 2 },
  ),
  extensions: fc.array(
    fc.record({
      prefix: headerName,
      namespace: fc.constantFrom("urn:one", "urn:two"),
      headers: fc.array(fc.tuple(headerName, value), { maxLength: 3 }),
    }),
    { maxLength: 1 },
  ),
  contentType: fc.constantFrom(
    parseContentType("text/plain;charset=utf-8"),
    parseContentType("text/html"),
  ),
  body: fc.uint8Array({ maxLength: 60 }),
});

Deno.test("parseCpim() reads back every message that was written, its body octet by octet", () => {
  fc.assert(fc.property(content, (it) => {
    const read = parseCpim(writeCpim(it));
    assertEquals(plain(read.from), plain(it.from));
    assertEquals([plain(read.to), plain(read.cc)], [plain(it.to), plain(it.cc ?? [])]);
    assertEquals([read.dateTime, plain(read.subjects)], [it.dateTime, plain(it.subjects ?? [])]);
    const foreign = (it.extensions ?? []).flatMap((e) =>
      e.headers.map(([h, v]) => [e.namespace, h, v])
    );
    const known = read.headers.filter((h) =>
      h.namespace?.startsWith("urn:one") || h.namespace === "urn:two"
    );
    assertEquals(known.map((h) => [h.namespace, h.name, h.value]), foreign);
    assertEquals(read.contentType, it.contentType);
    assertEquals(read.body, it.body);
  }));
});

const xmlText = text.map((it) =>
  // deno-lint-ignore no-control-regex
  it.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "_").trim()
);
const isComposing: fc.Arbitrary<IsComposing> = fc.record({
  state: fc.constantFrom("active", "idle"),
  lastActive: xmlText,
  contentType: xmlText,
  refresh: fc.integer({ min: 1, max: 999_999_999 }),
}, { requiredKeys: ["state"] });

Deno.test("parseIsComposing() reads back every document that was written", () => {
  fc.assert(fc.property(isComposing, (it) => {
    assertEquals(plain(parseIsComposing(writeIsComposing(it))), plain(it));
  }));
});

const imdn: fc.Arbitrary<Imdn> = fc.record({
  messageId: xmlText,
  dateTime: xmlText,
  recipientUri: xmlText,
  originalRecipientUri: xmlText,
  subject: xmlText,
  notification: fc.constantFrom("delivery", "processing", "display"),
  status: fc.constantFrom("delivered", "failed", "displayed", "forbidden"),
}, { requiredKeys: ["messageId", "dateTime", "notification", "status"] });

Deno.test("parseImdn() reads back every report that was written", () => {
  fc.assert(fc.property(imdn, (it) => {
    assertEquals(plain(parseImdn(writeImdn(it))), plain(it));
  }));
});

Deno.test("htmlToText() gives escaped text back as it was, blanks aside", () => {
  fc.assert(fc.property(fc.stringMatching(/^[ -~]{0,60}$/), (it) => {
    const html = it.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
    assertEquals(htmlToText(html), it.trim().replace(/ +/g, " "));
  }));
});
