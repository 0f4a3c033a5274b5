import { assertEquals } from "@std/assert";
import {
  ACCEPT_TYPES,
  describeRefusal,
  SWITCH_TYPES,
} from "../../../lib/session/chat_abilities.ts";

Deno.test("describeRefusal() is a 488 with the Warning of RFC 3261 §20.43", () => {
  const refusal = { reason: "media-refused", warningCode: 399, warningText: "no" } as const;
  assertEquals(describeRefusal(refusal, "192.0.2.1"), {
    status: 488,
    reason: "Not Acceptable Here",
    headers: [{ name: "Warning", value: '399 192.0.2.1 "no"' }],
    text: "no",
  });
  assertEquals(describeRefusal(refusal).headers[0]?.value, '399 sotto "no"');
});

Deno.test("a switch takes message/cpim alone (RFC 7701 §5.2), everybody takes that first", () => {
  assertEquals(SWITCH_TYPES, ["message/cpim"]);
  assertEquals(ACCEPT_TYPES[0], "message/cpim");
});
