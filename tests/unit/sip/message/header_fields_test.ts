/** Header fields by name. */
import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../../lib/base/errors.ts";
import {
  contactsOf,
  headerValue,
  headerValues,
  routesOf,
  tokenList,
  topVia,
  usualName,
  viasOf,
  withoutHeader,
} from "../../../../lib/sip/message/header_fields.ts";
import { NO_BODY, type SipRequest } from "../../../../lib/sip/message/message.ts";

function withFields(...fields: [string, string][]): SipRequest {
  return {
    kind: "request",
    method: "OPTIONS",
    requestUri: "sip:x",
    headers: fields.map(([name, value]) => ({ name, value })),
    body: NO_BODY,
  };
}

Deno.test("usualName() expands compact forms and mends the case of known names", () => {
  assertEquals(["v", "I", "cALL-id", "RACK", "X-Mine"].map(usualName), [
    "Via",
    "Call-ID",
    "Call-ID",
    "RAck",
    "X-Mine",
  ]);
});

Deno.test("headerValue() finds the first, headerValues() all, in any case", () => {
  const message = withFields(["X-A", "1"], ["x-a", "2"]);
  assertEquals(headerValue(message, "X-a"), "1");
  assertEquals(headerValues(message, "X-A"), ["1", "2"]);
  assertEquals(headerValue(message, "X-B"), undefined);
  assertEquals(withoutHeader(message.headers, "x-A"), []);
});

Deno.test("tokenList() joins lists and drops what is empty", () => {
  assertEquals(tokenList(withFields(["Require", "a, b,"], ["Require", "c"]), "require"), [
    "a",
    "b",
    "c",
  ]);
});

Deno.test("contactsOf() reads every address, and none for an asterisk", () => {
  assertEquals(contactsOf(withFields(["Contact", "<sip:a@b>, <sip:c@d>;q=0.1"])).length, 2);
  assertEquals(contactsOf(withFields(["Contact", "*"])), []);
  assertThrows(() => contactsOf(withFields(["Contact", "*, <sip:a@b>"])), PeerError);
});

Deno.test("routesOf() keeps the order over several fields", () => {
  const message = withFields(["Route", "<sip:a;lr>,<sip:b>"], ["Route", "<sip:c>"]);
  assertEquals(
    routesOf(message, "Route").map((it) => "host" in it.uri ? it.uri.host : ""),
    ["a", "b", "c"],
  );
});

Deno.test("topVia() says what is missing", () => {
  const error = assertThrows(() => topVia(withFields()), PeerError, "expected a Via");
  assertEquals(error.code, "sip/missing-header");
  assertEquals(viasOf(withFields()), []);
});
