/** Loose and strict routing. */
import { assertEquals } from "@std/assert";
import { asRequestUri, routeTo } from "../../../../lib/sip/dialog/route_set.ts";
import { parseNameAddressList } from "../../../../lib/sip/message/name_address.ts";
import { parseSipUri, writeUri } from "../../../../lib/sip/message/uri.ts";

const TARGET = parseSipUri("sip:bob@192.0.2.2;method=INVITE?subject=x");

function routed(routes: string): string[] {
  const set = routes === "" ? [] : parseNameAddressList(routes);
  const { requestUri, routes: left, nextHop } = routeTo(TARGET, set);
  return [writeUri(requestUri), ...left.map((it) => writeUri(it.uri)), `→ ${writeUri(nextHop)}`];
}

Deno.test("routeTo() goes straight to the target without a route set", () => {
  assertEquals(routed(""), ["sip:bob@192.0.2.2", "→ sip:bob@192.0.2.2"]);
});

Deno.test("routeTo() keeps the target for a loose router", () => {
  assertEquals(routed("<sip:p1;lr>,<sip:p2>"), [
    "sip:bob@192.0.2.2",
    "sip:p1;lr",
    "sip:p2",
    "→ sip:p1;lr",
  ]);
  // RFC 4475 §3.1.1.3: the parameter's name may be escaped.
  assertEquals(routed("<sip:p1;%6C%72>")[0], "sip:bob@192.0.2.2");
});

Deno.test("routeTo() puts the target last for a strict router", () => {
  assertEquals(routed("<sip:p1;method=BYE>,<sip:p2;lr>"), [
    "sip:p1",
    "sip:p2;lr",
    "sip:bob@192.0.2.2;method=INVITE?subject=x",
    "→ sip:p1;method=BYE",
  ]);
});

Deno.test("asRequestUri() drops what no Request-URI may hold", () => {
  assertEquals(writeUri(asRequestUri(TARGET)), "sip:bob@192.0.2.2");
});
