import { assert, assertEquals, assertRejects } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { openFiles, refuseUnprotectedFiles } from "../../../../cli/session/files.ts";
import { planFor } from "../../../../cli/session/plan.ts";
import { utf8 } from "../../../../lib/base/mod.ts";
import { TrustStore } from "../../../../lib/storage/mod.ts";
import { readFlags, testContext } from "../../../helpers/session_flags.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const FINGERPRINT = "4af9f2b1".repeat(5);

async function isFilesOnly(...args: readonly string[]): Promise<boolean> {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("f"), "x");
  const context = testContext({ home: folder.path });
  const flags = readFlags("call", ...args.map((it) => it === "FILE" ? folder.file("f") : it));
  const plan = await planFor(context, flags, "call", undefined);
  await using files = await openFiles(context, flags, plan);
  return files.filesOnly;
}

Deno.test("openFiles() offers no chat where nothing but files is planned", async () => {
  assertEquals(await isFilesOnly("--send-file", "FILE"), true);
  assertEquals(await isFilesOnly("--send-file", "FILE", "--send-file", "FILE"), true);
  assertEquals(await isFilesOnly("--send-file", "FILE", "--send", "look"), false);
  assertEquals(await isFilesOnly("--expect", "ready", "--send-file", "FILE"), false);
  assertEquals(await isFilesOnly(), false);
});

Deno.test("openFiles() keeps the order of the files, whatever stands between them", async () => {
  await using folder = await TemporaryFolder.make();
  for (const name of ["b", "a"]) await Deno.writeTextFile(folder.file(name), name);
  const context = testContext({ home: folder.path });
  const flags = readFlags(
    "call",
    "--send-file",
    folder.file("b"),
    "--send",
    "between",
    "--send-file",
    folder.file("a"),
  );
  assertEquals(flags.steps.map(({ step }) => step), [
    { type: "send-file", at: 0 },
    { type: "send", text: "between" },
    { type: "send-file", at: 1 },
  ]);
  await using files = await openFiles(context, flags);
  assertEquals(files.settings.outgoing.map((it) => it.name), ["b", "a"]);
});

Deno.test("openFiles() names the file or the folder that will not do", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("file"), "x");
  const context = testContext({ home: folder.path });
  for (
    const [command, args, words] of [
      ["call", ["--send-file", folder.file("gone")], "there is no file"],
      ["call", ["--send-file", folder.path], "is a folder"],
      ["answer", ["--receive-dir", folder.file("gone")], "there is no such folder"],
      ["answer", ["--receive-dir", folder.file("file")], "not a folder"],
    ] as const
  ) {
    const error = await assertRejects(
      () => openFiles(context, readFlags(command, ...args)),
      CliError,
      words,
    );
    assertEquals(error.status, 2);
  }
});

Deno.test("openFiles() takes files into the folder, up to the size", async () => {
  await using folder = await TemporaryFolder.make();
  const context = testContext({ home: folder.path });
  const flags = readFlags("answer", "--receive-dir", folder.path, "--receive-max", "2k");
  await using files = await openFiles(context, flags);
  const { reception } = files.settings;
  assertEquals(reception?.maxSize, 2048);
  const sink = await reception?.accept({ name: "../x", size: 1, hashes: [] });
  assert(sink !== undefined && "write" in sink);
  await sink.write(0, utf8("x"));
  assertEquals(await sink.finish(1), folder.file("x"));
  await using none = await openFiles(context, readFlags("answer"));
  assertEquals(none.settings.reception, undefined);
});

Deno.test("refuseUnprotectedFiles() lets no file to somebody who was verified, unless OTR is off", async () => {
  await using folder = await TemporaryFolder.make();
  const context = testContext({ home: folder.path });
  await (await TrustStore.open(context.home.trustedPeersFile)).verify(
    "bob@b",
    FINGERPRINT,
    "manual",
  );
  const flags = readFlags("call", "--send-file", "f");
  const error = await assertRejects(
    () => refuseUnprotectedFiles(context, flags, "prefer", "bob@b"),
    CliError,
    "bob@b has a verified fingerprint",
  );
  assertEquals(error.status, 7);
  await refuseUnprotectedFiles(context, flags, "off", "bob@b");
  await refuseUnprotectedFiles(context, flags, "prefer", "carol@b");
  await refuseUnprotectedFiles(context, readFlags("call"), "require", "bob@b");
});
