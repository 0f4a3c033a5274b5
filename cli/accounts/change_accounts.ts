/** Accounts added, changed and taken away. */
import { escapeText, Secret } from "../../lib/base/mod.ts";
import { writeUri } from "../../lib/sip/mod.ts";
import {
  type Account,
  type AccountSettings,
  AccountStore,
  isAccountName,
} from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import { loadConfig } from "../config/config.ts";
import {
  addressOfRecord,
  choice,
  positiveInteger,
  relayText,
  serverUri,
} from "../options/checks.ts";
import { plainSecret, readSecret } from "../options/secret.ts";
import { parseVersions } from "../options/session.ts";
import { CliError, usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";
import { printAccount } from "./show_accounts.ts";

/** What `account add` was given, as it stands there. */
export interface AccountFlags {
  readonly displayName?: string | undefined;
  readonly authUser?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly password?: string | undefined;
  readonly digestMin?: string | undefined;
  readonly proxy?: string | undefined;
  readonly transport?: string | undefined;
  readonly register?: true | undefined;
  readonly expires?: string | undefined;
  readonly relay?: string | undefined;
  readonly relayInsecure?: true | undefined;
  readonly msrp?: string | undefined;
  readonly setup?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsCa?: string | undefined;
  readonly otr?: string | undefined;
  readonly otrVersions?: string | undefined;
  readonly trust?: string | undefined;
  readonly default?: true | undefined;
  readonly replace?: true | undefined;
}

/**
 * Adds an account, or changes one with `--replace`.
 * @throws {CliError} status 2 for what does not fit, 8 when there is such an account.
 */
export async function addAccount(
  context: CommandContext,
  name: string,
  address: string,
  flags: AccountFlags,
): Promise<void> {
  if (!isAccountName(name)) {
    throw usageError(
      `an account is named without spaces and in up to 64 characters, not ${JSON.stringify(name)}`,
    );
  }
  const settings = checkedSettings(address, flags);
  const before = await loadConfig(context);
  const exists = before.accounts.some((it) => it.name === name);
  if (exists && !flags.replace) throw alreadyThere(name);
  const password = await passwordFor(context, name, flags, exists);
  const given = { ...settings, ...(password === undefined ? {} : { password }) };
  const store = new AccountStore(context.home.configFile);
  const account = await (exists ? store.update(name, given) : store.add(name, given));
  if (account === undefined) throw alreadyThere(name); // Somebody was quicker.
  if (flags.default) await store.setDefault(name);
  const defaultAccount = flags.default ? name : before.defaultAccount;
  printAccount(context.printer, account, { defaultAccount });
  if (defaultAccount === undefined) {
    context.printer.note(
      `use it with --account ${escapeText(name)}, or always: sotto account default ${
        escapeText(name)
      }`,
    );
  }
}

/** Forgets an account. @throws {CliError} status 1 when there is none of that name. */
export async function removeAccount(context: CommandContext, name: string): Promise<void> {
  const { printer, home } = context;
  const config = await loadConfig(context);
  if (!await new AccountStore(home.configFile).remove(name)) throw unknown(name, config.accounts);
  printer.result("removed", { account: name });
  printer.text(`removed ${escapeText(name)}`);
}

/** Says which account is the default. @throws {CliError} status 1 when there is none of that name. */
export async function chooseDefault(
  context: CommandContext,
  name: string | undefined,
): Promise<void> {
  const { printer, home } = context;
  const config = await loadConfig(context);
  if (!await new AccountStore(home.configFile).setDefault(name)) {
    throw unknown(name ?? "", config.accounts);
  }
  printer.result("default-account", { account: name ?? null });
  printer.text(
    name === undefined ? "no account is the default" : `the default is ${escapeText(name)}`,
  );
}

function checkedSettings(address: string, flags: AccountFlags): AccountSettings {
  const { expires, proxy, relay } = flags;
  const seconds = positiveInteger("--expires", expires);
  if (seconds !== undefined && (seconds < 60 || seconds > 86_400)) {
    throw usageError(`--expires: expected 60 to 86400 seconds, not ${seconds}`);
  }
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined)) {
    throw usageError("--tls-cert and --tls-key go together: give both or neither");
  }
  return {
    address: addressOfRecord("<address>", address),
    displayName: line("--display-name", flags.displayName),
    authUser: line("--auth-user", flags.authUser),
    digestMin: choice("--digest-min", flags.digestMin, ["md5", "sha-256", "sha-512-256"]),
    proxy: proxy === undefined ? undefined : writeUri(serverUri("--proxy", proxy)),
    transport: choice("--transport", flags.transport, ["udp", "tcp", "tls"]),
    register: flags.register,
    expires: seconds,
    relay: relay === undefined ? undefined : relayText("--relay", relay),
    relayInsecure: flags.relayInsecure,
    msrp: choice("--msrp", flags.msrp, ["tls", "tcp"]),
    setup: choice("--setup", flags.setup, ["active", "passive", "actpass"]),
    tlsCert: absolute(flags.tlsCert),
    tlsKey: absolute(flags.tlsKey),
    tlsCa: absolute(flags.tlsCa),
    otr: choice("--otr", flags.otr, ["require", "prefer", "accept", "off"]),
    otrVersions: parseVersions(flags.otrVersions),
    trust: choice("--trust", flags.trust, ["verified", "known", "any"]),
  };
}

/** The password, where one is given, or a person is there to be asked. */
async function passwordFor(
  context: CommandContext,
  name: string,
  flags: AccountFlags,
  exists: boolean,
): Promise<Secret | undefined> {
  if (flags.password !== undefined && flags.passwordFile !== undefined) {
    throw usageError("--password and --password-file are two ways to say one thing: give one");
  }
  if (flags.passwordFile !== undefined) {
    return textSecret("--password-file", await readSecret("--password-file", flags.passwordFile));
  }
  if (flags.password !== undefined) {
    return textSecret("--password", plainSecret(context, flags.password, "--password-file"));
  }
  const variable = context.environment("SOTTO_PASSWORD");
  if (variable !== undefined) return new Secret(new TextEncoder().encode(variable));
  // Not every account has a password, so nobody has to be there to say that this one has none.
  if (exists || !context.prompt.available) return undefined;
  const label = `Password of ${escapeText(name)} (empty for none)`;
  const typed = await context.prompt.secret(label, { flag: "--password-file" });
  return typed === "" ? undefined : new Secret(new TextEncoder().encode(typed));
}

/** A configuration is text: a password that is none could not be kept. */
function textSecret(flag: string, octets: Uint8Array): Secret {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch {
    throw usageError(`${flag}: the password is not UTF-8`);
  }
  return new Secret(octets);
}

function line(flag: string, value: string | undefined): string | undefined {
  if (value === undefined || /^[^\p{Cc}]{1,256}$/u.test(value)) return value;
  throw usageError(`${flag}: expected one line of up to 256 characters`);
}

/** The account is used from other folders too. */
function absolute(file: string | undefined): string | undefined {
  if (file === undefined || /^([/\\]|[A-Za-z]:[/\\])/.test(file)) return file;
  return `${Deno.cwd()}/${file}`;
}

function alreadyThere(name: string): CliError {
  return new CliError(
    "cli/exists",
    EXIT.damaged,
    `there is an account ${escapeText(name)} already`,
    {
      hint: "--replace changes what is given and leaves the rest",
    },
  );
}

function unknown(name: string, accounts: readonly Account[]): CliError {
  const names = accounts.map((it) => escapeText(it.name)).join(", ");
  return new CliError(
    "cli/unknown-account",
    EXIT.failed,
    `there is no account ${escapeText(name)}`,
    { hint: names === "" ? undefined : `there is ${names}` },
  );
}
