import { assertEquals, assertStringIncludes } from "@std/assert";
import { runSotto } from "../../../helpers/program.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("register names the accounts where the one that is meant is none", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(
    folder.file("config.toml"),
    '[accounts.a]\naddress = "a@b"\n[accounts.b]\naddress = "b@b"\n',
  );
  const run = (...args: string[]) => runSotto(["--home", folder.path, "register", ...args]);
  for (const args of [[], ["c"]]) {
    const { status, stderr } = await run(...args);
    assertEquals(status, 2);
    assertStringIncludes(stderr, "there is a, b");
  }
});
