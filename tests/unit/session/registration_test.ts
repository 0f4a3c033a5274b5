/** The handle of a registration: events, waiting, the end. On sockets in tests/interop/kamailio/sip_account_test.ts. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { Registration } from "../../../lib/session/registration.ts";
import { parseNameAddress, type RegistrationEvent } from "../../../lib/sip/mod.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";

const FAILED: RegistrationEvent = {
  type: "failed",
  error: new SottoError("sip/timeout", "no answer"),
  retryAt: 1,
};

function alone(number?: number) {
  const asked: string[] = [];
  const clock = new ManualClock();
  const it = new Registration({
    now: () => clock.now(),
    until: (at, signal) => clock.reached(at, signal),
    end: () => asked.push("end"),
    refresh: () => asked.push("refresh"),
  }, parseNameAddress("<sip:alice@example.com>"));
  it.number = number;
  return { it, asked, clock };
}

async function names(it: Registration): Promise<string[]> {
  const found: string[] = [];
  for await (const event of it.events()) found.push(event.type);
  return found;
}

Deno.test("Registration hands events on in order, and ends with the last one", async () => {
  const { it } = alone(1);
  it.take({ type: "registering" });
  it.take(FAILED);
  assertEquals(it.last, FAILED);
  it.take({ type: "unregistered", isConfirmed: true });
  it.take(FAILED);
  assert(it.isOver);
  assertEquals(await names(it), ["registering", "failed", "unregistered"]);
});

Deno.test("Registration.settled() waits for the first outcome", async () => {
  const { it } = alone(1);
  const settled = it.settled();
  it.take({ type: "registering" });
  it.take(FAILED);
  assertEquals(await settled, FAILED);
});

Deno.test("Registration.settled() is given up with the signal, the registration is not", async () => {
  const { it } = alone(1);
  const stop = new AbortController();
  const settled = it.settled(stop.signal);
  stop.abort(new Error("enough"));
  await assertRejects(() => settled, Error, "enough");
  await assertRejects(() => it.settled(stop.signal), Error, "enough");
  assert(!it.isOver);
});

Deno.test("Registration.close() asks for the end once, and waits for it", async () => {
  const { it, asked } = alone(1);
  const closed = it.close();
  it.take({ type: "unregistered", isConfirmed: true });
  await closed;
  await it.close();
  assertEquals(asked, ["end"]);
});

Deno.test("Registration.close() does not wait for ever", async () => {
  const { it, clock } = alone(1);
  const closed = it.close();
  await clock.advance(5_000);
  await closed;
  assert(it.isOver);
  assertEquals((await it.settled()).type, "unregistered");
});

Deno.test("Registration.close() before anything was sent ends it at once", async () => {
  const { it, asked } = alone();
  await it.close();
  assertEquals(asked, []);
  assertEquals(await names(it), ["unregistered"]);
});

Deno.test("Registration keeps going when nobody reads", () => {
  const { it } = alone(1);
  for (let count = 0; count < 500; count++) it.take(FAILED);
  assert(!it.isOver);
  assertEquals(it.serviceRoute, []);
});
