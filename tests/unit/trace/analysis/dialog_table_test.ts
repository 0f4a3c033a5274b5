import { assertEquals } from "@std/assert";
import { DialogTable } from "../../../../lib/trace/analysis/dialog_table.ts";
import type { SipObject } from "../../../../lib/trace/analysis/trace_object.ts";

const BASE: SipObject = {
  type: "sip",
  frame: 1,
  at: 1,
  src: undefined,
  dst: undefined,
  transport: "udp",
  method: undefined,
  requestUri: undefined,
  status: undefined,
  reason: undefined,
  callId: "c1",
  cseq: "1 INVITE",
  from: "<sip:a@b>",
  to: "<sip:c@d>",
  contentType: undefined,
  bodyLength: 0,
  media: [],
  isFocus: false,
};

function stateAfter(...messages: Partial<SipObject>[]) {
  const table = new DialogTable();
  for (const message of messages) table.receive({ ...BASE, ...message });
  const [dialog] = table.dialogs();
  return dialog && [dialog.state, dialog.status, dialog.isFocus];
}

Deno.test("DialogTable follows a call from INVITE to its end", () => {
  const invite = { method: "INVITE" };
  assertEquals(stateAfter(invite), ["calling", undefined, false]);
  assertEquals(stateAfter(invite, { status: 100 }), ["calling", undefined, false]);
  assertEquals(stateAfter(invite, { status: 180 }), ["ringing", undefined, false]);
  assertEquals(stateAfter(invite, { status: 486 }), ["rejected", 486, false]);
  assertEquals(stateAfter(invite, { status: 407 }, invite, { status: 200 }), [
    "connected",
    200,
    false,
  ]);
  assertEquals(stateAfter(invite, { status: 200 }, { method: "BYE" }), ["ended", 200, false]);
  assertEquals(stateAfter(invite, { method: "CANCEL" }, { status: 487 }), ["ended", 487, false]);
  assertEquals(stateAfter(invite, { status: 200, isFocus: true }), ["connected", 200, true]);
  assertEquals(stateAfter(invite, { status: 500, cseq: "2 BYE" }), ["calling", undefined, false]);
});

Deno.test("DialogTable begins with INVITE only and stops at its limit", () => {
  assertEquals(stateAfter({ method: "REGISTER" }, { status: 200 }), undefined);
  const table = new DialogTable(1);
  for (const callId of ["c1", "c2"]) table.receive({ ...BASE, method: "INVITE", callId });
  assertEquals(table.dialogs().length, 1);
});
