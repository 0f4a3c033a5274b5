import { assertEquals, assertRejects } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { readInputFile, readSecretFile } from "../../../../cli/options/input_file.ts";
import { SottoError } from "../../../../lib/base/mod.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("readInputFile() tells a missing file from one that cannot be read", async () => {
  await using folder = await TemporaryFolder.make();
  const missing = await assertRejects(() => readInputFile(folder.file("none")), CliError);
  assertEquals(missing.status, 2);
  const error = await assertRejects(() => readInputFile(folder.path), SottoError);
  assertEquals(error.code, "storage/unreadable");
});

Deno.test("readSecretFile() drops one final line end and nothing else", async () => {
  await using folder = await TemporaryFolder.make();
  for (
    const [content, secret] of [
      ["abc\n", "abc"],
      ["abc\r\n", "abc"],
      ["abc\n\n", "abc\n"],
      ["abc\r", "abc\r"],
      [" a b ", " a b "],
      ["\n", ""],
      ["", ""],
    ] as const
  ) {
    await Deno.writeTextFile(folder.file("secret"), content);
    assertEquals(new TextDecoder().decode(await readSecretFile(folder.file("secret"))), secret);
  }
});
