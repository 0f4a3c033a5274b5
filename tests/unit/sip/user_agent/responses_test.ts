/** Responses that follow from requests. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { headerValue } from "../../../../lib/sip/message/header_fields.ts";
import type { SipRequest } from "../../../../lib/sip/message/message.ts";
import { respondTo, statelessTag } from "../../../../lib/sip/user_agent/responses.ts";
import { request } from "../../../helpers/sip_messages.ts";

function to(value: string): SipRequest {
  const it = request("OPTIONS");
  const headers = it.headers.map((field) => field.name === "To" ? { ...field, value } : field);
  return { ...it, headers };
}

Deno.test("respondTo() adds a tag where there is none, and only there", () => {
  const tagged = (value: string) => headerValue(respondTo(to(value), 200, { toTag: "t" }), "To");
  assertEquals(tagged("<sip:b@x>"), "<sip:b@x>;tag=t");
  assertEquals(tagged("sip:b@x;user=phone"), "sip:b@x;user=phone;tag=t");
  assertEquals(tagged("<sip:b@x>;tag=old"), "<sip:b@x>;tag=old");
  assertEquals(tagged('"broken <sip:b@x>'), '"broken <sip:b@x>');
});

Deno.test("respondTo() copies Timestamp into a 100 alone", () => {
  const it = request("INVITE");
  const stamped = { ...it, headers: [...it.headers, { name: "Timestamp", value: "54" }] };
  assertEquals(headerValue(respondTo(stamped, 100), "Timestamp"), "54");
  assertEquals(headerValue(respondTo(stamped, 180), "Timestamp"), undefined);
  assertEquals(respondTo(stamped, 486).reason, "Busy Here");
});

Deno.test("statelessTag() repeats for the same request and differs for another", () => {
  assertEquals(statelessTag(request("BYE")), statelessTag(request("BYE")));
  assertNotEquals(statelessTag(request("BYE")), statelessTag(request("INVITE")));
  assertEquals(statelessTag({ ...request("BYE"), headers: [] }).length, 10);
});
