/** Dialogs made from an INVITE and its response. */
import { assert, assertEquals } from "@std/assert";
import {
  dialogOfCallee,
  dialogOfCaller,
  usableContact,
} from "../../../../lib/sip/dialog/dialog.ts";
import type { SipRequest, SipResponse } from "../../../../lib/sip/message/message.ts";
import { writeUri } from "../../../../lib/sip/message/uri.ts";
import { request, response } from "../../../helpers/sip_messages.ts";

function adding<Message extends SipRequest | SipResponse>(
  message: Message,
  ...fields: [string, string][]
): Message {
  const headers = [...message.headers, ...fields.map(([name, value]) => ({ name, value }))];
  return { ...message, headers };
}

Deno.test("dialogOfCaller() and dialogOfCallee() see the same dialog from both sides", () => {
  const invite = adding(request("INVITE"), ["Contact", "<sip:alice@192.0.2.1>;isfocus"]);
  const ok = adding(response(200, "INVITE"), ["Contact", "<sip:bob@192.0.2.2:5070>"]);
  const caller = dialogOfCaller(invite, ok);
  const callee = dialogOfCallee(invite, "b");
  assert(callee !== undefined);
  assertEquals(caller.id.localTag, callee.id.remoteTag);
  assertEquals(caller.id.remoteTag, callee.id.localTag);
  assertEquals(writeUri(caller.remoteTarget), "sip:bob@192.0.2.2:5070");
  assertEquals(writeUri(callee.remoteTarget), "sip:alice@192.0.2.1");
  assertEquals([caller.isFocus, callee.isFocus], [false, true]);
  assertEquals([caller.nextSequence(), callee.nextSequence()], [8, 1]);
});

Deno.test("Dialog takes the first CSeq number as it comes, and later ones only upwards", () => {
  const caller = dialogOfCaller(request("INVITE"), response(180, "INVITE"));
  assertEquals([3, 3, 5, 4].map((it) => caller.acceptSequence(it)), [true, true, true, false]);
});

Deno.test("Dialog.confirm() replaces the route set of the 1xx", () => {
  const early = adding(response(180, "INVITE"), ["Record-Route", "<sip:p1;lr>"]);
  const dialog = dialogOfCaller(request("INVITE"), early);
  assertEquals(dialog.routing.routes.length, 1);
  dialog.confirm(response(200, "INVITE"));
  assertEquals(dialog.routing.routes.length, 0);
});

Deno.test("Dialog.refreshTarget() says whether the focus flag changed, and keeps what is not renewed", () => {
  const dialog = dialogOfCaller(
    request("INVITE"),
    adding(response(200, "INVITE"), ["Contact", "<sip:x@192.0.2.2>"]),
  );
  assertEquals(dialog.refreshTarget(request("UPDATE")), false);
  assertEquals(writeUri(dialog.remoteTarget), "sip:x@192.0.2.2");
  const focus = adding(request("UPDATE"), ["Contact", "<sip:y@192.0.2.3>;isfocus"]);
  assertEquals([dialog.refreshTarget(focus), dialog.refreshTarget(focus)], [true, false]);
  assertEquals(writeUri(dialog.remoteTarget), "sip:y@192.0.2.3");
});

Deno.test("usableContact() passes over what is no SIP URI", () => {
  assertEquals(usableContact(adding(request("INVITE"), ["Contact", "<tel:1>"])), undefined);
  const second = adding(request("INVITE"), ["Contact", "<tel:1>, <sip:a@b>"]);
  assertEquals(usableContact(second)?.target.host, "b");
});

Deno.test("dialogOfCallee() has no dialog for a caller that cannot be reached", () => {
  const invite = request("INVITE");
  const headers = invite.headers.map((it) =>
    it.name === "From" ? { ...it, value: "<tel:+1>;tag=a" } : it
  );
  assertEquals(dialogOfCallee({ ...invite, headers }, "b"), undefined);
});
