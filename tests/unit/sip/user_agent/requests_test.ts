/** Requests before they get their Via. */
import { assertEquals } from "@std/assert";
import { dialogOfCaller } from "../../../../lib/sip/dialog/dialog.ts";
import { headerValue } from "../../../../lib/sip/message/header_fields.ts";
import { parseNameAddress, writeNameAddress } from "../../../../lib/sip/message/name_address.ts";
import { cancelRequest, dialogRequest, withTag } from "../../../../lib/sip/user_agent/requests.ts";
import { request, response } from "../../../helpers/sip_messages.ts";

Deno.test("dialogRequest() names both parties with their tags", () => {
  const dialog = dialogOfCaller(request("INVITE"), response(200, "INVITE"));
  const bye = dialogRequest(dialog, "BYE", dialog.nextSequence(), [{ name: "X", value: "1" }]);
  assertEquals(bye.headers.map((it) => `${it.name}: ${it.value}`), [
    "Max-Forwards: 70",
    "From: <sip:alice@example.com>;tag=a",
    "To: <sip:bob@example.com>;tag=b",
    "Call-ID: 1@example.com",
    "CSeq: 8 BYE",
    "X: 1",
  ]);
});

Deno.test("cancelRequest() copies what identifies the INVITE and no more", () => {
  const cancel = cancelRequest(request("INVITE"));
  assertEquals(cancel.headers.map((it) => it.name), [
    "Max-Forwards",
    "Route",
    "From",
    "To",
    "Call-ID",
    "CSeq",
  ]);
  assertEquals(headerValue(cancel, "CSeq"), "7 CANCEL");
});

Deno.test("withTag() leaves an RFC 2543 peer without one", () => {
  const address = parseNameAddress("<sip:a@b>");
  assertEquals(writeNameAddress(withTag(address, "")), "<sip:a@b>");
  assertEquals(writeNameAddress(withTag(address, "x")), "<sip:a@b>;tag=x");
});
