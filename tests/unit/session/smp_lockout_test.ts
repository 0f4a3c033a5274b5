import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SmpFailureLog } from "../../../lib/storage/mod.ts";
import { SmpLockout } from "../../../lib/session/smp_lockout.ts";
import { utf8 } from "../../../lib/base/mod.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";
import { SessionPair } from "../../helpers/chat_session_setup.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

const ONE = "1".repeat(40);
const TWO = "2".repeat(40);
const MALLORY = "mallory@example.com";

function lockout(folder: TemporaryFolder): SmpLockout {
  return new SmpLockout(new SmpFailureLog(folder.file("smp_failures")), new ManualClock());
}

Deno.test("SmpLockout lets an address guess three times, however many calls it makes at once", async () => {
  await using folder = await TemporaryFolder.make();
  const guesses = lockout(folder);
  const attempts = [...Array(64).keys()].map(() => guesses.attempt());
  const refusals = await Promise.all(attempts.map((it) => it.refusal(MALLORY, ONE)));
  assertEquals(refusals.filter((it) => it === undefined).length, 3);
  assertStringIncludes(refusals.at(-1) ?? "", "too many failures");
  // Another fingerprint is no way around it, nor is another address with the same.
  assertEquals(typeof await guesses.attempt().refusal(MALLORY, TWO), "string");
  assertEquals(typeof await guesses.attempt().refusal("eve@example.com", ONE), "string");
  assertEquals(await guesses.attempt().refusal("eve@example.com", TWO), undefined);
});

Deno.test("SmpLockout counts a guess once, while it runs and when it has failed", async () => {
  await using folder = await TemporaryFolder.make();
  const guesses = lockout(folder);
  for (const expected of [undefined, undefined, undefined, "string"]) {
    const attempt = guesses.attempt();
    const refusal = await attempt.refusal(MALLORY, ONE);
    assertEquals(typeof refusal, expected ?? "undefined");
    if (refusal === undefined) await attempt.failed(MALLORY, ONE);
    await attempt.release();
  }
});

Deno.test("SmpLockout forgets what ran in a session that is over, and everything after a success", async () => {
  await using folder = await TemporaryFolder.make();
  const guesses = lockout(folder);
  const attempts = [1, 2, 3].map(() => guesses.attempt());
  for (const it of attempts) assertEquals(await it.refusal(MALLORY, ONE), undefined);
  await attempts[0]?.release();
  await attempts[0]?.release();
  const next = guesses.attempt();
  assertEquals(await next.refusal(MALLORY, ONE), undefined);
  assertEquals(typeof await guesses.attempt().refusal(MALLORY, ONE), "string");
  await attempts[1]?.failed(MALLORY, ONE);
  await next.succeeded(MALLORY, ONE);
  for (const it of attempts) await it.release();
  for (const _ of [1, 2, 3]) assertEquals(await guesses.attempt().refusal(MALLORY, ONE), undefined);
});

Deno.test("SmpLockout holds one place for a session, however often it asks", async () => {
  await using folder = await TemporaryFolder.make();
  const guesses = lockout(folder);
  const attempt = guesses.attempt();
  for (const _ of [1, 2, 3, 4, 5]) assertEquals(await attempt.refusal(MALLORY, ONE), undefined);
});

Deno.test("SmpLockout goes on after the log could not be read", async () => {
  await using folder = await TemporaryFolder.make();
  const guesses = lockout(folder);
  await Deno.mkdir(folder.file("smp_failures"));
  await assertRejects(() => guesses.attempt().refusal(MALLORY, ONE));
  await Deno.remove(folder.file("smp_failures"));
  assertEquals(await guesses.attempt().refusal(MALLORY, ONE), undefined);
});

Deno.test("SmpLockout keeps a fourth session from a guess while three others make theirs", async () => {
  await using folder = await TemporaryFolder.make();
  const guesses = lockout(folder);
  // Three calls that asked and wait for their answer: the secret is typed by a person.
  const waiting = [1, 2, 3].map(() => guesses.attempt());
  for (const it of waiting) await it.refusal("alice@example.com", TWO);
  await using pair = await SessionPair.open({}, {
    smpAnswer: utf8("x"),
    smpGuard: guesses.attempt(),
  });
  await pair.settled();
  assertEquals(await pair.alice.session.verify(utf8("x")), { verdict: "refused" });
});
