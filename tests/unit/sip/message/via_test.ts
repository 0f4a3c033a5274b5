/** The Via header field. */
import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../../lib/base/errors.ts";
import { branchOf, parseVias, sentByOf, writeVia } from "../../../../lib/sip/message/via.ts";

function only(text: string) {
  const [via, ...others] = parseVias(text);
  assertEquals(others, []);
  if (via === undefined) throw new Error("no Via");
  return via;
}

Deno.test("parseVias() reads blanks anywhere and writeVia() none", () => {
  const text = "SIP  /   2.0 / udp  192.0.2.1 : 5070 ; branch = z9hG4bKx;rport";
  assertEquals(writeVia(only(text)), "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKx;rport");
});

Deno.test("parseVias() refuses what is no hop", () => {
  for (
    const bad of [
      "",
      "SIP/2.0/UDP",
      "HTTP/1.1/TCP a",
      "SIP/2.0 a",
      "SIP/2.0/UDP a:b",
      "SIP/2.0/UDP a;;",
      "SIP/2.0/UDP a,",
      "SIP/2.0/UDP a b",
      "SIP/2.0/UDP 2001:db8::1",
    ]
  ) assertThrows(() => parseVias(bad), PeerError);
});

Deno.test("branchOf() wants the cookie in any case and something after it", () => {
  const branch = (value: string) => branchOf(only(`SIP/2.0/UDP a;branch=${value}`));
  assertEquals(branch("z9hG4bKx"), "z9hG4bKx");
  assertEquals(branch("Z9hg4bkx"), "Z9hg4bkx");
  assertEquals(branch("z9hG4bK"), undefined);
  assertEquals(branch("390skdjuw"), undefined);
  assertEquals(branchOf(only("SIP/2.0/UDP a")), undefined);
});

Deno.test("sentByOf() fills the default port of the transport in", () => {
  assertEquals(sentByOf(only("SIP/2.0/UDP A.example")), "a.example:5060");
  assertEquals(sentByOf(only("SIP/2.0/TLS a.example")), "a.example:5061");
  assertEquals(sentByOf(only("SIP/2.0/TLS [::1]:7")), "[::1]:7");
});
