/** The grammar of session descriptions, and where we are more lenient: RFC 8866 §5, §9. */
import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { parseSessionDescription, writeSessionDescription } from "../../../lib/sdp/mod.ts";

const HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";

Deno.test("SIP-092 lines and attributes that nobody knows are ignored, and kept", () => {
  const it = parseSessionDescription(
    `${HEAD}q=?\r\na=never-heard\r\nm=message 9 TCP/MSRP *\r\nw=!\r\n`,
  );
  assertEquals([it.unknownLines, it.media[0]?.unknownLines], [
    [{ type: "q", value: "?" }],
    [{ type: "w", value: "!" }],
  ]);
  assertEquals(parseSessionDescription(writeSessionDescription(it)), it);
});

Deno.test("SIP-092 the order of lines is not insisted on", () => {
  const shuffled = "t=0 0\r\ns=-\r\nv=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";
  assertEquals(parseSessionDescription(shuffled), parseSessionDescription(HEAD));
});

Deno.test("RFC 8866 §5 lines may end with LF alone", () => {
  assertEquals(parseSessionDescription(HEAD.replaceAll("\r", "")), parseSessionDescription(HEAD));
});

Deno.test("RFC 8866 §5 no blank may stand around the =", () => {
  for (const line of ["a =x", "a= x y", "a = x"]) {
    const parse = (): unknown => parseSessionDescription(`${HEAD}${line}\r\n`);
    assertThrows(parse, PeerError);
  }
});

Deno.test("RFC 8866 §5.1 any version but 0 is another protocol", () => {
  assertThrows(() => parseSessionDescription(HEAD.replace("v=0", "v=2")), PeerError, "v=0");
});

Deno.test("RFC 8866 §5.7 IPv6 addresses stand without brackets", () => {
  const it = parseSessionDescription(`${HEAD}c=IN IP6 2001:db8::1\r\n`);
  assertEquals(it.connection, { networkType: "IN", addressType: "IP6", address: "2001:db8::1" });
});

Deno.test("RFC 8866 §5.13 an attribute's value may hold colons, and be empty", () => {
  const it = parseSessionDescription(`${HEAD}a=a:b:c\r\na=d:\r\na=e\r\n`);
  assertEquals(it.attributes, [
    { name: "a", value: "b:c" },
    { name: "d", value: "" },
    { name: "e" },
  ]);
});

Deno.test("RFC 8866 §5.14 ports end at 65535", () => {
  const line = (port: number): string => `${HEAD}m=message ${port} TCP/MSRP *\r\n`;
  assertEquals(parseSessionDescription(line(65_535)).media[0]?.port, 65_535);
  assertThrows(() => parseSessionDescription(line(65_536)), PeerError);
});
