import { assert, assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import { parseSessionDescription, type SdpLimits } from "../../../lib/sdp/sdp_parser.ts";
import { writeSessionDescription } from "../../../lib/sdp/sdp_writer.ts";

const HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";

function fixture(name: string): Uint8Array {
  return Deno.readFileSync(new URL(`../../../fixtures/sdp/${name}.sdp`, import.meta.url));
}

function refused(text: string, code: string, limits?: SdpLimits): PeerError {
  const error = assertThrows(() => parseSessionDescription(text, limits), PeerError);
  assertEquals(error.code, code as PeerError["code"]);
  return error;
}

Deno.test("parseSessionDescription() reads the example of RFC 8866 field by field", () => {
  const it = parseSessionDescription(fixture("rfc8866-section-5"));
  assertEquals(it.origin, {
    username: "jdoe",
    sessionId: "3724394400",
    sessionVersion: "3724394405",
    networkType: "IN",
    addressType: "IP4",
    address: "198.51.100.1",
  });
  assertEquals([it.sessionName, it.information, it.uri], [
    "Call to John Smith",
    "SDP Offer #1",
    "http://www.jdoe.example.com/home.html",
  ]);
  assertEquals(it.emails, ["Jane Doe <jane@jdoe.example.com>"]);
  assertEquals(it.phones, ["+1 617 555-6011"]);
  assertEquals(it.times, [{ start: "0", stop: "0" }]);
  assertEquals(it.media.map((m) => [m.media, m.port, m.protocol, m.formats, m.connections]), [
    ["audio", 49170, "RTP/AVP", ["0"], undefined],
    ["audio", 49180, "RTP/AVP", ["0"], undefined],
    ["video", 51372, "RTP/AVP", ["99"], [
      { networkType: "IN", addressType: "IP6", address: "2001:db8::2" },
    ]],
  ]);
  assertEquals(it.media[2]?.attributes, [{ name: "rtpmap", value: "99 h263-1998/90000" }]);
});

Deno.test("parseSessionDescription() and its writer return every fixture octet by octet", () => {
  for (const { name } of Deno.readDirSync(new URL("../../../fixtures/sdp", import.meta.url))) {
    const bytes = fixture(name.replace(/\.sdp$/, ""));
    assertEquals(writeSessionDescription(parseSessionDescription(bytes)), bytes, name);
  }
});

Deno.test("parseSessionDescription() takes LF for CRLF, a missing last line end, and empty lines after it", () => {
  const expected = parseSessionDescription(HEAD);
  for (
    const text of [HEAD.replaceAll("\r\n", "\n"), HEAD.trimEnd(), `${HEAD}\r\n\r\n`, `${HEAD}\n`]
  ) {
    assertEquals(parseSessionDescription(text), expected);
  }
});

Deno.test("parseSessionDescription() takes lines in any order, and does without s= and t=", () => {
  const it = parseSessionDescription("a=x\nt=1 2\nc=IN IP6 ::1\no=a 1 2 IN IP6 ::1\nv=0\n");
  assertEquals([it.sessionName, it.attributes, it.connection?.address], [
    "-",
    [{ name: "x" }],
    "::1",
  ]);
  assertEquals(parseSessionDescription("v=0\no=a 1 2 IN IP4 h\n").times, undefined);
});

Deno.test("parseSessionDescription() keeps lines and attributes that nobody knows", () => {
  const text =
    `${HEAD}y=what\r\na=unheard-of:1:2:3\r\nm=message 9 TCP/MSRP *\r\na=new\r\nx=why\r\n`;
  const it = parseSessionDescription(text);
  assertEquals(it.unknownLines, [{ type: "y", value: "what" }]);
  assertEquals(it.attributes, [{ name: "unheard-of", value: "1:2:3" }]);
  assertEquals(it.media[0]?.unknownLines, [{ type: "x", value: "why" }]);
});

Deno.test("parseSessionDescription() hangs r= and z= on the t= above them", () => {
  const it = parseSessionDescription(
    "v=0\no=a 1 2 IN IP4 h\ns=-\nt=3034423619 3042462419\nr=604800 3600 0 90000\nz=2882844526 -1h\nt=0 0\n",
  );
  assertEquals(it.times, [
    {
      start: "3034423619",
      stop: "3042462419",
      repeats: ["604800 3600 0 90000"],
      zones: "2882844526 -1h",
    },
    { start: "0", stop: "0" },
  ]);
  refused("v=0\no=a 1 2 IN IP4 h\nr=1 2 3\n", "sdp/bad-time");
});

Deno.test("parseSessionDescription() reads ports with a count, bandwidths, keys and multicast", () => {
  const it = parseSessionDescription(
    `${HEAD}b=X-YZ:128\r\nk=prompt\r\nm=video 49170/2 RTP/AVP 31 32\r\nc=IN IP4 233.252.0.1/127/3\r\nb=AS:5\r\nk=clear:x\r\n`,
  );
  assertEquals(it.bandwidths, [{ type: "X-YZ", bandwidth: "128" }]);
  assertEquals(it.key, "prompt");
  const [medium] = it.media;
  assertEquals([medium?.port, medium?.portCount, medium?.formats], [49170, 2, ["31", "32"]]);
  assertEquals(medium?.connections?.[0]?.address, "233.252.0.1/127/3");
  assertEquals(medium?.key, "clear:x");
});

Deno.test("parseSessionDescription() makes U+FFFD of what is not UTF-8", () => {
  const bytes = utf8(`${HEAD}i=x\r\n`);
  bytes[bytes.indexOf(0x78)] = 0xff;
  assertEquals(parseSessionDescription(bytes).information, "\ufffd");
});

Deno.test("parseSessionDescription() names what is wrong and where", () => {
  const cases: [string, string][] = [
    ["", "sdp/missing-line"],
    ["v=0\n", "sdp/missing-line"],
    ["o=a 1 2 IN IP4 h\n", "sdp/missing-line"],
    ["v=1\no=a 1 2 IN IP4 h\n", "sdp/bad-version"],
    ["v=0\nv=0\no=a 1 2 IN IP4 h\n", "sdp/repeated-line"],
    ["v=0\no=a 1 2 IN IP4\n", "sdp/bad-origin"],
    ["v=0\no=a 1 2 IN IP4 h too\n", "sdp/bad-origin"],
    [`${HEAD}c=IN IP4\n`, "sdp/bad-connection"],
    [`${HEAD}c=IN IP4 1 2\n`, "sdp/bad-connection"],
    [`${HEAD}b=AS\n`, "sdp/bad-bandwidth"],
    [`${HEAD}t=now then\n`, "sdp/bad-time"],
    [`${HEAD}a=\n`, "sdp/bad-attribute"],
    [`${HEAD}a=:x\n`, "sdp/bad-attribute"],
    [`${HEAD}m=message TCP/MSRP *\n`, "sdp/bad-media"],
    [`${HEAD}m=message 65536 TCP/MSRP *\n`, "sdp/bad-media"],
    [`${HEAD}m=message 9 TCP/MSRP\n`, "sdp/bad-media"],
    [`${HEAD}m=message -1 TCP/MSRP *\n`, "sdp/bad-media"],
    [`${HEAD}a = x\n`, "sdp/bad-line"],
    [`${HEAD}\r\na=x\r\n`, "sdp/bad-line"],
    [`${HEAD}a=x\ry\r\n`, "sdp/bad-line"],
    [`${HEAD}a=x\0y\r\n`, "sdp/bad-line"],
    ["GET / HTTP/1.1\n", "sdp/bad-line"],
  ];
  for (const [text, code] of cases) refused(text, code);
  const late = refused(`${HEAD}m=oops\r\n`, "sdp/bad-media");
  assertEquals(late.offset, HEAD.length);
  assertEquals(late.rule, "RFC 8866 §5.14");
});

Deno.test("parseSessionDescription() escapes what it quotes, and not much of it", () => {
  const { message } = refused(`${HEAD}\u001b[2J${"x".repeat(500)}\n`, "sdp/bad-line");
  assert(!message.includes("\u001b"));
  assert(message.length < 200);
});

Deno.test("parseSessionDescription() keeps its limits, each at its very edge", () => {
  refused("x".repeat(101), "sdp/too-long", { total: 100 });
  const line = `${HEAD}a=${"x".repeat(98)}\r\n`;
  parseSessionDescription(line, { line: 100 });
  refused(line, "sdp/line-too-long", { line: 99 });
  parseSessionDescription(HEAD, { lines: 4 });
  refused(`${HEAD}a=x\r\n`, "sdp/too-many-lines", { lines: 4 });
  const media = `${HEAD}${"m=message 9 TCP/MSRP *\r\n".repeat(3)}`;
  parseSessionDescription(media, { media: 3 });
  refused(media, "sdp/too-many-media", { media: 2 });
});
