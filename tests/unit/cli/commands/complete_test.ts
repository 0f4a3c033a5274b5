import { assertEquals } from "@std/assert";
import { runSotto } from "../../../helpers/program.ts";
import { readFixture, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

async function complete(...words: string[]): Promise<string[]> {
  await using folder = await TemporaryFolder.make();
  await Deno.mkdir(folder.file("chat"));
  await Deno.writeFile(folder.file("chat/trusted_peers"), readFixture("storage/trusted_peers"));
  const { stdout, status } = await runSotto(["--home", folder.path, "complete", "--", ...words]);
  assertEquals(status, 0);
  return stdout.trimEnd().split("\n").map((line) => line.split("\t")[0] ?? "");
}

Deno.test("complete knows commands, subcommands, options and their values", async () => {
  assertEquals(await complete("fing"), ["fingerprint", ":4"]);
  assertEquals(await complete("peers", "un"), ["untrust", ":4"]);
  assertEquals(await complete("keygen", "--re"), ["--regenerate", ":4"]);
  assertEquals(await complete("keygen", "--format", ""), ["blink", "libotr", "pkcs8", ":4"]);
  assertEquals(await complete("completions", ""), ["bash", "zsh", "fish", ":4"]);
});

Deno.test("complete offers peers where one is asked for, and nothing of a later release", async () => {
  assertEquals(await complete("peers", "trust", "bo"), ["bob@example.com", ":4"]);
  assertEquals(await complete("histo"), [":4"]);
  assertEquals(await complete("comple"), ["completions", ":4"]);
});

Deno.test("complete offers accounts where one is asked for, and none from a file that is damaged", async () => {
  await using folder = await TemporaryFolder.make();
  const ask = async (...words: string[]) =>
    (await runSotto(["--home", folder.path, "complete", "--", ...words])).stdout
      .trimEnd().split("\n").map((line) => line.split("\t")[0] ?? "");
  await Deno.writeTextFile(folder.file("config.toml"), '[accounts.work]\naddress = "a@b"\n');
  assertEquals(await ask("account", "show", ""), ["work", ":4"]);
  assertEquals(await ask("call", "--account", ""), ["work", ":4"]);
  await Deno.writeTextFile(folder.file("config.toml"), "[accounts.work\n");
  assertEquals(await ask("account", "show", ""), [":4"]);
});
