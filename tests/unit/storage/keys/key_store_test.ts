import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SottoError, utf8 } from "../../../../lib/base/mod.ts";
import { DsaPrivateKey } from "../../../../lib/otr/mod.ts";
import { KeyStore } from "../../../../lib/storage/keys/key_store.ts";
import { modeOf, readFixture, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const ALICE = readFixture("keys/alice.private_key.dsa");
const BOB = readFixture("keys/bob.private_key.dsa");
const alice = DsaPrivateKey.parse(ALICE);
const bob = DsaPrivateKey.parse(BOB);

function never(): never {
  throw new Error("no key was to be made");
}

Deno.test("KeyStore.loadOrCreate() makes a key once, private", async () => {
  await using folder = await TemporaryFolder.make();
  const store = new KeyStore(folder.file("chat/private_key.dsa"));
  assertEquals(await store.load(), undefined);
  assertEquals((await store.loadOrCreate(() => alice)).created, true);
  const { key, created } = await store.loadOrCreate(never);
  assertEquals([key.fingerprint, created], [alice.fingerprint, false]);
  assertEquals(await Deno.readFile(store.path), ALICE);
  assertEquals(await modeOf(store.path), 0o600);
  assertEquals(await store.exposure(), undefined);
});

Deno.test("KeyStore.loadOrCreate() never makes a key in the place of one that cannot be read", async () => {
  await using folder = await TemporaryFolder.make();
  for (const content of [utf8(""), utf8("garbage"), ALICE.subarray(0, 100)]) {
    const store = new KeyStore(folder.file("private_key.dsa"));
    await Deno.writeFile(store.path, content);
    const error = await assertRejects(() => store.loadOrCreate(never), SottoError);
    assertEquals(error.code, "storage/unreadable-key");
    assertStringIncludes(error.message, store.path);
    assertEquals(await Deno.readFile(store.path), new Uint8Array(content));
  }
});

Deno.test("KeyStore.loadOrCreate() takes the key of somebody who takes no lock and was quicker", async () => {
  await using folder = await TemporaryFolder.make();
  const store = new KeyStore(folder.file("private_key.dsa"));
  const { key, created } = await store.loadOrCreate(async () => {
    await Deno.writeFile(store.path, BOB);
    return alice;
  });
  assertEquals([key.fingerprint, created], [bob.fingerprint, false]);
  assertEquals(await Deno.readFile(store.path), BOB);
});

Deno.test("KeyStore.replace() keeps what was there under a name with the time", async () => {
  await using folder = await TemporaryFolder.make();
  const store = new KeyStore(folder.file("private_key.dsa"));
  const now = Date.UTC(2026, 1, 3, 10, 11, 12);
  assertEquals(await store.replace(alice, now), undefined);
  assertEquals(await store.replace(bob, now), `${store.path}.20260203-101112.bak`);
  assertEquals(await store.replace(alice, now), `${store.path}.20260203-101112.1.bak`);
  assertEquals(await Deno.readFile(store.path), ALICE);
  assertEquals(await Deno.readFile(`${store.path}.20260203-101112.bak`), ALICE);
  assertEquals(await Deno.readFile(`${store.path}.20260203-101112.1.bak`), BOB);
  assertEquals(await modeOf(`${store.path}.20260203-101112.bak`), 0o600);
});

Deno.test("KeyStore.exposure() tells of a file that others can read", async () => {
  await using folder = await TemporaryFolder.make();
  const store = new KeyStore(folder.file("private_key.dsa"));
  await Deno.writeFile(store.path, ALICE, { mode: 0o644 });
  await Deno.chmod(store.path, 0o644);
  assertStringIncludes(await store.exposure() ?? "", "0644");
});

Deno.test("KeyStore reads Blink's file and writes it back octet for octet", async () => {
  await using folder = await TemporaryFolder.make();
  const original = readFixture("keys/blink.private_key.dsa");
  const store = new KeyStore(folder.file("private_key.dsa"));
  await Deno.writeFile(store.path, original);
  const key = await store.load();
  assertEquals(key?.fingerprint, "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c");
  assertEquals(key?.encode(), original);
});
