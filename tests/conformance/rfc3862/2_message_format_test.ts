/** `message/cpim`: RFC 3862 §2–§4, as MSRP uses it. */
import { assertEquals, assertThrows } from "@std/assert";
import { decodeUtf8, utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  CPIM_NAMESPACE,
  type CpimMessage,
  parseCpim,
  TEXT_PLAIN,
  unsupportedFeatures,
  writeCpim,
} from "../../../lib/im/mod.ts";

function parse(headers: string): CpimMessage {
  return parseCpim(utf8(`${headers}\r\n\r\nContent-Type: text/plain\r\n\r\nhi`));
}

Deno.test("MSRP-170 message headers, empty line, MIME headers, empty line, content", () => {
  const it = parse("From: <im:a@x>\r\nTo: <im:b@x>");
  assertEquals([it.headers.length, it.contentHeaders, decodeUtf8(it.body)], [
    2,
    [["Content-Type", "text/plain"]],
    "hi",
  ]);
  const written = writeCpim({
    from: { uri: "im:a@x" },
    to: [{ uri: "im:b@x" }],
    contentType: TEXT_PLAIN,
    body: utf8("hi"),
  });
  assertEquals(
    decodeUtf8(written),
    "From: <im:a@x>\r\nTo: <im:b@x>\r\n\r\nContent-Type: text/plain\r\n\r\nhi",
  );
});

Deno.test("MSRP-170 header names are case-sensitive, and values are UTF-8", () => {
  const it = parse("from: <im:no@x>\r\nFrom: Jürgen <im:j@x>");
  assertEquals(it.from, { name: "Jürgen", uri: "im:j@x" });
});

Deno.test("MSRP-170 message headers that do not end are a fault of the peer", () => {
  assertThrows(() => parseCpim(utf8("From: <im:a@x>\r\n")), PeerError);
});

Deno.test("MSRP-171 From, To, cc, DateTime, Subject, NS and Require are understood, others ignored", () => {
  const it = parse(
    "From: A <im:a@x>\r\nTo: <im:b@x>\r\nTo: <im:c@x>\r\ncc: <im:d@x>\r\nDateTime: 2001-02-01T12:16:49-05:00\r\n" +
      "Subject:;lang=en Eeyore's feeling very depressed today\r\nNS: f <urn:f>\r\nRequire: Subject\r\nX-Mood: blue",
  );
  assertEquals([it.from?.uri, it.to.length, it.cc.length], ["im:a@x", 2, 1]);
  assertEquals(it.dateTime, "2001-02-01T12:16:49-05:00");
  assertEquals(it.subjects, [{ text: "Eeyore's feeling very depressed today", language: "en" }]);
  assertEquals(unsupportedFeatures(it), []);
  assertEquals(it.headers.at(-1)?.name, "X-Mood");
});

Deno.test("MSRP-172 what Require names and we do not understand is found, so that the message can be refused", () => {
  const it = parse("NS: f <urn:f>\r\nRequire: f.Vital,From\r\nf.Vital: yes");
  assertEquals(unsupportedFeatures(it), [{ namespace: "urn:f", name: "Vital" }]);
  assertEquals(unsupportedFeatures(it, [{ namespace: "urn:f", name: "Vital" }]), []);
});

Deno.test("MSRP-173 NS scopes the headers that follow it", () => {
  const it = parse("p.H: early\r\nNS: p <urn:one>\r\np.H: one\r\nNS: p <urn:two>\r\np.H: two");
  assertEquals(
    it.headers.filter((h) => h.name === "H").map((h) => [h.namespace, h.value]),
    [[undefined, "early"], ["urn:one", "one"], ["urn:two", "two"]],
  );
});

Deno.test("MSRP-173 NS without prefix changes the default", () => {
  const it = parse(
    "NS: <urn:mine>\r\nFrom: <im:not@cpim>\r\nNS: c <" + CPIM_NAMESPACE + ">\r\nc.From: <im:a@x>",
  );
  assertEquals(it.from?.uri, "im:a@x");
});

Deno.test("MSRP-174 escapes in values are undone, unknown ones stand for their character", () => {
  const it = parse(String.raw`Subject: tab\there \"quoted\" \\ \u00fc \q end` + "\\");
  assertEquals(it.subjects[0]?.text, 'tab\there "quoted" \\ ü q end');
});

Deno.test("MSRP-174 controls and backslashes are written as escapes", () => {
  const written = writeCpim({
    from: { uri: "im:a@x" },
    to: [],
    subjects: [{ text: "a\r\nb\\c\u0001" }],
    contentType: TEXT_PLAIN,
    body: new Uint8Array(),
  });
  assertEquals(decodeUtf8(written)?.includes("Subject: a\\r\\nb\\\\c\\u0001\r\n"), true);
});

Deno.test("MSRP-180 a room's message names its reader: all in the room, or one member", () => {
  const it = parse("From: <sip:a@x>\r\nTo: <sip:room@conf.example>");
  assertEquals(it.to, [{ uri: "sip:room@conf.example" }]);
});
