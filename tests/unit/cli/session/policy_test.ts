import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { resolvePolicy, type SessionPolicy } from "../../../../cli/session/policy.ts";
import { readFlags, testContext } from "../../../helpers/session_flags.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

async function resolve(config: string, ...args: readonly string[]): Promise<SessionPolicy> {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("config.toml"), config);
  return await resolvePolicy(testContext({ home: folder.path }), readFlags("call", ...args));
}

const TIGHT = '[otr]\npolicy = "require"\nversions = [3]\n[trust]\nlevel = "verified"\n';

Deno.test("resolvePolicy() is prefer and known, versions 3 and 2, unless something is said", async () => {
  assertEquals(await resolve(""), { encryption: "prefer", trust: "known", versions: [3, 2] });
});

Deno.test("resolvePolicy() takes the configuration, and flags that tighten it", async () => {
  assertEquals(await resolve(TIGHT), {
    encryption: "require",
    trust: "verified",
    versions: [3],
  });
  const loose = '[otr]\npolicy = "accept"\n[trust]\nlevel = "any"\n';
  assertEquals(await resolve(loose, "--otr", "require", "--trust", "verified"), {
    encryption: "require",
    trust: "verified",
    versions: [3, 2],
  });
});

Deno.test("resolvePolicy() lets a flag loosen only with --override-contact", async () => {
  for (const args of [["--otr", "prefer"], ["--trust", "known"]]) {
    const error = await assertRejects(() => resolve(TIGHT, ...args), CliError, "loosens");
    assertEquals([error.status, error.hint], [2, "--override-contact says that you mean it"]);
  }
  const overridden = await resolve(TIGHT, "--otr", "off", "--override-contact");
  assertEquals([overridden.encryption, overridden.trust], ["off", "verified"]);
});

Deno.test("resolvePolicy() passes on what the configuration's reader warns of", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("config.toml"), "[otr]\npolice = 1\n");
  const context = testContext({ home: folder.path });
  await resolvePolicy(context, readFlags("call"));
  assertStringIncludes(context.stderr.text, "police");
});

Deno.test("resolvePolicy() takes the tighter of the account and what holds for all", async () => {
  const account =
    '[accounts.a]\naddress = "a@b"\notr = "accept"\ntrust = "verified"\notr-versions = [2]\n';
  const config = `[otr]\npolicy = "prefer"\n[trust]\nlevel = "known"\n${account}`;
  assertEquals(await resolve(config, "--account", "a"), {
    encryption: "prefer",
    trust: "verified",
    versions: [2],
  });
  assertEquals((await resolve(config)).trust, "known");
  assertEquals((await resolve(account, "--account", "a")).encryption, "accept");
  await assertRejects(
    () => resolve(config, "--account", "a", "--trust", "any"),
    CliError,
    "loosens",
  );
});
