import { assert, assertEquals, assertRejects } from "@std/assert";
import { InstanceTagStore } from "../../../lib/storage/instance_tag_store.ts";
import { modeOf, TemporaryFolder } from "../../helpers/temporary_folder.ts";

/** Gives these four octets one after the other. */
function scripted(...values: number[]): (length: number) => Uint8Array {
  return (length) => {
    assertEquals(length, 4);
    const value = values.shift();
    if (value === undefined) throw new Error("no more randomness");
    return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  };
}

Deno.test("InstanceTagStore keeps one tag for each account", async () => {
  await using folder = await TemporaryFolder.make();
  const store = new InstanceTagStore(folder.file("chat/instance_tags"));
  // Tags below 0x100 are reserved (OTRv3, "Instance Tags").
  assertEquals(await store.loadOrCreate("alice@example.com", scripted(0, 0xff, 0x100)), 0x100);
  assertEquals(await store.loadOrCreate("bob@example.com", scripted(0xdeadbeef)), 0xdeadbeef);
  assertEquals(await store.loadOrCreate("alice@example.com", scripted()), 0x100);
  assertEquals(
    await Deno.readTextFile(store.path),
    "alice@example.com\tmsrp\t00000100\nbob@example.com\tmsrp\tdeadbeef\n",
  );
  assertEquals(await modeOf(store.path), 0o600);
});

Deno.test("InstanceTagStore keeps lines of others and passes over bad tags", async () => {
  await using folder = await TemporaryFolder.make();
  const store = new InstanceTagStore(folder.file("instance_tags"));
  const before = "# WARNING\nalice\tprpl-jabber\t12345678\nalice\tmsrp\t00000001\nalice\tmsrp\tx";
  await Deno.writeTextFile(store.path, before);
  assertEquals(await store.loadOrCreate("alice", scripted(0x1234)), 0x1234);
  assertEquals(await Deno.readTextFile(store.path), `${before}\nalice\tmsrp\t00001234\n`);
});

Deno.test("InstanceTagStore gives everybody the same tag at once", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("instance_tags");
  const tags = await Promise.all(
    Array.from(
      { length: 6 },
      (_, index) => new InstanceTagStore(path).loadOrCreate("alice", scripted(0x1000 + index)),
    ),
  );
  assertEquals(new Set(tags).size, 1);
  assert((tags[0] ?? 0) >= 0x1000);
});

Deno.test("InstanceTagStore refuses names that would break the lines", async () => {
  const store = new InstanceTagStore("nowhere/instance_tags");
  for (const name of ["", "a\tb", "a\nb", "#a"]) {
    await assertRejects(() => store.loadOrCreate(name, scripted(0x100)), RangeError);
  }
});

Deno.test("InstanceTagStore keeps octets that are no text", async () => {
  await using folder = await TemporaryFolder.make();
  const store = new InstanceTagStore(folder.file("instance_tags"));
  const before = Uint8Array.of(0x23, 0x20, 0xff, 0xc3, 0x0a);
  await Deno.writeFile(store.path, before);
  assertEquals(await store.loadOrCreate("alice", scripted(0x1234)), 0x1234);
  const after = await Deno.readFile(store.path);
  assertEquals(after.subarray(0, before.length), before);
});
