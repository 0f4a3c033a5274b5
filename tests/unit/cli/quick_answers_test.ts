import { assertEquals } from "@std/assert";
import { answerQuickly } from "../../../cli/quick_answers.ts";
import { utf8 } from "../../../lib/base/mod.ts";
import { runSotto } from "../../helpers/program.ts";
import { readFixture, TemporaryFolder } from "../../helpers/temporary_folder.ts";

/** A folder with a home that has a key, one whose key cannot be read, and a file. */
async function homes(): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.make();
  for (
    const [name, key] of [
      ["good", readFixture("keys/alice.private_key.dsa")],
      ["bad", utf8("?")],
    ] as const
  ) {
    await Deno.mkdir(`${folder.path}/${name}/chat`, { recursive: true, mode: 0o700 });
    const file = `${folder.path}/${name}/chat/private_key.dsa`;
    await Deno.writeFile(file, key);
    await Deno.chmod(file, name === "good" ? 0o600 : 0o644);
  }
  await Deno.writeTextFile(`${folder.path}/file`, "");
  return folder;
}

Deno.test("answerQuickly() answers as the whole program does", async () => {
  await using folder = await homes();
  const [good, bad, file] = ["good", "bad", "file"].map((it) => `${folder.path}/${it}`);
  const questions: (readonly [readonly string[], Record<string, string>])[] = [
    [["--version"], {}],
    [["--home", `${good}`, "fingerprint"], {}],
    [["fingerprint", "--home", `${good}`], {}],
    [["fingerprint", "--json", "--home", `${good}`], {}],
    [["--quiet", "fingerprint"], { SOTTO_HOME: `${good}` }],
    [["fingerprint"], { SOTTO_HOME: `${bad}`, HOME: "/nowhere" }],
    [["--json", "fingerprint"], { SOTTO_HOME: `${bad}` }],
    [["--quiet", "--home", `${bad}`, "fingerprint"], {}],
    [["--home", `${file}`, "fingerprint"], {}],
    [["fingerprint"], {}],
    [["fingerprint", "--home", ""], {}],
  ];
  for (const [args, environment] of questions) {
    const whole = await runSotto(args, { environment });
    const quick = await runSotto(args, { environment }, answerQuickly);
    assertEquals<unknown>(quick, whole, args.join(" "));
  }
});

Deno.test("answerQuickly() makes the first key, and says so", async () => {
  await using folder = await TemporaryFolder.make();
  const args = ["--home", `${folder.path}/home`, "fingerprint"];
  const made = await runSotto(args, {}, answerQuickly);
  assertEquals([made.status, made.stderr.includes("made a new key")], [0, true]);
  const again = await runSotto(args);
  assertEquals([again.stdout, again.stderr], [made.stdout, ""]);
});

Deno.test("answerQuickly() leaves everything else to the program, untouched", async () => {
  const elsewhere: readonly (readonly string[])[] = [
    [],
    ["--help"],
    ["--version", "--json"],
    ["keygen"],
    ["fingerprint", "bob@example.com"],
    ["fingerprint", "--all"],
    ["fingerprint", "--help"],
    ["fingerprint", "fingerprint"],
    ["fingerprint", "--home"],
    ["fingerprint", "--home", "--json"],
    ["fingerprint", "--home", "a", "--home", "b"],
    ["fingerprint", "--home=a"],
    ["fingerprint", "--verbose"],
    ["fingerprint", "--", "--json"],
    ["--jso", "fingerprint"],
  ];
  for (const args of elsewhere) {
    const { status, stdout, stderr } = await runSotto(args, {}, answerQuickly);
    assertEquals([status, stdout, stderr], [undefined, "", ""], args.join(" "));
  }
});
