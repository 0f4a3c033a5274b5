/** Which events of a call are followed. On the wire in tests/conformance/rfc3261/redirection_test.ts. */
import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { followRedirects, type RedirectedCall } from "../../../lib/session/call_redirects.ts";
import { type CallEvent, parseNameAddress, parseSipUri } from "../../../lib/sip/mod.ts";

function rejected(status: number, sequence: number, contact?: string): CallEvent {
  const headers = [{ name: "CSeq", value: `${sequence} INVITE` }];
  if (contact !== undefined) headers.push({ name: "Contact", value: contact });
  return { type: "rejected", status, reason: "", headers };
}

Deno.test("followRedirects() places the call elsewhere, with the same To and a higher number", () => {
  const placed: RedirectedCall[] = [];
  const take = followRedirects({
    target: parseSipUri("sip:bob@x"),
    from: parseNameAddress("<sip:alice@x>"),
    offer: utf8(""),
    redirects: 3,
  }, (it) => placed.push(it));
  assertEquals(take({ type: "ringing", status: 180, reason: "" }), false);
  assertEquals(take(rejected(302, 7, "<sip:a@x>, <sip:b@x>, <sip:c@x>")), true);
  assertEquals(take(rejected(486, 8)), true);
  const error = new SottoError("sip/timeout", "silence");
  assertEquals(take({ type: "failed", error }), true);
  assertEquals(take(rejected(404, 109)), false);
  assertEquals(placed.map((it) => [it.target.user, it.sequence, it.to?.uri]), [
    ["a", 8, parseSipUri("sip:bob@x")],
    ["b", 9, parseSipUri("sip:bob@x")],
    ["c", 109, parseSipUri("sip:bob@x")],
  ]);
});
