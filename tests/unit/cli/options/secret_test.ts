import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { plainSecret, readSecret } from "../../../../cli/options/secret.ts";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { decodeUtf8Lossy as text } from "../../../../lib/base/mod.ts";
import { testContext } from "../../../helpers/session_flags.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("readSecret() drops one final line end and nothing else", async () => {
  await using folder = await TemporaryFolder.make();
  for (
    const [written, read] of [
      ["word\n", "word"],
      ["word\r\n", "word"],
      ["word\n\n", "word\n"],
      [" word \n", " word "],
      ["word\r", "word\r"],
      ["\n", ""],
      ["", ""],
      ["grüße", "grüße"],
    ] as const
  ) {
    await Deno.writeTextFile(folder.file("s"), written);
    assertEquals(text(await readSecret("--secret-file", folder.file("s"))), read);
  }
});

Deno.test("readSecret() refuses what cannot be read, by the flag's name", async () => {
  await using folder = await TemporaryFolder.make();
  await assertRejects(
    () => readSecret("--secret-file", folder.file("gone")),
    CliError,
    "--secret-file: no file",
  );
  await Deno.writeFile(folder.file("long"), new Uint8Array(65_537));
  await assertRejects(
    () => readSecret("--secret-file", folder.file("long")),
    CliError,
    "is longer than 65536 octets",
  );
});

Deno.test("plainSecret() works, and warns without the secret", () => {
  const context = testContext();
  assertEquals(text(plainSecret(context, "pass word", "--password-file")), "pass word");
  assertStringIncludes(context.stderr.text, "use --password-file");
  assertEquals(context.stderr.text.includes("pass word"), false);
});
