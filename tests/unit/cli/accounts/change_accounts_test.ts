import { assertEquals, assertRejects } from "@std/assert";
import { addAccount, removeAccount } from "../../../../cli/accounts/change_accounts.ts";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { testContext } from "../../../helpers/session_flags.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("addAccount() --replace keeps what is not given, the password too", async () => {
  await using folder = await TemporaryFolder.make();
  const context = () => testContext({ home: folder.path });
  await addAccount(context(), "a", "a@b", { password: "x", relay: "auto" });
  await Deno.writeTextFile(
    folder.file("config.toml"),
    `# mine\n${await Deno.readTextFile(folder.file("config.toml"))}`,
  );
  await addAccount(context(), "a", "a@c", { replace: true, relay: "r:1", default: true });
  assertEquals(
    await Deno.readTextFile(folder.file("config.toml")),
    'default-account = "a"\n# mine\n[accounts.a]\naddress = "a@c"\npassword = "x"\nrelay = "r:1"\n',
  );
});

Deno.test("addAccount() and removeAccount() end with the contract's statuses", async () => {
  await using folder = await TemporaryFolder.make();
  const context = () => testContext({ home: folder.path });
  await addAccount(context(), "a", "a@b", {});
  const twice = await assertRejects(() => addAccount(context(), "a", "a@b", {}), CliError);
  assertEquals([twice.code, twice.status], ["cli/exists", 8]);
  const none = await assertRejects(() => removeAccount(context(), "b"), CliError);
  assertEquals([none.code, none.status], ["cli/unknown-account", 1]);
});
