import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { answersCema, cemaAddress } from "../../../lib/sdp/msrp_cema.ts";
import { type MsrpMedia, msrpMediaOf, parseSessionDescription } from "../../../lib/sdp/mod.ts";

function media(address: string, port: number, path: string, more = ""): MsrpMedia {
  const sdp = `v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nt=0 0\r\nm=message ${port} TCP/MSRP *\r\n` +
    `c=IN ${address.includes(":") ? "IP6" : "IP4"} ${address}\r\na=path:${path}\r\n` +
    `a=accept-types:*\r\n${more}`;
  const [found] = msrpMediaOf(parseSessionDescription(utf8(sdp)));
  if (found === undefined) throw new Error("no medium");
  return found;
}

Deno.test("cemaAddress() is c= and m= where the path has neither", () => {
  const own = "msrp://192.0.2.1:7000/id;tcp";
  const relay = "msrp://relay.example:2855/r;tcp";
  assertEquals(cemaAddress(media("192.0.2.1", 7000, own)), undefined);
  assertEquals(cemaAddress(media("192.0.2.9", 7000, own)), { host: "192.0.2.9", port: 7000 });
  assertEquals(cemaAddress(media("192.0.2.1", 7001, own)), { host: "192.0.2.1", port: 7001 });
  assertEquals(cemaAddress(media("192.0.2.1", 7000, `${relay} ${own}`)), undefined);
  assertEquals(cemaAddress(media("relay.EXAMPLE", 2855, `${relay} ${own}`)), undefined);
  const ipv6 = "msrp://[2001:db8::1]:7000/id;tcp";
  assertEquals(cemaAddress(media("2001:db8::1", 7000, ipv6)), undefined);
  assertEquals(cemaAddress(media("2001:db8::2", 7000, ipv6)), { host: "2001:db8::2", port: 7000 });
  for (const [address, port] of [["0.0.0.0", 7000], ["::", 7000], ["192.0.2.9", 9]] as const) {
    assertEquals(cemaAddress(media(address, port, own)), undefined, address);
  }
});

Deno.test("answersCema() crosses what the offer says (RFC 6714 §4.3)", () => {
  const own = "msrp://192.0.2.1:7000/id;tcp";
  const relayed = `msrp://relay.example:2855/r;tcp ${own}`;
  const table: [string, string, boolean][] = [
    [own, "", false],
    [own, "a=msrp-cema\r\n", true],
    [own, "a=msrp-cema\r\na=setup:active\r\n", true],
    [relayed, "a=msrp-cema\r\na=setup:actpass\r\n", true],
    [relayed, "a=msrp-cema\r\na=setup:passive\r\n", true],
    [relayed, "a=msrp-cema\r\na=setup:active\r\n", false],
    [relayed, "a=msrp-cema\r\n", false],
  ];
  for (const [path, more, expected] of table) {
    assertEquals(answersCema(media("192.0.2.1", 7000, path, more)), expected, more);
  }
});
