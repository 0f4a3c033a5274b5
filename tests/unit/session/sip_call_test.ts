/** What the holder of a call sees of it, without any network. */
import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import {
  type CallControl,
  CallHandle,
  IncomingCallHandle,
  OutgoingCallHandle,
} from "../../../lib/session/sip_call.ts";
import { type CallEvent, parseNameAddress, parseSipUri } from "../../../lib/sip/mod.ts";

const IDS = { callId: "c", localTag: "l" };
const RINGING: CallEvent = { type: "ringing", status: 180, reason: "Ringing" };
const ENDED: CallEvent = { type: "ended", by: "remote", reason: "bye" };

/** Writes down what is asked of it. */
function control(): { asked: string[]; it: CallControl } {
  const asked: string[] = [];
  const note = (what: string) => (_call: CallHandle, ...more: unknown[]): void => {
    asked.push([what, ...more.map((it) => it instanceof Uint8Array ? it.length : it)].join(" "));
  };
  const later = (what: string) => (call: CallHandle, ...more: unknown[]): Promise<void> => {
    note(what)(call, ...more);
    return Promise.resolve();
  };
  return {
    asked,
    it: {
      hangUp: later("hangUp"),
      reoffer: note("reoffer"),
      respond: note("respond"),
      ring: note("ring"),
      answer: note("answer"),
      reject: later("reject"),
    },
  };
}

async function drain(call: CallHandle): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of call.events()) seen.push(event.type);
  return seen;
}

Deno.test("CallHandle yields events in order and ends with the last one", async () => {
  const call = new OutgoingCallHandle(control().it, IDS, parseSipUri("sip:bob@192.0.2.1"));
  call.take(RINGING);
  call.take({
    type: "answered",
    status: 200,
    answer: undefined,
    isFocus: false,
    contact: undefined,
    remoteTag: "r",
  });
  assertEquals([call.remoteTag, call.isOver], ["r", false]);
  call.take(ENDED);
  call.take(RINGING);
  assertEquals(await drain(call), ["ringing", "answered", "ended"]);
  assertEquals(call.isOver, true);
  await call.over;
});

Deno.test("CallHandle gives an offer its door", async () => {
  const { asked, it } = control();
  const call = new CallHandle(it, IDS);
  call.take({ type: "offer", via: "UPDATE", id: 3, offer: utf8("v=0"), isFocus: true });
  call.take(ENDED);
  for await (const event of call.events()) {
    if (event.type !== "offer") continue;
    assertEquals([event.via, event.isFocus, "id" in event], ["UPDATE", true, false]);
    event.respond(utf8("v=1"));
    event.respond(undefined, 488);
  }
  assertEquals(asked, ["respond 3 3 ", "respond 3  488"]);
});

Deno.test("CallHandle that nobody reads is over once its queue is full", () => {
  const call = new CallHandle(control().it, IDS);
  for (let count = 0; count < 1_000; count++) assertEquals(call.take(RINGING), true);
  assertEquals(call.take(RINGING), false);
  assertEquals([call.isOver, call.take(RINGING)], [true, true]);
});

Deno.test("IncomingCallHandle hands every wish on", async () => {
  const { asked, it } = control();
  const call = new IncomingCallHandle(it, {
    type: "incoming-call",
    call: 5,
    from: parseNameAddress("<sip:alice@example.com>"),
    to: parseNameAddress("<sip:bob@example.com>"),
    requestUri: parseSipUri("sip:bob@192.0.2.2"),
    callId: "c",
    localTag: "l",
    remoteTag: "r",
    offer: undefined,
    isFocus: false,
    remoteContact: undefined,
    source: { host: "192.0.2.1", port: 5060 },
    transport: "udp",
    userAgent: undefined,
  });
  call.ring();
  call.answer(utf8("v=0"));
  call.reoffer(utf8("v=00"));
  await call.reject(486, "Busy");
  await call.hangup();
  assertEquals(asked, ["ring", "answer 3 ", "reoffer 4", "reject 486 Busy ", "hangUp"]);
  assertEquals([call.number, call.remoteTag], [5, "r"]);
});
