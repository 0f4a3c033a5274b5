import { assertEquals } from "@std/assert";
import { parseTrustedPeers, rowsOf } from "../../lib/storage/mod.ts";
import { TemporaryFolder } from "../helpers/temporary_folder.ts";

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const STORAGE = new URL("../../lib/storage/mod.ts", import.meta.url).href;

/** Says that it began, and changes the file until it is killed. */
const CHANGER = `
  import { TrustStore } from ${JSON.stringify(STORAGE)};
  const store = await TrustStore.open(Deno.args[0]);
  console.log("began");
  for (let at = 0;; at++) await store.learn(\`peer\${at}@example.com\`, "a".repeat(40));
`;

Deno.test("a process that is killed while it changes trusted_peers leaves a whole file", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("trusted_peers");
  const kept = "# kept\n";
  await Deno.writeTextFile(path, kept);
  await Deno.writeTextFile(folder.file("changer.ts"), CHANGER);
  for (let round = 0; round < 3; round++) {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--quiet",
        "--no-check",
        "--config",
        CONFIG,
        folder.file("changer.ts"),
        path,
      ],
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read(); // It is in the middle of things.
    while ((await Deno.stat(path)).size < (round + 1) * 2000) await Deno.stat(path);
    child.kill("SIGKILL");
    await reader.cancel();
    await child.status;
    const bytes = await Deno.readFile(path);
    const lines = parseTrustedPeers(bytes);
    assertEquals(new TextDecoder().decode(bytes.subarray(0, kept.length)), kept);
    assertEquals(bytes.at(-1), 0x0a);
    // Every line but the comment is a whole row, in the order in which they were made.
    assertEquals(
      rowsOf(lines).map(({ aor }) => aor),
      lines.slice(1).map((_, at) => `peer${at}@example.com`),
    );
  }
});
