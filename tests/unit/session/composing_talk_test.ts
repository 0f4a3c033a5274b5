import { assertEquals } from "@std/assert";
import { ComposingTalk } from "../../../lib/session/composing_talk.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";

/** A talk that writes down what it says and tells. */
function talk(): { clock: ManualClock; it: ComposingTalk; done: string[]; stop: AbortController } {
  const clock = new ManualClock();
  const stop = new AbortController();
  const done: string[] = [];
  const it = new ComposingTalk({
    clock,
    signal: stop.signal,
    send: (state, refresh) => done.push(`send ${state} ${refresh}`),
    tell: (state) => done.push(`tell ${state}`),
  });
  return { clock, it, done, stop };
}

Deno.test("ComposingTalk says active, refreshes it while somebody types, and idle after the last key", async () => {
  const { clock, it, done } = talk();
  for (let second = 0; second < 70; second += 5) {
    it.typed();
    await clock.advance(5_000);
  }
  assertEquals(done, ["send active 60", "send active 60"]);
  await clock.advance(15_000);
  assertEquals(done.at(-1), "send idle 60");
});

Deno.test("ComposingTalk says nothing after the message, which says it all", async () => {
  const { clock, it, done } = talk();
  it.typed();
  it.said();
  await clock.advance(120_000);
  assertEquals(done, ["send active 60"]);
});

Deno.test("ComposingTalk says idle when the words are given up, if anybody heard of them", () => {
  const { it, done } = talk();
  it.stopped();
  it.typed();
  it.stopped();
  it.stopped();
  assertEquals(done, ["send active 60", "send idle 60"]);
});

Deno.test("ComposingTalk tells that the peer stopped when its refresh is over", async () => {
  const { clock, it, done } = talk();
  it.heard({ state: "active", refresh: 60 });
  await clock.advance(59_000);
  it.heard({ state: "active", refresh: 60 });
  await clock.advance(59_000);
  assertEquals(done, ["tell active"]);
  await clock.advance(1_000);
  assertEquals(done, ["tell active", "tell idle"]);
});

Deno.test("ComposingTalk: idle, or the message itself, ends the peer's typing at once", () => {
  const { it, done } = talk();
  it.heard({ state: "active" });
  it.received();
  it.heard({ state: "active" });
  it.heard({ state: "idle" });
  it.received();
  assertEquals(done, ["tell active", "tell idle", "tell active", "tell idle"]);
});

Deno.test("ComposingTalk is still after the end", async () => {
  const { clock, it, done, stop } = talk();
  it.typed();
  it.heard({ state: "active" });
  stop.abort();
  await clock.advance(500_000);
  assertEquals(done, ["send active 60", "tell active"]);
});
