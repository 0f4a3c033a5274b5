import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Check } from "../../../lib/base/mod.ts";
import { checkHome } from "../../../lib/storage/home_check.ts";
import { HomeFolder } from "../../../lib/storage/home_folder.ts";
import { readFixture, TemporaryFolder } from "../../helpers/temporary_folder.ts";

async function check(folder: TemporaryFolder, options: { uid?: number; now?: number } = {}) {
  const { uid = Deno.uid() ?? undefined, now = Date.now() } = options;
  return await checkHome(new HomeFolder(folder.file("home")), { uid, now });
}

function named(checks: readonly Check[], name: string): Check | undefined {
  return checks.find((it) => it.name === name);
}

async function write(folder: TemporaryFolder, name: string, content: string | Uint8Array) {
  const path = folder.file(`home/${name}`);
  await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true, mode: 0o700 });
  const octets = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await Deno.writeFile(path, octets, { mode: 0o600 });
}

Deno.test("checkHome() makes nothing of a home that is not there", async () => {
  await using folder = await TemporaryFolder.make();
  assertEquals((await check(folder)).map(({ name, status }) => [name, status]), [
    ["home", "skipped"],
  ]);
  assertEquals(await folder.names(), []);
});

Deno.test("checkHome() finds nothing wrong with what is right", async () => {
  await using folder = await TemporaryFolder.make();
  await write(folder, "chat/private_key.dsa", readFixture("keys/blink.private_key.dsa"));
  await write(folder, "chat/trusted_peers", `bob@b\t${"1".repeat(40)}\tverified\n`);
  await write(folder, "config.toml", '[accounts.a]\naddress = "a@b"\n');
  await write(folder, "sip_instance", "urn:uuid:00000000-0000-4000-8000-000000000000\n");
  const checks = await check(folder);
  assertEquals(checks.filter(({ status }) => status === "failed"), []);
  assertEquals(checks.filter(({ status }) => status === "ok").map(({ name }) => name), [
    ...["home", "home.permissions", "home.owner", "clock", "config", "key", "trust"],
    "instance-id",
  ]);
});

Deno.test("checkHome() says of each thing that is wrong what to do, in one line", async () => {
  await using folder = await TemporaryFolder.make();
  await write(folder, "chat/private_key.dsa", "no key");
  await write(folder, "chat/trusted_peers", "nonsense\n");
  await write(folder, "config.toml", "[otr\n");
  await write(folder, "tls/key.pem", "no key");
  await write(folder, "sip_instance", "no instance");
  await Deno.chmod(folder.file("home/chat/trusted_peers"), 0o640);
  const checks = await check(folder);
  const failed = checks.filter(({ status }) => status === "failed");
  assertEquals(failed.map(({ name, isOptional }) => [name, isOptional === true]), [
    ["home.permissions", false],
    ["config", false],
    ["key", false],
    ["trust.line", true],
    ["certificate", false],
    ["instance-id", false],
  ]);
  for (const { name, hint, detail } of failed) {
    assertEquals([typeof hint, hint?.includes("\n")], ["string", false], name);
    assertStringIncludes(detail ?? "", "home/", name);
  }
});

Deno.test("checkHome() tells of a setting that is unknown, and can do without it", async () => {
  await using folder = await TemporaryFolder.make();
  await write(folder, "config.toml", "[otr]\npolicies = 1\n");
  const unknown = named(await check(folder), "config.unknown");
  assertEquals([unknown?.status, unknown?.isOptional], ["failed", true]);
  assertStringIncludes(unknown?.detail ?? "", "config.toml:2: the setting otr.policies");
});

Deno.test("checkHome() notices a clock that cannot be right", async () => {
  await using folder = await TemporaryFolder.make();
  await write(folder, "config.toml", "");
  const past = named(await check(folder, { now: Date.UTC(2001, 0, 1) }), "clock");
  assertEquals(past?.status, "failed");
  await Deno.utime(folder.file("home/config.toml"), new Date(), new Date(Date.now() + 86_400_000));
  const behind = named(await check(folder), "clock");
  assertEquals(behind?.status, "failed");
  assertStringIncludes(behind?.detail ?? "", "config.toml is from later");
});

Deno.test("checkHome() notices files of somebody else", async () => {
  await using folder = await TemporaryFolder.make();
  await write(folder, "config.toml", "");
  const owner = named(await check(folder, { uid: (Deno.uid() ?? 0) + 1 }), "home.owner");
  assertEquals(owner?.status, "failed");
  assertStringIncludes(owner?.hint ?? "", "chown -R");
  const unknown = await checkHome(new HomeFolder(folder.file("home")), {
    uid: undefined,
    now: Date.now(),
  });
  assertEquals(named(unknown, "home.owner")?.status, "skipped");
});
