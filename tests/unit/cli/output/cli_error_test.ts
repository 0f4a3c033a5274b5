import { assertEquals } from "@std/assert";
import { CliError, unsupportedError, usageError } from "../../../../cli/output/cli_error.ts";

Deno.test("CliError carries its status and its hint", () => {
  const cause = new Error("below");
  const error = new CliError("cli/exists", 8, "there already", { hint: "--force", cause });
  assertEquals([error.status, error.hint, error.cause, error.name], [
    8,
    "--force",
    cause,
    "CliError",
  ]);
});

Deno.test("usageError() and unsupportedError() know their statuses", () => {
  assertEquals([usageError("a", "b").status, usageError("a", "b").hint], [2, "b"]);
  assertEquals(unsupportedError("--relay").message, "--relay is unsupported by this build");
  assertEquals(unsupportedError("--relay").status, 127);
});
