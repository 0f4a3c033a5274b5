import { assertEquals, assertThrows } from "@std/assert";
import { printAccount, requireAccount } from "../../../../cli/accounts/show_accounts.ts";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { parseConfig } from "../../../../lib/storage/mod.ts";
import { testContext } from "../../../helpers/session_flags.ts";

const TWO = parseConfig(
  '[accounts.a]\naddress = "a@b"\npassword = "sesame"\notr-versions = [3, 2]\n[accounts.b]\naddress = "b@b"\n',
  "c",
).config;

Deno.test("requireAccount() takes the named one, the default one, or the only one", () => {
  assertEquals(requireAccount(TWO, "b").name, "b");
  assertEquals(requireAccount({ ...TWO, defaultAccount: "b" }, undefined).name, "b");
  assertEquals(requireAccount({ ...TWO, accounts: TWO.accounts.slice(0, 1) }, undefined).name, "a");
  for (const accounts of [TWO.accounts, []]) {
    const error = assertThrows(() => requireAccount({ ...TWO, accounts }, undefined), CliError);
    assertEquals(error.status, 2);
  }
});

Deno.test("printAccount() says that there is a password, and not which", () => {
  for (const json of [true, false]) {
    const { printer, stdout } = testContext({ json });
    for (const account of TWO.accounts) printAccount(printer, account, { defaultAccount: "a" });
    assertEquals(stdout.text.includes("sesame"), false);
    assertEquals(stdout.text.match(/(not )?set/g), ["set", "not set"]);
    assertEquals(stdout.text.includes(json ? '"default":true' : "default         true"), true);
  }
});
