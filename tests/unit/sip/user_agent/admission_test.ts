/** What passes, and what does not. Clauses are in tests/conformance/rfc3261. */
import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import type { SipRequest } from "../../../../lib/sip/message/message.ts";
import { refusalOf, sessionDescriptionOf } from "../../../../lib/sip/user_agent/admission.ts";
import { request } from "../../../helpers/sip_messages.ts";

function holding(
  method: string,
  type: string | undefined,
  ...fields: [string, string][]
): SipRequest {
  const it = request(method);
  const named = type === undefined ? fields : [["Content-Type", type] as const, ...fields];
  const headers = [...it.headers, ...named.map(([name, value]) => ({ name, value }))];
  return { ...it, headers, body: utf8("v=0") };
}

Deno.test("refusalOf() lets every served method pass", () => {
  for (const method of ["INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "UPDATE", "PRACK"]) {
    assertEquals(refusalOf(request(method)), undefined, method);
  }
});

Deno.test("refusalOf() looks at Accept of an INVITE", () => {
  const accepting = (...values: string[]) =>
    refusalOf(
      holding("INVITE", "application/sdp", ...values.map((it): [string, string] => ["Accept", it])),
    )?.status;
  assertEquals(accepting("text/plain"), 406);
  assertEquals(accepting(""), 406);
  assertEquals(accepting("text/plain", "application/sdp;level=1"), undefined);
  assertEquals(accepting("text/plain, */*"), undefined);
  assertEquals(accepting("application/*"), undefined);
  assertEquals(accepting(), undefined);
});

Deno.test("refusalOf() ignores bodies where nobody reads them", () => {
  assertEquals(refusalOf(holding("BYE", "text/plain")), undefined);
  assertEquals(refusalOf(holding("UPDATE", "text/plain"))?.status, 415);
  assertEquals(refusalOf(holding("INVITE", undefined))?.status, 415);
});

Deno.test("sessionDescriptionOf() finds SDP and nothing else", () => {
  assertEquals(sessionDescriptionOf(holding("INVITE", "application/sdp")), utf8("v=0"));
  assertEquals(sessionDescriptionOf(holding("INVITE", "text/plain")), undefined);
  assertEquals(sessionDescriptionOf(request("INVITE")), undefined);
});
