import { assertEquals, assertStringIncludes } from "@std/assert";
import { ANONYMOUS } from "../../../../cli/session/addresses.ts";
import { smpGuard } from "../../../../cli/session/smp_guard.ts";
import { SmpLockout } from "../../../../lib/session/mod.ts";
import { SmpFailureLog } from "../../../../lib/storage/mod.ts";
import { ManualClock } from "../../../helpers/manual_clock.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const ONE = "1".repeat(40);
const TWO = "2".repeat(40);

function lockout(folder: TemporaryFolder): SmpLockout {
  return new SmpLockout(new SmpFailureLog(folder.file("smp_failures")), new ManualClock());
}

Deno.test("smpGuard() answers those of --smp-from only, however their address is spelled", async () => {
  await using folder = await TemporaryFolder.make();
  const guard = smpGuard(lockout(folder), ["sip:bob@EXAMPLE.com"]);
  assertEquals(await guard.refusal("bob@example.com", ONE), undefined);
  assertStringIncludes(
    await guard.refusal("eve@example.com", ONE) ?? "",
    "eve@example.com not answered: --smp-from allows others",
  );
});

Deno.test("smpGuard() locks out one anonymous caller and not all of them", async () => {
  await using folder = await TemporaryFolder.make();
  const guesses = lockout(folder);
  for (let guess = 1; guess <= 3; guess++) {
    const guard = smpGuard(guesses, []);
    assertEquals(await guard.refusal(ANONYMOUS, ONE), undefined);
    await guard.failed(ANONYMOUS, ONE);
    await guard.release();
  }
  assertStringIncludes(await smpGuard(guesses, []).refusal(ANONYMOUS, ONE) ?? "", "too many");
  const other = smpGuard(guesses, []);
  assertEquals(await other.refusal(ANONYMOUS, TWO), undefined);
  await other.succeeded(ANONYMOUS, TWO);
});
