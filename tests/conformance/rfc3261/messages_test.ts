/** RFC 3261 §7, §18.3, §19.1, §20, §25: what a message is (SIP-001 to SIP-017, SIP-079). */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { latin1 } from "../../../lib/base/ascii.ts";
import { utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  fromOf,
  headerValue,
  headerValues,
  judgeSipMessage,
  parseNameAddress,
  parseSipMessage,
  parseSipUri,
  sameUri,
  type SipMessage,
  type SipTransport,
  StreamFramer,
  toOf,
  topVia,
  viasOf,
  writeSipMessage,
} from "../../../lib/sip/mod.ts";
import { ScriptedSip, SDP, sipText } from "../../helpers/scripted_sip.ts";
import { everySplit } from "../../helpers/every_split.ts";

const HEAD = [
  "OPTIONS sip:bob@example.com SIP/2.0",
  "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx",
  "Max-Forwards: 70",
  "From: <sip:alice@example.com>;tag=a",
  "To: <sip:bob@example.com>",
  "Call-ID: c",
  "CSeq: 1 OPTIONS",
];

function parse(lines: readonly string[], body = "", transport: SipTransport = "udp"): SipMessage {
  return parseSipMessage(utf8(sipText(lines, body)), { transport });
}

/** `valid`, `drop`, or the status that should be answered. */
function verdict(text: string, transport: SipTransport = "udp"): string {
  const judged = judgeSipMessage(utf8(text), { transport });
  return judged.verdict === "answer" ? String(judged.status) : judged.verdict;
}

function without(name: string): string[] {
  return HEAD.filter((it) => !it.startsWith(`${name}:`));
}

Deno.test("SIP-001 names ignore case, compact forms are expanded, folded lines are joined", () => {
  const message = parse([
    "OPTIONS sip:bob@example.com SIP/2.0",
    "v: SIP/2.0/UDP 192.0.2.1",
    " ;branch=z9hG4bKx",
    "MAX-FORWARDS:70",
    "f:<sip:alice@example.com>;tag=a",
    "t \t:\t<sip:bob@example.com>",
    "i: c",
    "cSEQ: 1",
    "\tOPTIONS",
    "s:",
    "k: timer",
    "m: <sip:alice@192.0.2.1>",
    "e: identity",
    "c: text/plain",
  ]);
  assertEquals(message.headers.map((it) => `${it.name}: ${it.value}`), [
    "Via: SIP/2.0/UDP 192.0.2.1 ;branch=z9hG4bKx",
    "Max-Forwards: 70",
    "From: <sip:alice@example.com>;tag=a",
    "To: <sip:bob@example.com>",
    "Call-ID: c",
    "CSeq: 1 OPTIONS",
    "Subject: ",
    "Supported: timer",
    "Contact: <sip:alice@192.0.2.1>",
    "Content-Encoding: identity",
    "Content-Type: text/plain",
    "Content-Length: 0",
  ]);
  assertEquals(headerValue(message, "content-LENGTH"), "0");
});

Deno.test("SIP-002 a comma list and repeated header fields are the same list", () => {
  const vias = [
    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx, SIP/2.0/TCP b.example.com:5070",
    'Via: SIP/2.0/TLS c.example.com;x="a,b"',
  ];
  const message = parse([HEAD[0] ?? "", ...vias, ...HEAD.slice(2)]);
  assertEquals(viasOf(message).map((it) => it.host), [
    "192.0.2.1",
    "b.example.com",
    "c.example.com",
  ]);
  // Commas in Authorization separate the parts of one value.
  const digest = 'Digest realm="a", nonce="b"';
  const authorized = parse([...HEAD, `Authorization: ${digest}`]);
  assertEquals(headerValues(authorized, "Authorization"), [digest]);
});

Deno.test("SIP-003 over UDP the body is what Content-Length says, or the rest of the datagram", () => {
  const start = `${HEAD.join("\r\n")}\r\n`;
  const body = (text: string) => latin1(parseSipMessage(utf8(text), { transport: "udp" }).body);
  assertEquals(body(`${start}Content-Length: 3\r\n\r\nabcdef`), "abc");
  assertEquals(body(`${start}\r\nabcdef`), "abcdef");
  assertEquals(verdict(`${start}Content-Length: 7\r\n\r\nabcdef`), "400");
});

Deno.test("SIP-004 over a stream a message without Content-Length is malformed", () => {
  const text = `${HEAD.join("\r\n")}\r\n\r\n`;
  assertEquals(verdict(text, "tcp"), "400");
  const [framed] = new StreamFramer().feed(utf8(text));
  assertEquals(framed?.type === "broken" && framed.error.code, "sip/bad-framing");
  for (const value of ["-1", "five", "1 2", "", "99999999999999999999"]) {
    assertEquals(
      verdict(`${HEAD.join("\r\n")}\r\nContent-Length: ${value}\r\n\r\n`, "tcp"),
      "400",
      value,
    );
  }
});

Deno.test("SIP-005 line ends before a start-line are skipped, and two of them on a stream are answered", () => {
  assertEquals(verdict(`\r\n\r\n\r\n${sipText(HEAD)}`), "valid");
  for (const { label, pieces } of everySplit(utf8(`\r\n\r\n${sipText(HEAD)}\r\n\r\n\r\n`))) {
    const framer = new StreamFramer();
    const types = pieces.flatMap((it) => framer.feed(it)).map((it) => it.type);
    assertEquals(types, ["ping", "message", "ping"], label);
  }
  const agent = new ScriptedSip();
  const [pong] = agent.core.receivePing(ScriptedSip.tcp);
  assert(pong?.type === "transmit");
  assertEquals(latin1(pong.data), "\r\n");
  assertEquals(pong.to.connection, ScriptedSip.tcp.connection);
});

Deno.test("SIP-006 a request of another SIP version is answered 505", () => {
  assertEquals(verdict(sipText(["OPTIONS sip:bob@example.com SIP/3.0", ...HEAD.slice(1)])), "505");
  assertEquals(
    verdict(sipText(["OPTIONS sip:bob@example.com sip/2.0", ...HEAD.slice(1)])),
    "valid",
  );
});

Deno.test("SIP-007 a request without one of the mandatory header fields is answered 400", () => {
  for (const name of ["To", "From", "CSeq", "Call-ID", "Max-Forwards"]) {
    assertEquals(verdict(sipText(without(name))), "400", name);
  }
  // Nobody knows where an answer should go.
  assertEquals(verdict(sipText(without("Via"))), "drop");
  // An RFC 2543 sender, known by its branch, had no Max-Forwards.
  const old = without("Max-Forwards").map((it) => it.replace(";branch=z9hG4bKx", ""));
  assertEquals(verdict(sipText(old)), "valid");
});

Deno.test("SIP-007 a response without one of them is dropped, and so is an ACK", () => {
  const response = ["SIP/2.0 200 OK", ...HEAD.slice(1)];
  assertEquals(verdict(sipText(response)), "valid");
  assertEquals(verdict(sipText(response.filter((it) => !it.startsWith("To:")))), "drop");
  const ack = HEAD.map((it) => it.replace("OPTIONS", "ACK"));
  assertEquals(verdict(sipText(ack)), "valid");
  assertEquals(verdict(sipText(ack.filter((it) => !it.startsWith("To:")))), "drop");
});

Deno.test("SIP-008 a CSeq of another method, or of 2^31 and more, is answered 400", () => {
  const cSeq = (value: string) => sipText([...without("CSeq"), `CSeq: ${value}`]);
  assertEquals(verdict(cSeq("2147483647 OPTIONS")), "valid");
  assertEquals(verdict(cSeq("2147483648 OPTIONS")), "400");
  assertEquals(verdict(cSeq("1 INVITE")), "400");
  assertEquals(verdict(cSeq("1 options")), "400");
  assertEquals(verdict(cSeq("one OPTIONS")), "400");
  assertEquals(verdict(cSeq("1")), "400");
});

Deno.test("SIP-012 a URI with a question mark has to be in brackets, and quoted names may hold anything", () => {
  const address = parseNameAddress('"A \\"B\\", <sip:x@y> \\\\" <sip:bob@example.com;a=b>;tag=c');
  assertEquals(address.displayName, 'A "B", <sip:x@y> \\');
  assertEquals(address.parameters, [{ name: "tag", value: "c" }]);
  const bare = parseNameAddress("sip:bob@example.com;tag=c");
  assertEquals(bare.parameters, [{ name: "tag", value: "c" }]);
  for (
    const bad of [
      "sip:bob@example.com?subject=x",
      '"Bob <sip:bob@example.com>',
      "<sip:bob@example.com",
      "<sip:bob@example.com>>",
      "< sip:bob@example.com>",
      "Bob, Jr. <sip:bob@example.com>",
      "<sip:bob@example.com>;",
      "",
    ]
  ) assertThrows(() => parseNameAddress(bad), PeerError);
});

Deno.test("SIP-013 escapes in the user part are compared decoded, and %00 is a character like others", () => {
  const same = (a: string, b: string) => sameUri(parseSipUri(a), parseSipUri(b));
  assert(same("sip:%61lice@example.com", "sip:alice@example.com"));
  assert(!same("sip:alice%40x@example.com", "sip:alice@example.com"));
  assert(same("sip:a%2fb@example.com", "sip:a%2Fb@example.com"));
  assert(!same("sip:a%2Fb@example.com", "sip:a/b@example.com")); // "/" is reserved.
  assert(!same("sip:a%00@example.com", "sip:a@example.com"));
  assert(!same("sip:%00@example.com", "sip:%00%00@example.com"));
});

Deno.test("SIP-014 URIs are compared as §19.1.4 says, with its own examples", () => {
  const same = (a: string, b: string) => sameUri(parseSipUri(a), parseSipUri(b));
  for (
    const [a, b] of [
      ["sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"],
      ["sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"],
      ["sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"],
      [
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
      ],
      [
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
      ],
    ] as const
  ) assert(same(a, b) && same(b, a), `${a} and ${b}`);
  for (
    const [a, b] of [
      ["SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"],
      ["sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"],
      ["sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"],
      ["sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"],
      ["sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"],
      ["sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"],
      ["sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"],
      ["sip:carol@chicago.com", "sips:carol@chicago.com"],
      ["sip:carol@chicago.com", "sip:carol:secret@chicago.com"],
      ["sip:chicago.com", "sip:carol@chicago.com"],
      ["sip:carol@chicago.com", "sip:carol@chicago.com;maddr=192.0.2.1"],
      ["sip:carol@chicago.com", "sip:carol@chicago.com;user=phone"],
      ["sip:carol@chicago.com", "sip:carol@chicago.com;ttl=1"],
    ] as const
  ) assert(!same(a, b) && !same(b, a), `${a} and ${b}`);
});

Deno.test("SIP-015 IPv6 references in URIs and Via, and in received with or without brackets", () => {
  const uri = parseSipUri("sip:bob@[2001:db8::1]:5070;transport=tcp");
  assertEquals([uri.host, uri.port], ["2001:db8::1", 5070]);
  assert(sameUri(uri, parseSipUri("sip:bob@[2001:DB8:0:0::1]:5070;transport=tcp")));
  for (const received of ["[2001:db8::9]", "2001:db8::9"]) {
    const message = parse([
      HEAD[0] ?? "",
      `Via: SIP/2.0/UDP [2001:db8::1]:5070;received=${received};branch=z9hG4bKx`,
      ...HEAD.slice(2),
    ]);
    assertEquals(topVia(message).host, "2001:db8::1");
    assertEquals(topVia(message).parameters[0], { name: "received", value: received });
  }
  for (const bad of ["sip:bob@2001:db8::1", "sip:bob@[2001:db8::1", "sip:bob@[1::2::3]"]) {
    assertThrows(() => parseSipUri(bad), PeerError);
  }
});

Deno.test("SIP-016 unknown header fields and parameters are kept, and reason phrases are anything", () => {
  const message = parse([...HEAD, "X-Odd: ;;,,;", 'Contact: <sip:a@b>;odd;+g.x="<y>"']);
  assertEquals(headerValue(message, "x-odd"), ";;,,;");
  for (const reason of ["", "Ничего", "100% sure", "  "]) {
    const response = parse([`SIP/2.0 299 ${reason}`, ...HEAD.slice(1)]);
    assert(response.kind === "response");
    assertEquals([response.status, response.reason], [299, reason]);
  }
  // Even the blank before it may be missing (RFC 4475 §3.1.1.13).
  assertEquals(verdict(sipText(["SIP/2.0 200", ...HEAD.slice(1)])), "valid");
});

Deno.test("SIP-017 a branch without the cookie, or nothing but it, is matched as RFC 2543 does", () => {
  for (const branch of [";branch=z9hG4bK", ";branch=old", ""]) {
    const invite = (sequence: number) => [
      "INVITE sip:bob@192.0.2.2 SIP/2.0",
      `Via: SIP/2.0/UDP 192.0.2.1${branch}`,
      "From: <sip:alice@example.com>;tag=a",
      "To: <sip:bob@example.com>",
      "Call-ID: c",
      `CSeq: ${sequence} INVITE`,
    ];
    const agent = new ScriptedSip();
    agent.receive(sipText(invite(1))).receive(sipText(invite(1)));
    assertEquals(agent.events.length, 1, "a repetition is no new call");
    const { call, localTag } = agent.incoming();
    agent.take(agent.core.reject(call, 486, undefined, [], 0));
    assertEquals(agent.said(), ["486"]);
    agent.receive(sipText(invite(1)));
    assertEquals(agent.said(), ["486"], "a repetition repeats the answer");
    // The ACK has the tag of the response, where the INVITE had none.
    const ack = invite(1).map((it) => it.replace("INVITE", "ACK"))
      .map((it) => it.startsWith("To:") ? `${it};tag=${localTag}` : it);
    agent.receive(sipText(ack)).advance(3_000);
    assertEquals(agent.said(), []);
  }
});

Deno.test("SIP-079 many messages in one segment and one message over many segments", () => {
  const one = sipText([...HEAD, "Content-Type: text/plain"], "first \r\n\r\n body");
  const two = sipText(HEAD);
  const stream = utf8(`${one}${two}\r\n\r\n${one}`);
  for (const { label, pieces } of everySplit(stream)) {
    const framer = new StreamFramer();
    const framed = pieces.flatMap((it) => framer.feed(it));
    assertEquals(
      framed.map((it) => it.type === "message" ? latin1(it.bytes) : it.type),
      [one, two, "ping", one],
      label,
    );
    assertEquals(framer.isInsideMessage, false);
  }
});

Deno.test("SIP-001 what was written is read again as it was", () => {
  const message = parse([...HEAD, "Content-Type: application/sdp"], SDP);
  assertEquals(parseSipMessage(writeSipMessage(message), { transport: "tcp" }), message);
  assertEquals(fromOf(message).parameters, [{ name: "tag", value: "a" }]);
  assertEquals(toOf(message).parameters, []);
});
