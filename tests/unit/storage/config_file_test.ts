import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/mod.ts";
import { loadConfig, parseConfig } from "../../../lib/storage/config_file.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("parseConfig() reads what it knows and warns of the rest", () => {
  const text = '[otr]\npolicy = "require"\nversions = [3]\nmode = 1\n[trust]\nlevel = "any"\n[x]\n';
  assertEquals(parseConfig(text, "config.toml"), {
    config: { otr: { policy: "require", versions: [3] }, trust: { level: "any" }, accounts: [] },
    warnings: [
      "config.toml:4: the setting otr.mode is unknown",
      "config.toml:7: the setting x is unknown",
    ],
  });
  assertEquals(parseConfig("top = 1\n", "c").warnings, ["c:1: the setting top is unknown"]);
});

Deno.test("parseConfig() names the line of a mistake", () => {
  const mistakes: [string, string][] = [
    ['[otr]\n\npolicy = "always"\n', 'c:3: otr.policy: expected "require", "prefer"'],
    ['[trust]\nlevel = "x"\n', 'c:2: trust.level: expected "verified"'],
    ["[otr]\nversions = [4]\n", "c:2: otr.versions: expected a list of 2 and 3"],
    ["[otr]\nversions = []\n", "c:2: otr.versions: expected a list of 2 and 3"],
    ['otr.policy = "no"\n', "c:1: otr.policy: expected"],
    ["otr = 3\n", "c:1: expected a table [otr]"],
    ["[otr]\npolicy = \n", "c:2: "],
  ];
  for (const [text, message] of mistakes) {
    const error = assertThrows(() => parseConfig(text, "c"), SottoError, message);
    assertEquals(error.code, "storage/bad-config");
  }
});

Deno.test("loadConfig() takes a missing file for one that says nothing", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("config.toml");
  assertEquals(await loadConfig(path), {
    config: { otr: {}, trust: {}, accounts: [] },
    warnings: [],
  });
  await Deno.writeFile(path, Uint8Array.of(0xff));
  await assertRejects(() => loadConfig(path), SottoError, "expected UTF-8");
});
