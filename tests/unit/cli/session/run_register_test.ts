import { assertEquals, assertRejects } from "@std/assert";
import { NO_ACCESS } from "../../../../cli/options/access.ts";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { runRegister } from "../../../../cli/session/run_register.ts";
import { testContext } from "../../../helpers/session_flags.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("runRegister() refuses what does not fit before it makes anything", async () => {
  await using folder = await TemporaryFolder.make();
  for (
    const [said, words] of [
      [{}, "which account?"],
      [{ from: "alice" }, "--from: expected user@domain"],
      [{ from: "a@b", expires: "soon" }, "--expires: expected a whole number"],
      [{ from: "a@b", transport: "sctp" }, "--transport: expected one of udp, tcp, tls"],
      [{ from: "a@b", listen: "x y" }, "--listen: expected HOST:PORT"],
      [{ from: "a@b", tlsCert: "c" }, "--tls-cert and --tls-key go together"],
      [{ from: "a@b", trace: "t.txt" }, "--trace: expected a file"],
    ] as const
  ) {
    const context = testContext({ home: folder.file("home") });
    const error = await assertRejects(() => runRegister(context, NO_ACCESS, said), CliError, words);
    assertEquals(error.status, 2, words);
  }
  assertEquals(await folder.names(), []);
});
