import { assertEquals } from "@std/assert";
import {
  type Binding,
  bindingsOf,
  deltaSeconds,
  isOutboundResponse,
  MAX_BINDINGS,
  ownBinding,
  serviceRouteOf,
} from "../../../../lib/sip/registration/bindings.ts";
import {
  NO_BODY,
  parseSipUri,
  type SipResponse,
  writeNameAddress,
} from "../../../../lib/sip/mod.ts";

function response(...fields: readonly (readonly [string, string])[]): SipResponse {
  const headers = fields.map(([name, value]) => ({ name, value }));
  return { kind: "response", status: 200, reason: "OK", headers, body: NO_BODY };
}

const INSTANCE = "urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF";

Deno.test("bindingsOf() reads several Contacts in several fields, with what they say of themselves", () => {
  const found = bindingsOf(response(
    ["Contact", '<sip:a@192.0.2.1>;expires=60;q=0.5, "X" <sip:b@192.0.2.2>;expires=x'],
    [
      "Contact",
      `<sip:c@192.0.2.3>;+sip.instance="<${INSTANCE}>";reg-id=2;pub-gruu="sip:c@x;gr=1";temp-gruu="sip:t@x;gr";q=7`,
    ],
    ["Expires", "120"],
  ));
  assertEquals(found.map((it) => [it.expires, it.q, it.instance, it.regId]), [
    [60, 0.5, undefined, undefined],
    [3600, 1, undefined, undefined],
    [120, 1, INSTANCE, 2],
  ]);
  assertEquals([found[2]?.publicGruu, found[2]?.temporaryGruu], ["sip:c@x;gr=1", "sip:t@x;gr"]);
});

Deno.test("bindingsOf() has a limit, and knows nothing of lifetimes that nobody tells", () => {
  const many = Array.from({ length: 150 }, () => ["Contact", "<sip:a@b>"] as const);
  const found = bindingsOf(response(...many));
  assertEquals(found.length, MAX_BINDINGS);
  assertEquals(found[0]?.expires, undefined);
});

Deno.test("ownBinding() compares URIs, then device and flow", () => {
  const bindings = bindingsOf(response([
    "Contact",
    `<sip:a@192.0.2.1:5060>, <sip:a@EXAMPLE.com>, <sip:z@1.2.3.4>;+sip.instance="<${INSTANCE}>";reg-id=1`,
  ]));
  const name = (it: Binding | undefined) =>
    it && writeNameAddress({ ...it.address, parameters: [] });
  const own = (uri: string, ...rest: [string?, number?]) =>
    name(ownBinding(bindings, parseSipUri(uri), ...rest));
  assertEquals(own("sip:a@example.com"), "<sip:a@EXAMPLE.com>");
  assertEquals(own("sip:a@192.0.2.1"), undefined, "§19.1.4: a port is no absent port");
  assertEquals(own("sip:a@10.0.0.1", INSTANCE, 1), "<sip:z@1.2.3.4>");
  assertEquals(own("sip:a@10.0.0.1", INSTANCE, 2), undefined);
});

Deno.test("serviceRouteOf() keeps the order, isOutboundResponse() reads Require", () => {
  const found = serviceRouteOf(response(
    ["Service-Route", "<sip:p1;lr>, <sip:p2;lr>"],
    ["Service-Route", "<sip:p3;lr>"],
  ));
  assertEquals(found.map(writeNameAddress), ["<sip:p1;lr>", "<sip:p2;lr>", "<sip:p3;lr>"]);
  assertEquals(isOutboundResponse(response(["Require", "path, outbound"])), true);
  assertEquals(isOutboundResponse(response(["Supported", "outbound"])), false);
});

Deno.test("deltaSeconds() reads digits alone, up to 2^32-1", () => {
  assertEquals(["0", " 60 ", "99999999999"].map(deltaSeconds), [0, 60, 4294967295]);
  assertEquals(["", "-1", "1.5", "x", undefined].map(deltaSeconds), Array(5).fill(undefined));
});
