import { assertEquals, assertRejects } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { readInputFile } from "../../../../cli/options/input_file.ts";
import { SottoError } from "../../../../lib/base/mod.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("readInputFile() tells a missing file from one that cannot be read", async () => {
  await using folder = await TemporaryFolder.make();
  const missing = await assertRejects(() => readInputFile(folder.file("none")), CliError);
  assertEquals(missing.status, 2);
  const error = await assertRejects(() => readInputFile(folder.path), SottoError);
  assertEquals(error.code, "storage/unreadable");
});
