import { assertEquals } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { Deliveries } from "../../../lib/session/deliveries.ts";
import type { MsrpDelivery } from "../../../lib/session/msrp_session.ts";
import type { DeliveryEvent } from "../../../lib/session/session_event.ts";

const NEVER = new Promise<never>(() => {});

async function fateOf(sent: Promise<MsrpDelivery>) {
  const events: DeliveryEvent[] = [];
  const deliveries = new Deliveries((event) => events.push(event));
  const outcome = deliveries.expect("1");
  await deliveries.follow("1", sent, NEVER);
  return { outcome: await outcome, events };
}

Deno.test("Deliveries tells a delivered message once, to its sender and as an event", async () => {
  const { outcome, events } = await fateOf(
    Promise.resolve({ messageId: "1", status: "delivered" }),
  );
  assertEquals(outcome, { status: "delivered" });
  assertEquals(events, [{ type: "delivery", id: "1", status: "delivered", code: 200 }]);
});

Deno.test("Deliveries tells an answer, a silence and a lost connection apart", async () => {
  const causes = {
    response: "response",
    report: "response",
    timeout: "timeout",
    connection: "connection",
    aborted: "connection",
  } as const;
  for (const [cause, expected] of Object.entries(causes)) {
    const { outcome } = await fateOf(Promise.resolve({
      messageId: "1",
      status: "failed",
      cause: cause as keyof typeof causes,
      code: 415,
      comment: "no",
    }));
    assertEquals(outcome, { status: "failed", cause: expected, code: 415, reason: "no" });
  }
});

Deno.test("Deliveries counts what the peer's description forbids as its answer", async () => {
  for (
    const [code, cause] of [
      ["msrp/type-not-accepted", "response"],
      ["msrp/too-large-for-peer", "response"],
      ["msrp/connection-closed", "connection"],
    ] as const
  ) {
    const { outcome } = await fateOf(Promise.reject(new SottoError(code, "why")));
    assertEquals(outcome, { status: "failed", cause, reason: "why" });
  }
});

Deno.test("Deliveries.endAll() ends what has no fate yet, and a later fate no longer counts", async () => {
  const events: DeliveryEvent[] = [];
  const deliveries = new Deliveries((event) => events.push(event));
  const outcome = deliveries.expect("1");
  const later = Promise.withResolvers<MsrpDelivery>();
  const following = deliveries.follow("1", later.promise, NEVER);
  deliveries.endAll("the session ended");
  later.resolve({ messageId: "1", status: "delivered" });
  await following;
  assertEquals(await outcome, {
    status: "failed",
    cause: "connection",
    reason: "the session ended",
  });
  assertEquals(events.length, 1);
});

Deno.test("Deliveries.follow() waits no longer than it is told", async () => {
  const deliveries = new Deliveries(() => {});
  const outcome = deliveries.expect("1");
  await deliveries.follow("1", NEVER, Promise.resolve({ status: "failed", cause: "timeout" }));
  assertEquals(await outcome, { status: "failed", cause: "timeout" });
});

Deno.test("Deliveries.forget() takes back a message that was never accepted", () => {
  const events: DeliveryEvent[] = [];
  const deliveries = new Deliveries((event) => events.push(event));
  void deliveries.expect("1");
  deliveries.forget("1");
  deliveries.endAll("over");
  assertEquals(events, []);
});

Deno.test("Deliveries.told() waits until every message that left has its fate", async () => {
  const events: DeliveryEvent[] = [];
  const deliveries = new Deliveries((event) => events.push(event));
  const fates = [1, 2].map((it) => {
    const fate = Promise.withResolvers<MsrpDelivery>();
    void deliveries.expect(`${it}`);
    void deliveries.follow(`${it}`, fate.promise, NEVER);
    return fate;
  });
  let isTold = false;
  const told = deliveries.told().then(() => isTold = true);
  fates[0]?.resolve({ messageId: "1", status: "delivered" });
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(isTold, false);
  fates[1]?.resolve({ messageId: "2", status: "failed", cause: "response", code: 481 });
  await told;
  assertEquals(events.map((it) => it.status), ["delivered", "failed"]);
  await deliveries.told(); // Nothing is under way: at once.
});
