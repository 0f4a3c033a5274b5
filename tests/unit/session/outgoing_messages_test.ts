import { assertEquals, assertStringIncludes } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { IMDN_TYPE } from "../../../lib/im/mod.ts";
import { Deliveries } from "../../../lib/session/deliveries.ts";
import type { Carriage } from "../../../lib/session/message_wrapping.ts";
import type { MsrpDelivery, MsrpSession } from "../../../lib/session/msrp_session.ts";
import { OutgoingMessages, type Transmission } from "../../../lib/session/outgoing_messages.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";

function way(peer: { receives?: boolean; carriage?: Carriage; isFocus?: boolean } = {}) {
  const clock = new ManualClock();
  const told: unknown[] = [];
  const deliveries = new Deliveries((event) => told.push([event.id, event.status, event.reason]));
  const sent: Parameters<MsrpSession["send"]>[0][] = [];
  const fates: PromiseWithResolvers<MsrpDelivery>[] = [];
  const it = new OutgoingMessages({
    clock,
    self: { aor: "alice@example.com" },
    peer: "bob@example.net",
    timeout: 1_000,
    media: {
      peerReceives: peer.receives ?? true,
      carriageOf: () => peer.carriage ?? "plain",
    },
    deliveries,
    dispositions: { requestFor: (id) => ({ messageId: id, requests: ["display"] }) },
    member: { recipientOf: (id) => id === "private" ? "carol@example.org" : undefined },
    isFocus: () => peer.isFocus ?? false,
    newId: () => "new-1",
  });
  const msrp: Pick<MsrpSession, "send"> = {
    send: (message) => {
      sent.push(message);
      const fate = Promise.withResolvers<MsrpDelivery>();
      fates.push(fate);
      return fate.promise;
    },
  };
  const send = (output: Omit<Transmission, "type" | "content">, contentType = "text/plain") =>
    it.send({ type: "transmit", content: { contentType, body: utf8("words") }, ...output }, msrp);
  const bodyOf = (at: number) => {
    const body = sent[at]?.body;
    return body instanceof Uint8Array ? new TextDecoder().decode(body) : "";
  };
  return { it, clock, deliveries, told, sent, fates, send, bodyOf };
}

Deno.test("OutgoingMessages.send() asks for reports on a user's words alone", () => {
  const { send, sent } = way();
  send({ purpose: "user", id: "1" });
  send({ purpose: "otr" });
  assertEquals(
    sent.map((it) => [it.messageId, it.successReport, it.failureReport]),
    [["1", true, "yes"], [undefined, false, "no"]],
  );
});

Deno.test("OutgoingMessages.send() tells the fate, or after its time that none came", async () => {
  const { clock, deliveries, fates, send, told } = way();
  const first = deliveries.expect("1");
  const second = deliveries.expect("2");
  send({ purpose: "user", id: "1" });
  send({ purpose: "user", id: "2" });
  fates[0]?.resolve({ messageId: "1", status: "delivered" });
  assertEquals(await first, { status: "delivered" });
  await clock.advance(999);
  assertEquals(told.length, 1);
  await clock.advance(1);
  assertEquals((await second).cause, "timeout");
});

Deno.test("OutgoingMessages.send() sends nothing to a peer that does not receive, and says so (RFC 4975 §8.9)", async () => {
  const { deliveries, send, sent } = way({ receives: false });
  const fate = deliveries.expect("1");
  send({ purpose: "user", id: "1" });
  send({ purpose: "otr" });
  assertEquals(sent, []);
  assertEquals([(await fate).status, (await fate).cause], ["failed", "response"]);
});

Deno.test("OutgoingMessages.send() addresses the CPIM: the peer, one member of a room, or who asked", () => {
  const { bodyOf, send } = way({ carriage: "cpim" });
  send({ purpose: "user", id: "1" });
  send({ purpose: "user", id: "private" });
  send({ purpose: "control", to: "dave@example.org" });
  const expected = ["bob@example.net", "carol@example.org", "dave@example.org"];
  for (const [at, to] of expected.entries()) assertStringIncludes(bodyOf(at), `To: <sip:${to}>`);
});

Deno.test("OutgoingMessages.send() asks for notifications on words to one person, and names its own", () => {
  const { bodyOf, send } = way({ carriage: "cpim" });
  send({ purpose: "user", id: "1" });
  send({ purpose: "otr" });
  send({ purpose: "control" }, IMDN_TYPE);
  assertStringIncludes(bodyOf(0), "imdn.Disposition-Notification: display");
  assertEquals(bodyOf(1).includes("imdn"), false);
  assertStringIncludes(bodyOf(2), "imdn.Message-ID: new-1");
  const room = way({ carriage: "cpim", isFocus: true });
  room.send({ purpose: "user", id: "1" });
  assertEquals(room.bodyOf(0).includes("imdn"), false);
});

Deno.test("OutgoingMessages.said waits until the connection took the last words, or lost them", async () => {
  for (const end of ["taken", "lost"] as const) {
    const { fates, it, send } = way();
    await it.said;
    send({ purpose: "user", id: "1" });
    await it.said; // A user's message is waited for by its user.
    send({ purpose: "otr" });
    let isSaid = false;
    const said = it.said.then(() => isSaid = true);
    await settle();
    assertEquals(isSaid, false);
    if (end === "taken") fates[1]?.resolve({ messageId: "2", status: "delivered" });
    else fates[1]?.reject(new Error("the connection is gone"));
    await said;
  }
});
