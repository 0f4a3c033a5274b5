import { assertEquals, assertRejects } from "@std/assert";
import { SmpFailureLog } from "../../../lib/storage/smp_failure_log.ts";
import { modeOf, TemporaryFolder } from "../../helpers/temporary_folder.ts";

const A = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
const B = "257920d7dfe968024dd69758df19928efc166490";
const MINUTE = 60_000;
const START = Date.UTC(2026, 1, 3);

Deno.test("SmpFailureLog locks an address and a fingerprint out for an hour after three failures", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("chat/smp_failures");
  for (let failure = 0; failure < 3; failure++) {
    // A process of its own each time: what counts is the file.
    const log = new SmpFailureLog(path);
    assertEquals(await log.isLockedOut("bob@example.com", A, START), false);
    await log.recordFailure("sip:bob@Example.com", A, START + failure * MINUTE);
  }
  const log = new SmpFailureLog(path);
  const later = START + 3 * MINUTE;
  assertEquals(await log.isLockedOut("bob@example.com", A, later), true);
  assertEquals(await log.isLockedOut("bob@example.com", B, later), true);
  assertEquals(await log.isLockedOut("mallory@example.com", A, later), true);
  assertEquals(await log.isLockedOut("carol@example.com", B, later), false);
  assertEquals(await log.isLockedOut("bob@example.com", A, START + 59 * MINUTE), true);
  assertEquals(await log.isLockedOut("bob@example.com", A, START + 60 * MINUTE), false);
  assertEquals(await modeOf(path), 0o600);
});

Deno.test("SmpFailureLog.clear() forgets after a success", async () => {
  await using folder = await TemporaryFolder.make();
  const log = new SmpFailureLog(folder.file("smp_failures"), { threshold: 1 });
  await log.clear("bob@example.com", A, START);
  assertEquals(await folder.names(), [".smp_failures.lock"]);
  await log.recordFailure("bob@example.com", A, START);
  await log.recordFailure("carol@example.com", B, START);
  await log.clear("bob@example.com", A, START);
  assertEquals(await log.isLockedOut("bob@example.com", A, START), false);
  assertEquals(await log.isLockedOut("carol@example.com", B, START), true);
});

Deno.test("SmpFailureLog keeps no more than its limit, and passes over lines it cannot read", async () => {
  await using folder = await TemporaryFolder.make();
  const log = new SmpFailureLog(folder.file("smp_failures"), { limit: 4, threshold: 1 });
  await Deno.writeTextFile(log.path, "nonsense\n\t\t\n");
  for (let at = 0; at < 6; at++) {
    await log.recordFailure(`peer${at}@example.com\n`, at === 0 ? A : B, START + at);
  }
  assertEquals((await Deno.readTextFile(log.path)).trimEnd().split("\n").length, 4);
  assertEquals(await log.isLockedOut("peer0@example.com", A, START + 6), false);
  assertEquals(await log.isLockedOut("peer5@example.com", A, START + 6), true);
});

Deno.test("SmpFailureLog does not trust a clock that was set back for long", async () => {
  await using folder = await TemporaryFolder.make();
  const log = new SmpFailureLog(folder.file("smp_failures"), { threshold: 1 });
  await log.recordFailure("bob@example.com", A, START + 1000 * MINUTE);
  assertEquals(await log.isLockedOut("bob@example.com", A, START), false);
});

Deno.test("SmpFailureLog refuses what is no fingerprint", async () => {
  await assertRejects(() => new SmpFailureLog("x").isLockedOut("a@b", "zz", 0), RangeError);
});
