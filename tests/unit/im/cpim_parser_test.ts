import { assertEquals, assertThrows } from "@std/assert";
import { decodeUtf8, utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import { contentTypeName } from "../../../lib/im/content_type.ts";
import type { CpimMessage } from "../../../lib/im/cpim_message.ts";
import { type CpimLimits, parseCpim } from "../../../lib/im/cpim_parser.ts";

const HEAD = "From: <sip:a@b>\r\nTo: <sip:c@d>\r\n";

function fixture(name: string): CpimMessage {
  return parseCpim(
    Deno.readFileSync(new URL(`../../../fixtures/im/${name}.cpim`, import.meta.url)),
  );
}

function parse(text: string, limits?: CpimLimits): CpimMessage {
  return parseCpim(utf8(text), limits);
}

function refused(text: string, code: string, limits?: CpimLimits): PeerError {
  const error = assertThrows(() => parse(text, limits), PeerError);
  assertEquals([text, error.code], [text, code] as never);
  return error;
}

Deno.test("parseCpim() reads the example of RFC 3862", () => {
  const it = fixture("rfc3862-section-5");
  assertEquals(it.from, { name: "MR SANDERS", uri: "im:piglet@100akerwood.com" });
  assertEquals(it.to, [{ name: "Depressed Donkey", uri: "im:eeyore@100akerwood.com" }]);
  assertEquals(it.dateTime, "2000-12-13T13:40:00-08:00");
  assertEquals(it.subjects, [
    { text: "the weather will be fine today" },
    { text: "beau temps prevu pour aujourd'hui", language: "fr" },
  ]);
  const namespace = "mid:MessageFeatures@id.foo.com";
  assertEquals(it.required, [{ namespace, name: "VitalMessageOption" }]);
  assertEquals(it.headers.filter((h) => h.namespace === namespace).map((h) => [h.name, h.value]), [
    ["VitalMessageOption", "Confirmation-requested"],
    ["WackyMessageOption", "Use-silly-font"],
  ]);
  assertEquals(contentTypeName(it.contentType), "text/xml");
  assertEquals(it.contentHeaders[1], ["Content-ID", "<1234567890@foo.com>"]);
  assertEquals(decodeUtf8(it.body), "<body>\r\nHere is the text of my message.\r\n</body>");
});

Deno.test("parseCpim() reads Blink's query: LF in the MIME part, body to the last octet", () => {
  const it = fixture("blink-query");
  assertEquals(it.from, { name: "Alice", uri: "sip:alice@example.com" });
  assertEquals(it.contentHeaders, [["MIME-Version", "1.0"], ["Content-Type", "text/plain"]]);
  assertEquals(decodeUtf8(it.body)?.startsWith("?OTRv3?  I would like"), true);
  assertEquals(decodeUtf8(it.body)?.endsWith("support that."), true);
});

Deno.test("parseCpim() reads Blink's HTML: bare name beyond ASCII, utf8, an empty transfer encoding", () => {
  const it = fixture("blink-html-g3");
  assertEquals(it.from?.name, "Alice Müller");
  assertEquals(it.contentType.parameters, [{ name: "charset", value: "utf8" }]);
  assertEquals(it.contentHeaders.at(-1), ["Content-Transfer-Encoding", ""]);
  assertEquals(decodeUtf8(it.body), "<p>Grüße &amp; bis später<br>\nAlice</p>");
});

Deno.test("parseCpim() gives a part without Content-Type as text/plain", () => {
  for (const part of ["\r\nhello", "Content-ID: <x>\r\n\r\nhello", "Content-Type:\n\nhello"]) {
    const it = parse(`${HEAD}\r\n${part}`);
    assertEquals([contentTypeName(it.contentType), decodeUtf8(it.body)], ["text/plain", "hello"]);
  }
});

Deno.test("parseCpim() takes a part without headers for content, whole", () => {
  for (
    const body of ["", "hello", "?OTRv23?\nhello", "Note: this never ends", "a: b\r\nc d\r\n\r\ne"]
  ) {
    const it = parse(`${HEAD}\r\n${body}`);
    assertEquals([it.contentHeaders, decodeUtf8(it.body)], [[], body]);
  }
});

Deno.test("parseCpim() leaves the body alone, whatever octets it has", () => {
  const head = utf8(`${HEAD}\r\nContent-Type: image/png\r\n\r\n`);
  const body = Uint8Array.from({ length: 256 }, (_, at) => at);
  const whole = new Uint8Array([...head, ...body]);
  assertEquals(parseCpim(whole).body, body);
});

Deno.test("parseCpim() joins folded MIME headers", () => {
  const it = parse(`${HEAD}\r\nContent-Type: text/plain;\r\n charset=utf-8\r\n\r\nx`);
  assertEquals(it.contentType.parameters, [{ name: "charset", value: "utf-8" }]);
});

Deno.test("parseCpim() reads addresses quoted, bare, beyond ASCII and without brackets", () => {
  const cases: [string, string | undefined, string][] = [
    ["Winnie the Pooh <im:p@x>", "Winnie the Pooh", "im:p@x"],
    ['"Winnie \\"the\\" Pooh" <im:p@x>', 'Winnie "the" Pooh', "im:p@x"],
    ['"a <b>" <im:p@x>', "a <b>", "im:p@x"],
    ["<im:p@x>", undefined, "im:p@x"],
    ["Jürgen, GmbH & Co <sip:j@x;transport=tcp>", "Jürgen, GmbH & Co", "sip:j@x;transport=tcp"],
    ["sip:j@x", undefined, "sip:j@x"],
    ["Tab\\tbed <im:p@x>", "Tab\tbed", "im:p@x"],
  ];
  for (const [value, name, uri] of cases) {
    assertEquals(
      parse(`From: ${value}\r\n\r\n\r\n`).from,
      name === undefined ? { uri } : { name, uri },
    );
  }
});

Deno.test("parseCpim() collects every To and cc, and takes the first From", () => {
  const it = parse(`${HEAD}To: <sip:e@f>\r\ncc: C <sip:g@h>\r\nFrom: <sip:x@y>\r\n\r\n\r\n`);
  assertEquals(it.to.map((a) => a.uri), ["sip:c@d", "sip:e@f"]);
  assertEquals(it.cc, [{ name: "C", uri: "sip:g@h" }]);
  assertEquals(it.from?.uri, "sip:a@b");
});

Deno.test("parseCpim() treats header names as written: from is not From", () => {
  const it = parse("from: nonsense\r\nFROM: nonsense\r\n\r\n\r\n");
  assertEquals([it.from, it.headers.length], [undefined, 2]);
});

Deno.test("parseCpim() follows namespaces: prefixes, another default, and the way back", () => {
  const it = parse(
    "NS: c <urn:ietf:params:cpim-headers:>\r\nc.From: <sip:a@b>\r\nNS: <urn:other>\r\nTo: <sip:no@x>\r\n" +
      "late.H: 1\r\nNS: late <urn:late>\r\nlate.H: 2\r\nNS: <urn:ietf:params:cpim-headers:>\r\nTo: <sip:yes@x>\r\n\r\n\r\n",
  );
  assertEquals(it.from?.uri, "sip:a@b");
  assertEquals(it.to.map((a) => a.uri), ["sip:yes@x"]);
  assertEquals(it.headers.filter((h) => h.name === "H").map((h) => h.namespace), [
    undefined,
    "urn:late",
  ]);
});

Deno.test("parseCpim() takes NS and Require of a foreign namespace for headers like others", () => {
  const it = parse("NS: x <urn:x>\r\nx.NS: no declaration\r\nx.Require: nothing\r\n\r\n\r\n");
  assertEquals([it.headers.length, it.required], [3, []]);
});

Deno.test("parseCpim() names what is wrong", () => {
  refused("", "im/cpim-unfinished");
  refused(HEAD, "im/cpim-unfinished");
  refused("From: <sip:a@b>", "im/cpim-unfinished");
  refused("hello\r\n\r\n", "im/bad-cpim-header");
  refused(": x\r\n\r\n", "im/bad-cpim-header");
  refused("NS: x\r\n\r\n", "im/bad-cpim-header");
  refused("From: Alice\r\n\r\n\r\n", "im/bad-cpim-address");
  refused("To: <sip:a@b> x\r\n\r\n\r\n", "im/bad-cpim-address");
  refused(`${HEAD}\r\nContent-Type: nonsense\r\n\r\n`, "im/bad-content-type");
  assertEquals(refused(`${HEAD}oops\r\n\r\n`, "im/bad-cpim-header").offset, HEAD.length);
});

Deno.test("parseCpim() keeps its limits, each at its very edge", () => {
  parse(`${HEAD}\r\n`, { headers: 3 });
  refused(`${HEAD}\r\n`, "im/cpim-too-long", { headers: 2 });
  // 34 octets, line ends included.
  parse(`${HEAD}\r\n`, { headerLength: 34 });
  refused(`${HEAD}\r\n`, "im/cpim-too-long", { headerLength: 33 });
  refused(`From: ${"x".repeat(40_000)}`, "im/cpim-too-long");
});

Deno.test("parseCpim() takes a part for content when its headers pass the limits", () => {
  for (const body of ["x".repeat(40_000), "a: b\r\n".repeat(300)]) {
    assertEquals(decodeUtf8(parse(`${HEAD}\r\n${body}`).body), body);
  }
});
