import { assertEquals, assertRejects } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { ownAnswer, planFor, smpSecret } from "../../../../cli/session/plan.ts";
import { decodeUtf8Lossy } from "../../../../lib/base/mod.ts";
import { readFlags, testContext } from "../../../helpers/session_flags.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : decodeUtf8Lossy(bytes);

Deno.test("smpSecret() asks the file, the flag, the environment, then the person", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("s"), "filed\n");
  const environment = { SOTTO_SMP_SECRET: "around" };
  const fromFile = readFlags("smp", "--secret-file", folder.file("s"));
  assertEquals(text(await smpSecret(testContext({ environment }), fromFile, "smp")), "filed");

  const context = testContext({ environment });
  const fromFlag = readFlags("smp", "--secret", "typed out");
  assertEquals(text(await smpSecret(context, fromFlag, "smp")), "typed out");
  assertEquals(context.stderr.text.includes("can be read by others"), true);

  assertEquals(text(await smpSecret(context, readFlags("smp"), "smp")), "around");
  const person = testContext({ typed: "whispered\r" });
  assertEquals(text(await smpSecret(person, readFlags("smp"), "smp")), "whispered");
});

Deno.test("smpSecret() without a terminal names the flag to pass; call needs none", async () => {
  const error = await assertRejects(
    () => smpSecret(testContext(), readFlags("smp"), "smp"),
    CliError,
    "--secret-file",
  );
  assertEquals(error.status, 2);
  assertEquals(await smpSecret(testContext(), readFlags("call"), "call"), undefined);
});

Deno.test("planFor() puts the script's steps behind those of the flags", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("talk"), "send two\nsmp where?\nanswer\n");
  const flags = readFlags("call", "--send", "one", "--script", folder.file("talk"));
  const plan = await planFor(testContext(), flags, "call", undefined);
  const steps = [...plan.steps as Iterable<{ step: { type: string }; place: string }>];
  assertEquals(steps.map(({ step }) => step.type), ["send", "send", "smp", "answer"]);
  assertEquals(steps[1]?.place.endsWith("talk:1"), true);
  assertEquals([plan.hasSteps, plan.stepsVerify, plan.stepsAnswer], [true, true, true]);
});

Deno.test("planFor() lets an answerer wait for its caller", async () => {
  const wait = async (...args: string[]): Promise<string> =>
    (await planFor(testContext(), readFlags("answer", ...args), "answer", undefined)).waitForPeer;
  assertEquals(await wait(), "forever");
  assertEquals(await wait("--send", "x"), "bounded");
  assertEquals(await wait("--send", "x", "--echo"), "forever");
  const call = await planFor(testContext(), readFlags("call"), "call", undefined);
  assertEquals(call.waitForPeer, "no");
});

Deno.test("planFor() under require believes encrypted messages only", async () => {
  const flags = readFlags("call", "--otr", "require");
  assertEquals((await planFor(testContext(), flags, "call", undefined)).expectEncrypted, true);
});

Deno.test("planFor() takes require from the configuration as from the flag", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("config.toml"), '[otr]\npolicy = "require"\n');
  const context = testContext({ home: folder.path });
  assertEquals(
    (await planFor(context, readFlags("call"), "call", undefined)).expectEncrypted,
    true,
  );
  const sendsFile = readFlags("call", "--send-file", "f");
  const error = await assertRejects(() => planFor(context, sendsFile, "call", undefined), CliError);
  assertEquals(error.status, 7);
});

Deno.test("planFor() refuses other arguments, broken scripts and files", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("talk"), "send one\nshout two\n");
  for (
    const [args, input, status, words] of [
      [[], "hello", 2, "unexpected argument"],
      [["--script", "-"], "-", 2, "both read stdin"],
      [["--script", folder.file("talk")], undefined, 2, "talk:2"],
      [["--script", folder.file("gone")], undefined, 2, "no file"],
      [["--send-file", "f", "--otr", "require"], undefined, 7, "--send-file"],
    ] as const
  ) {
    const error = await assertRejects(
      () => planFor(testContext(), readFlags("call", ...args), "call", input),
      CliError,
      words,
    );
    assertEquals(error.status, status, words);
  }
});

Deno.test("ownAnswer() leaves the answer to a step that gives it", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("s"), "word\n");
  await Deno.writeTextFile(folder.file("talk"), "answer\n");
  const alone = readFlags("answer", "--smp-answer-file", folder.file("s"));
  assertEquals(
    text(ownAnswer(alone, await planFor(testContext(), alone, "answer", undefined))),
    "word",
  );
  const scripted = readFlags(
    "answer",
    ...["--smp-answer-file", folder.file("s"), "--script", folder.file("talk")],
  );
  const plan = await planFor(testContext(), scripted, "answer", undefined);
  assertEquals([ownAnswer(scripted, plan), text(plan.smpAnswer)], [undefined, "word"]);
});
