/** Accounts as people and scripts see them: everything but the password. */
import { escapeText } from "../../lib/base/mod.ts";
import type { Account, Config } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import { loadConfig } from "../config/config.ts";
import { usageError } from "../output/cli_error.ts";
import type { Printer } from "../output/printer.ts";
import { chooseAccount } from "../session/sip_access.ts";

/** Every account, in the order of the file. */
export async function listAccounts(context: CommandContext): Promise<void> {
  const config = await loadConfig(context);
  const { printer } = context;
  for (const account of config.accounts) {
    const isDefault = account.name === config.defaultAccount;
    printer.result("account", accountFields(account, isDefault));
    const mark = isDefault ? "  (default)" : "";
    printer.text(`${escapeText(account.name)}  ${escapeText(account.address)}${mark}`);
  }
  if (config.accounts.length === 0) {
    printer.note("there is no account: sotto account add makes one");
  }
}

/** One account, or the default one. @throws {CliError} status 2 when there is no such. */
export async function showAccount(
  context: CommandContext,
  name: string | undefined,
): Promise<void> {
  const config = await loadConfig(context);
  printAccount(context.printer, requireAccount(config, name), config);
}

/**
 * The account that is meant: the named one, the default one, or the only one.
 * @throws {CliError} status 2 when there is no such account, or no name and several.
 */
export function requireAccount(config: Config, name: string | undefined): Account {
  const access = { direct: false, register: false, relayInsecure: false };
  const asked = name === undefined ? { access } : { access: { ...access, account: name } };
  const account = chooseAccount(asked, config);
  if (account !== undefined) return account;
  const [only, second] = config.accounts;
  if (only !== undefined && second === undefined) return only;
  const names = config.accounts.map((it) => escapeText(it.name)).join(", ");
  throw usageError(
    "which account? none is the default",
    names === "" ? "sotto account add makes one" : `there is ${names}`,
  );
}

/** All that an account says. */
export function printAccount(
  printer: Printer,
  account: Account,
  { defaultAccount }: Pick<Config, "defaultAccount">,
): void {
  const fields = accountFields(account, account.name === defaultAccount);
  printer.result("account", fields);
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const words = Array.isArray(value) ? value.join(", ") : String(value);
    printer.text(`${name.padEnd(16)}${escapeText(words)}`);
  }
}

function accountFields(account: Account, isDefault: boolean): Record<string, unknown> {
  const { name, address, password, passwordFile, ...rest } = account;
  return {
    name,
    address,
    default: isDefault,
    password: password === undefined && passwordFile === undefined ? "not set" : "set",
    passwordFile,
    ...rest,
  };
}
