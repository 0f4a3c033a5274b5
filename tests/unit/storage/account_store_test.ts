import { assert, assertEquals, assertRejects } from "@std/assert";
import { Secret, SottoError, utf8 } from "../../../lib/base/mod.ts";
import { AccountStore } from "../../../lib/storage/account_store.ts";
import { loadConfig } from "../../../lib/storage/config_file.ts";
import { modeOf, TemporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("AccountStore.add() writes an account that is read back, into a file of 0600", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("home/config.toml");
  const added = await new AccountStore(path).add("work", {
    address: "alice@example.com",
    password: new Secret(utf8('p "q" ü')),
    register: true,
    otrVersions: [3],
  });
  assertEquals([added?.address, added?.register], ["alice@example.com", true]);
  assertEquals(
    await Deno.readTextFile(path),
    '[accounts.work]\naddress = "alice@example.com"\npassword = "p \\"q\\" ü"\nregister = true\notr-versions = [3]\n',
  );
  assertEquals(await modeOf(path), 0o600);
  assert((await loadConfig(path)).config.accounts[0]?.password instanceof Secret);
});

Deno.test("AccountStore leaves every octet of a person's alone", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("config.toml");
  const before = "# mine\r\n[otr]\r\npolicy='accept'   # so\r\n";
  await Deno.writeTextFile(path, before);
  const store = new AccountStore(path);
  await store.add("a", { address: "a@b" });
  await store.setDefault("a");
  assertEquals(
    await Deno.readTextFile(path),
    `default-account = "a"\r\n${before}\r\n[accounts.a]\r\naddress = "a@b"\r\n`,
  );
  assertEquals(await store.remove("a"), true);
  assertEquals(await Deno.readTextFile(path), `${before}\r\n`);
});

Deno.test("AccountStore.add() changes nothing where there is one, and update() only what is said", async () => {
  await using folder = await TemporaryFolder.make();
  const store = new AccountStore(folder.file("config.toml"));
  await store.add("a", { address: "a@b", passwordFile: "/p", relay: "auto" });
  const before = await Deno.readTextFile(store.path);
  assertEquals(await store.add("a", { address: "c@d" }), undefined);
  assertEquals(await store.update("b", { relay: "none" }), undefined);
  assertEquals(await Deno.readTextFile(store.path), before);
  const updated = await store.update("a", { password: new Secret(utf8("x")), relay: "none" });
  assertEquals(
    [updated?.address, updated?.relay, updated?.passwordFile, updated?.password?.length],
    ["a@b", "none", undefined, 1],
  );
});

Deno.test("AccountStore refuses what would lose something, and leaves the file as it is", async () => {
  await using folder = await TemporaryFolder.make();
  const store = new AccountStore(folder.file("config.toml"));
  for (
    const [text, code] of [
      ['accounts = { a = { address = "a@b" } }\n', "storage/entangled"],
      ["[accounts.a\n", "storage/bad-config"],
      ['[accounts.a]\nregister = "x"\naddress = "a@b"\n', "storage/bad-config"],
    ] as const
  ) {
    await Deno.writeTextFile(store.path, text);
    const added = await assertRejects(() => store.add("b", { address: "b@c" }), SottoError);
    assertEquals(added.code, code);
    assert(added.message.startsWith(store.path), added.message);
    if (code === "storage/entangled") await assertRejects(() => store.remove("a"), SottoError);
    assertEquals(await Deno.readTextFile(store.path), text);
  }
  await Deno.writeTextFile(store.path, "");
  const bad = await assertRejects(() => store.add("b", { address: "nobody" }), SottoError);
  assertEquals(bad.code, "storage/bad-config");
  await assertRejects(() => store.add("a b", { address: "a@b" }), RangeError);
  assertEquals(await Deno.readTextFile(store.path), "");
});

Deno.test("AccountStore.setDefault() and remove() say whether there is such an account", async () => {
  await using folder = await TemporaryFolder.make();
  const store = new AccountStore(folder.file("config.toml"));
  assertEquals([await store.setDefault("a"), await store.remove("a")], [false, false]);
  await store.add("a", { address: "a@b" });
  assertEquals(await store.setDefault("a"), true);
  assertEquals((await loadConfig(store.path)).config.defaultAccount, "a");
  assertEquals(await store.setDefault(undefined), true);
  assertEquals((await loadConfig(store.path)).config.defaultAccount, undefined);
});

Deno.test("AccountStore loses nothing when many add at once", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("config.toml");
  const names = [...Array(12).keys()].map((it) => `a${it}`);
  await Promise.all(
    names.map((name) => new AccountStore(path).add(name, { address: `${name}@b` })),
  );
  const { config } = await loadConfig(path);
  assertEquals(config.accounts.map(({ name }) => name).toSorted(), names.toSorted());
});
