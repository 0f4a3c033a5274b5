import { assertEquals } from "@std/assert";
import { FocusOutbox, type OutboxLimits } from "../../../lib/lab/focus_outbox.ts";
import type { MsrpDelivery } from "../../../lib/session/mod.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";

/** An outbox over a session that answers when the test says so. */
function outbox(limits: OutboxLimits = {}) {
  const clock = new ManualClock();
  const answers: ((delivery: MsrpDelivery) => void)[] = [];
  const givenUp: string[] = [];
  const session = {
    send: () => {
      const { promise, resolve } = Promise.withResolvers<MsrpDelivery>();
      answers.push(resolve);
      return promise;
    },
  };
  const it = new FocusOutbox(Promise.resolve(session), clock, (why) => givenUp.push(why), limits);
  const answer = async (status: MsrpDelivery["status"] = "sent", code?: number) => {
    answers.shift()?.({ messageId: "m", status, code });
    await settle();
  };
  return { it, clock, answers, givenUp, answer };
}

Deno.test("FocusOutbox gives up whom too much waits for, by messages or octets, once", async () => {
  const many = outbox({ messages: 2 });
  for (let count = 0; count < 5; count++) many.it.push(new Uint8Array(1));
  await settle();
  assertEquals([many.answers.length, many.givenUp], [2, ["too slow: too much waits for it"]]);
  const large = outbox({ octets: 10 });
  large.it.push(new Uint8Array(6));
  large.it.push(new Uint8Array(6));
  await settle();
  assertEquals([large.answers.length, large.givenUp.length], [1, 1]);
});

Deno.test("FocusOutbox.ready() waits for half of the room, and only so long", async () => {
  const { it, clock, answer, givenUp } = outbox({ messages: 4, patience: 2_000 });
  await it.ready();
  for (let count = 0; count < 3; count++) it.push(new Uint8Array(1));
  let isReady = false;
  const ready = it.ready().then(() => isReady = true);
  await clock.advance(1_000);
  assertEquals(isReady, false);
  await answer();
  await ready;
  assertEquals(givenUp, []);

  it.push(new Uint8Array(1));
  const stuck = it.ready();
  await clock.advance(2_000);
  await stuck;
  assertEquals(givenUp, ["too slow: it does not read"]);
});

Deno.test("FocusOutbox gives up whom nothing can be sent to, but not for one type that is refused", async () => {
  const { it, answer, givenUp } = outbox();
  for (let count = 0; count < 3; count++) it.push(new Uint8Array(1));
  await answer("failed", 415);
  await answer("unconfirmed");
  assertEquals(givenUp, []);
  await answer("failed", 408);
  assertEquals(givenUp, ["it answered 408"]);
  it.push(new Uint8Array(1));
  await it.ready();
});
