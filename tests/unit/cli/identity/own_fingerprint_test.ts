import { assertEquals } from "@std/assert";
import { showOwnFingerprint } from "../../../../cli/identity/own_fingerprint.ts";
import { Printer } from "../../../../cli/output/printer.ts";
import { HomeFolder } from "../../../../lib/storage/mod.ts";
import { MemorySink } from "../../../helpers/program.ts";
import { readFixture, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("showOwnFingerprint() says whose it is only among others", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.mkdir(`${folder.path}/chat`, { mode: 0o700 });
  const home = new HomeFolder(folder.path);
  await Deno.writeFile(home.privateKeyFile, readFixture("keys/alice.private_key.dsa"), {
    mode: 0o600,
  });
  const lines: string[] = [];
  for (const isNamed of [false, true]) {
    const stdout = new MemorySink();
    const printer = new Printer({
      stdout,
      stderr: new MemorySink(),
      json: false,
      verbosity: "normal",
      colour: "never",
      noColour: undefined,
      now: () => 0,
    });
    await showOwnFingerprint({ home, printer }, isNamed);
    lines.push(stdout.text);
  }
  const [plain = "", named = ""] = lines;
  assertEquals(/^([0-9A-F]{8} ){4}[0-9A-F]{8}\n$/.test(plain), true);
  assertEquals(named, `self  ${plain}`);
});
