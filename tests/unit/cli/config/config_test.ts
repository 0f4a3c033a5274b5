import { assertEquals } from "@std/assert";
import { loadConfig } from "../../../../cli/config/config.ts";
import { Printer } from "../../../../cli/output/printer.ts";
import { HomeFolder } from "../../../../lib/storage/mod.ts";
import { MemorySink } from "../../../helpers/program.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("loadConfig() warns of what it does not know, and goes on", async () => {
  await using folder = await TemporaryFolder.make();
  const home = new HomeFolder(folder.path);
  const stderr = new MemorySink();
  const printer = new Printer({
    stdout: new MemorySink(),
    stderr,
    json: false,
    verbosity: "normal",
    colour: "never",
    noColour: undefined,
    now: () => 0,
  });
  await Deno.writeTextFile(home.configFile, '[otr]\npolicy = "off"\ncolour = "red"\n');
  const config = await loadConfig({ home, printer });
  assertEquals(config.otr.policy, "off");
  assertEquals(
    stderr.text,
    `sotto: warning: ${home.configFile}:3: the setting otr.colour is unknown\n`,
  );
});
