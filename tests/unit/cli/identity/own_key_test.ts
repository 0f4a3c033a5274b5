import { assertEquals, assertStringIncludes } from "@std/assert";
import { generateKey, ownKey, ownKeyStore } from "../../../../cli/identity/own_key.ts";
import { Printer } from "../../../../cli/output/printer.ts";
import { HomeFolder } from "../../../../lib/storage/mod.ts";
import { MemorySink } from "../../../helpers/program.ts";
import { readFixture, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

function printerOn(stderr: MemorySink): Printer {
  return new Printer({
    stdout: new MemorySink(),
    stderr,
    json: false,
    verbosity: "normal",
    colour: "never",
    noColour: undefined,
    now: () => 0,
  });
}

Deno.test("ownKey() makes a key once and says so, with progress on a terminal", async () => {
  await using folder = await TemporaryFolder.make();
  const home = new HomeFolder(folder.path);
  const stderr = new MemorySink(true);
  const first = await ownKey({ home, printer: printerOn(stderr) });
  assertEquals(first.created, true);
  assertStringIncludes(stderr.text, "\r\x1b[2Kmaking a key (DSA, 1024 bits):");
  const note = `\r\x1b[2Ksotto: made a new key: ${home.privateKeyFile}\n`;
  assertEquals(stderr.text.endsWith(note), true);
  const quiet = new MemorySink();
  const second = await ownKey({ home, printer: printerOn(quiet) });
  assertEquals([second.created, second.key.fingerprint, quiet.text], [
    false,
    first.key.fingerprint,
    "",
  ]);
});

Deno.test("ownKeyStore() warns of a file that others can read", async () => {
  await using folder = await TemporaryFolder.make();
  const home = new HomeFolder(folder.path);
  await Deno.mkdir(home.chatFolder);
  await Deno.writeFile(home.privateKeyFile, readFixture("keys/alice.private_key.dsa"));
  await Deno.chmod(home.privateKeyFile, 0o644);
  const stderr = new MemorySink();
  await ownKeyStore({ home, printer: printerOn(stderr) });
  assertStringIncludes(stderr.text, `sotto: warning: ${home.privateKeyFile}: others can get at it`);
});

Deno.test("generateKey() makes a different key each time", async () => {
  const printer = printerOn(new MemorySink());
  const [a, b] = [await generateKey({ printer }), await generateKey({ printer })];
  assertEquals(a.fingerprint === b.fingerprint, false);
});
