import { assertEquals, assertStringIncludes } from "@std/assert";
import { type RunResult, runSotto } from "../../../helpers/program.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const GROUPS = "4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C";
const BOB = `bob@example.com\t${GROUPS}\t`;

interface Edit {
  readonly before: string;
  /** Shell scripts, one for each time that the editor is opened; `$1` is the file. */
  readonly edits: readonly string[];
  readonly typed?: string;
}

/** Runs `peers edit` with an editor that does one script after the other. */
async function edit({ before, edits, typed }: Edit): Promise<RunResult & { after: string }> {
  await using folder = await TemporaryFolder.make();
  await Deno.mkdir(folder.file("chat"));
  const path = folder.file("chat/trusted_peers");
  await Deno.writeTextFile(path, before);
  for (const [at, script] of edits.entries()) {
    await Deno.writeTextFile(folder.file(`edit${at}`), `real=${path}\n${script}\n`);
  }
  await Deno.writeTextFile(
    folder.file("editor"),
    `for at in 0 1 2 3; do script=${folder.path}/edit$at
       [ -e "$script" ] && { mv "$script" "$script.done"; . "$script.done"; exit; }
     done; exit 9`,
  );
  const result = await runSotto(["peers", "edit"], {
    environment: { SOTTO_HOME: folder.path, EDITOR: `sh ${folder.file("editor")}` },
    ...(typed === undefined ? {} : { typed }),
  });
  assertEquals(await folder.names("chat/"), [
    ...((await folder.names("chat/")).includes("chat/.trusted_peers.lock")
      ? ["chat/.trusted_peers.lock"]
      : []),
    "chat/trusted_peers",
  ]);
  return { ...result, after: await Deno.readTextFile(path) };
}

Deno.test("peers edit applies what the editor left", async () => {
  const { status, after, stderr } = await edit({
    before: `${BOB}\n# note\n`,
    edits: ["sed -i 's/\\t$/\\tverified/' \"$1\""],
  });
  assertEquals([status, after], [0, `${BOB}verified\n# note\n`]);
  assertStringIncludes(stderr, "saved: 1 rows added or changed, 1 removed or changed");
});

Deno.test("peers edit does nothing when nothing was changed", async () => {
  const { status, after, stderr } = await edit({ before: "# x", edits: [":"] });
  assertEquals([status, after, stderr], [0, "# x", "sotto: nothing was changed\n"]);
});

Deno.test("peers edit changes nothing when the editor fails", async () => {
  const { status, after } = await edit({ before: "# x\n", edits: ['echo y >> "$1"; exit 3'] });
  assertEquals([status, after], [1, "# x\n"]);
});

Deno.test("peers edit shows each mistake with its line and lets the person edit again", async () => {
  const { status, after, stderr, terminal } = await edit({
    before: "# x\n",
    edits: ['printf "bob\\nzoe\\n" >> "$1"', 'echo "# y" > "$1"'],
    typed: "e\r",
  });
  assertEquals([status, after], [0, "# y\n"]);
  assertStringIncludes(stderr, "trusted_peers:2: expected address, fingerprint and trust");
  assertStringIncludes(stderr, "trusted_peers:3: ");
  assertStringIncludes(terminal, "(e)dit again");
});

Deno.test("peers edit leaves, or saves with the mistake, as the person says", async () => {
  const edits = ['echo mistake >> "$1"'];
  const left = await edit({ before: "# x\n", edits, typed: "x\r" });
  assertEquals([left.status, left.after], [1, "# x\n"]);
  const saved = await edit({ before: "# x\n", edits, typed: "?\rQ\r" });
  assertEquals([saved.status, saved.after], [0, "# x\nmistake\n"]);
});

Deno.test("peers edit refuses mistakes where nobody can be asked, but keeps old ones", async () => {
  const fresh = await edit({ before: "old mistake\n", edits: ['echo new >> "$1"'] });
  assertEquals([fresh.status, fresh.after], [1, "old mistake\n"]);
  const old = await edit({ before: "old mistake\n", edits: ['echo "# y" >> "$1"'] });
  assertEquals([old.status, old.after], [0, "old mistake\n# y\n"]);
});

Deno.test("peers edit merges by row what others changed meanwhile", async () => {
  const { status, after } = await edit({
    before: `${BOB}\n`,
    edits: [
      `printf 'carol@example.com\\t${GROUPS}\\tverified\\n' >> "$real"; ` +
      `sed -i 's/\\t$/\\tverified/' "$1"`,
    ],
  });
  assertEquals([status, after], [0, `${BOB}verified\ncarol@example.com\t${GROUPS}\tverified\n`]);
});

Deno.test("peers edit shows conflicts and overwrites nothing by itself", async () => {
  const both = `sed -i 's/\\t$/\\tverified/' "$real"; : > "$1"`;
  const alone = await edit({ before: `${BOB}\n`, edits: [both] });
  assertEquals([alone.status, alone.after], [8, `${BOB}verified\n`]);
  assertStringIncludes(
    alone.stderr,
    `conflict: bob@example.com ${GROUPS}: you made it removed, meanwhile it became verified`,
  );
  // At the terminal: again, on what is there now; then our side decides.
  const decided = await edit({ before: `${BOB}\n`, edits: [both, ":"], typed: "e\r" });
  assertEquals([decided.status, decided.after], [0, ""]);
});
