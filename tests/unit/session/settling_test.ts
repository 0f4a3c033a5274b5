import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { blockCode, Settling } from "../../../lib/session/settling.ts";

const CHANGED = { reason: "untrusted", trust: "changed" } as const;
const PLAIN = { reason: "not-encrypted", why: "no answer", isGoodbye: false } as const;

async function isBroken(it: Settling): Promise<string | undefined> {
  const pending = Promise.resolve(undefined);
  return (await Promise.race([it.broken, pending]))?.code;
}

Deno.test("Settling.settle() resolves, and a later failure changes nothing", async () => {
  const it = new Settling();
  it.settle();
  it.fail(new SottoError("session/ended", "the session ended"));
  await it.settled;
  assertEquals(await isBroken(it), undefined);
});

Deno.test("Settling.fail() rejects for whoever asks, and for nobody else", async () => {
  const it = new Settling();
  it.fail(new SottoError("session/timeout", "too late"));
  const error = await assertRejects(() => it.settled, SottoError);
  assertEquals([error.code, await isBroken(it)], ["session/timeout", undefined]);
});

Deno.test("Settling.block(): a peer that was never trusted breaks nothing off, one that changed does", async () => {
  const first = new Settling();
  first.block(CHANGED).breakOff();
  assertEquals((await assertRejects(() => first.settled, SottoError)).code, "session/untrusted");
  assertEquals(await isBroken(first), undefined);
  first.block(CHANGED).breakOff();
  assertEquals(await isBroken(first), "session/untrusted");
  const later = new Settling();
  later.settle();
  later.block(CHANGED).breakOff();
  assertEquals(await isBroken(later), "session/untrusted");
});

Deno.test("Settling.block(): without required encryption the session is broken off, but not before its caller says so", async () => {
  const it = new Settling();
  const { error, breakOff } = it.block(PLAIN);
  assertEquals(error.code, "session/unencrypted");
  assertEquals((await assertRejects(() => it.settled, SottoError)).code, "session/unencrypted");
  assertEquals(await isBroken(it), undefined);
  breakOff();
  assertEquals(await isBroken(it), "session/unencrypted");
});

Deno.test("Settling.restart() asks anew", async () => {
  const it = new Settling();
  it.fail(new SottoError("session/untrusted", "the peer's fingerprint changed"));
  it.restart();
  it.settle();
  await it.settled;
});

Deno.test("blockCode() names a block as the exit statuses do", () => {
  assertEquals([blockCode(CHANGED), blockCode(PLAIN)], [
    "session/untrusted",
    "session/unencrypted",
  ]);
});
