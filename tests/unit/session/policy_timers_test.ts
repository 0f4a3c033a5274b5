import { assertEquals } from "@std/assert";
import { PolicyTimers } from "../../../lib/session/policy_timers.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";

function timers(deadline: number | undefined) {
  const clock = new ManualClock();
  const stopping = new AbortController();
  const it = new PolicyTimers(clock, stopping.signal);
  const done: string[] = [];
  const policy = { deadline, prepare: () => void done.push("prepare") };
  const state = { isOver: false };
  const following = it.follow(
    policy,
    () => {
      done.push(`due at ${clock.now()}`);
      policy.deadline = undefined;
    },
    () => state.isOver,
  );
  return { clock, stopping, it, done, policy, state, following };
}

Deno.test("PolicyTimers.follow() prepares in a quiet moment, and acts when something is due", async () => {
  const { clock, done, stopping, following } = timers(100);
  await settle();
  assertEquals(done, ["prepare"]);
  await clock.advance(99);
  assertEquals(done, ["prepare"]);
  await clock.advance(1);
  assertEquals(done, ["prepare", "due at 100", "prepare"]);
  stopping.abort();
  await following;
});

Deno.test("PolicyTimers.nudge() makes it look at the deadline again", async () => {
  const { clock, it, done, policy, stopping, following } = timers(undefined);
  await clock.advance(1_000);
  policy.deadline = 1_500;
  it.nudge();
  await clock.advance(500);
  assertEquals(done.filter((what) => what.startsWith("due")), ["due at 1500"]);
  stopping.abort();
  await following;
});

Deno.test("PolicyTimers.follow() acts on nothing once it is over, and ends", async () => {
  const { clock, done, state, following } = timers(100);
  await settle();
  state.isOver = true;
  await clock.advance(100);
  await following;
  assertEquals(done, ["prepare"]);
});

Deno.test("PolicyTimers.follow() ends with the session, also one that was closed before", async () => {
  const { stopping, following } = timers(undefined);
  stopping.abort();
  await following;
  const late = new PolicyTimers(new ManualClock(), stopping.signal);
  await late.follow({ deadline: undefined, prepare: () => {} }, () => {}, () => false);
});
