import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { nextEvent } from "../../../lib/session/call_events.ts";
import type { SipCallEvent } from "../../../lib/session/sip_endpoint.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";

async function* events(...given: readonly SipCallEvent[]): AsyncGenerator<SipCallEvent> {
  yield* given;
}

Deno.test("nextEvent() gives one event after the other, then says that it was all", async () => {
  const clock = new ManualClock();
  const source = events({ type: "offer-rejected", status: 488, reason: "no" });
  const patience = { clock, deadline: clock.now() + 1_000, peer: "bob" };
  assertEquals((await nextEvent(source, patience)).type, "offer-rejected");
  const error = await assertRejects(() => nextEvent(source, patience), SottoError);
  assertEquals(error.code, "session/ended");
});

Deno.test("nextEvent() waits until the deadline, and names who was silent", async () => {
  const clock = new ManualClock();
  const silent: AsyncIterator<SipCallEvent> = { next: () => new Promise(() => {}) };
  const waiting = nextEvent(silent, { clock, deadline: clock.now() + 1_000, peer: "bob" });
  const error = assertRejects(() => waiting, SottoError, "no answer from bob");
  await clock.advance(1_000);
  assertEquals((await error).code, "session/timeout");
});
