import { assertEquals } from "@std/assert";
import { Goodbye } from "../../../lib/session/goodbye.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";

const NEVER = new Promise<void>(() => {});

function goodbye() {
  const clock = new ManualClock();
  const stopping = new AbortController();
  const it = new Goodbye(clock, stopping.signal);
  const done: string[] = [];
  const note = (what: string) => () => void done.push(what);
  return { clock, stopping, it, done, note };
}

Deno.test("Goodbye.leave(): our last words are taken by the connection before the BYE leaves", async () => {
  const { it, done, note } = goodbye();
  it.heard();
  const words = Promise.withResolvers<void>();
  const left = it.leave("local", words.promise, () => Promise.resolve(done.push("BYE")).then());
  void left.then(note("left"));
  await settle();
  assertEquals(done, []);
  words.resolve();
  await left;
  assertEquals(done, ["BYE", "left"]);
});

Deno.test("Goodbye.leave(): words that a peer does not take hold the BYE up for 2 s, no longer", async () => {
  const { clock, it, done } = goodbye();
  it.heard();
  void it.leave("local", NEVER, () => Promise.resolve(void done.push("BYE")));
  await clock.advance(1_999);
  assertEquals(done, []);
  await clock.advance(1);
  assertEquals(done, ["BYE"]);
});

Deno.test("Goodbye.leave(): after a failure nobody listens to words, and after a BYE nobody wants another", async () => {
  for (const [by, expected] of [["network", "BYE"], ["remote", ""]] as const) {
    const { it, done } = goodbye();
    it.heard();
    await it.leave(by, NEVER, () => Promise.resolve(void done.push("BYE")));
    assertEquals(done.join(), expected);
  }
});

Deno.test("Goodbye.leave() waits for the answer to a BYE, but for 500 ms where nobody ever spoke", async () => {
  const { clock, it, done, note } = goodbye();
  void it.leave("network", NEVER, () => NEVER).then(note("hopeless"));
  await clock.advance(499);
  assertEquals(done, []);
  await clock.advance(1);
  assertEquals(done, ["hopeless"]);
  const other = goodbye();
  other.it.heard();
  void other.it.leave("network", NEVER, () => NEVER).then(other.note("left"));
  await other.clock.advance(60_000);
  assertEquals(other.done, []);
});

Deno.test("Goodbye.leave(): a BYE that fails ends the call all the same", async () => {
  const { it } = goodbye();
  it.heard();
  await it.leave("network", NEVER, () => Promise.reject(new Error("no answer")));
});

Deno.test("Goodbye.hearOut() reads on for 1 s, and for 10 s where a file still comes", async () => {
  const { clock, it, done, note } = goodbye();
  assertEquals(it.hasHungUp, false);
  const octets = Promise.withResolvers<void>();
  void it.hearOut(NEVER, () => {
    done.push("words are over");
    return octets.promise;
  }).then(note("heard"));
  assertEquals(it.hasHungUp, true);
  await clock.advance(999);
  assertEquals(done, []);
  await clock.advance(1);
  assertEquals(done, ["words are over"]);
  await clock.advance(9_999);
  assertEquals(done, ["words are over"]);
  await clock.advance(1);
  assertEquals(done, ["words are over", "heard"]);
});

Deno.test("Goodbye.hearOut() waits for nothing that is there", async () => {
  const { it } = goodbye();
  await it.hearOut(Promise.resolve(), () => Promise.resolve());
});

Deno.test("Goodbye.awaitBye() waits 1.5 s, or until the session is closed", async () => {
  const { clock, it, done, note } = goodbye();
  void it.awaitBye().then(note("alone"));
  await clock.advance(1_499);
  assertEquals(done, []);
  await clock.advance(1);
  assertEquals(done, ["alone"]);
  const other = goodbye();
  const waiting = other.it.awaitBye();
  other.stopping.abort(new Error("the session ended"));
  await waiting;
});
