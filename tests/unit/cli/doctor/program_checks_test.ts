import { assertEquals } from "@std/assert";
import { checkPrograms } from "../../../../cli/doctor/program_checks.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("checkPrograms() finds what is there along the path, the preferred one first", async () => {
  const there = new Set(["/b/espeak", "/b/spd-say", "/a/espeak-ng"]);
  const looked: string[] = [];
  const checks = await checkPrograms("/a::/b", (path) => {
    looked.push(path);
    return Promise.resolve(there.has(path));
  });
  assertEquals(checks.map(({ name, status, detail }) => [name, status, detail]), [
    [
      "notification-program",
      "skipped",
      "not configured; none of notify-send, terminal-notifier is there",
    ],
    ["speech-program", "skipped", "not configured; /b/spd-say is there"],
  ]);
  assertEquals(looked.every((it) => /^\/[ab]\//.test(it)), true);
  assertEquals((await checkPrograms(undefined))[0]?.status, "skipped");
});

Deno.test("checkPrograms() wants programs, not files of their name", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("notify-send"), "", { mode: 0o644 });
  await Deno.mkdir(folder.file("spd-say"));
  await Deno.writeTextFile(folder.file("espeak"), "", { mode: 0o755 });
  assertEquals((await checkPrograms(folder.path)).map(({ detail }) => detail), [
    "not configured; none of notify-send, terminal-notifier is there",
    `not configured; ${folder.file("espeak")} is there`,
  ]);
});
