import { assertEquals } from "@std/assert";
import { PeerError, type SottoError } from "../../../lib/base/errors.ts";
import type { MsrpEvent } from "../../../lib/msrp/mod.ts";
import { Deliveries } from "../../../lib/session/deliveries.ts";
import { followMsrp } from "../../../lib/session/msrp_following.ts";
import type { MsrpDelivery } from "../../../lib/session/msrp_session.ts";
import { settle } from "../../helpers/manual_clock.ts";

const GONE = {
  type: "session-failed",
  session: "s",
  code: 481,
  comment: "No \u202eSession",
} as const satisfies MsrpEvent;

async function* stream(...events: MsrpEvent[]): AsyncGenerator<MsrpEvent> {
  yield* events;
}

function follower(told: () => Promise<void> = () => Promise.resolve()) {
  const done: string[] = [];
  return {
    done,
    onMessage: (event: { messageId: string }) => void done.push(`message ${event.messageId}`),
    onFault: (error: PeerError) => void done.push(`fault ${error.code} ${error.rule}`),
    told,
    onRefused: (error: SottoError) => void done.push(`${error.code}: ${error.message}`),
  };
}

Deno.test("followMsrp() passes messages and faults on in order, until the session is over", async () => {
  const it = follower();
  const message = { type: "message-received", session: "s", messageId: "m1" };
  const error = new PeerError("msrp/bad-start-line", "RFC 4975 §9", "no start line");
  await followMsrp(
    stream(message as MsrpEvent, { type: "peer-error", error } as MsrpEvent),
    it,
  );
  assertEquals(it.done, ["message m1", "fault msrp/bad-start-line RFC 4975 §9"]);
});

Deno.test("followMsrp(): the message that was answered by 481 or 506 is told so before the session ends", async () => {
  for (const code of [481, 506] as const) {
    const told: unknown[] = [];
    const deliveries = new Deliveries((event) => told.push([event.status, event.code]));
    const outcome = deliveries.expect("1");
    const sent = Promise.withResolvers<MsrpDelivery>();
    void deliveries.follow("1", sent.promise, new Promise(() => {}));
    const it = follower(() => deliveries.told());
    const onRefused = (error: SottoError) => {
      told.push(error.code);
      deliveries.endAll("the session ended"); // As the end of a session does.
    };
    await followMsrp(stream({ ...GONE, code }), { ...it, onRefused });
    await settle();
    assertEquals(told, [], "the word is still on its way");
    sent.resolve({ messageId: "1", status: "failed", cause: "response", code, comment: "gone" });
    const { cause, code: known } = await outcome;
    assertEquals([cause, known], ["response", code]);
    await settle();
    assertEquals(told, [["failed", code], "session/msrp-refused"]);
  }
});

Deno.test("followMsrp() says how the session was refused, escaped, and reads on while messages are told", async () => {
  const told = Promise.withResolvers<void>();
  const it = follower(() => told.promise);
  const message = { type: "message-received", session: "s", messageId: "m2" };
  await followMsrp(stream(GONE, message as MsrpEvent), it);
  assertEquals(it.done, ["message m2"]);
  told.resolve();
  await settle();
  assertEquals(it.done.length, 2);
  const refusal = it.done[1] ?? "";
  assertEquals(refusal.startsWith("session/msrp-refused: "), true);
  assertEquals([refusal.includes("481 No"), refusal.includes("\u202e")], [true, false]);
});
