/** The options about how we get to the network: account, proxy, credentials, relay. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { SipUri } from "../../lib/sip/mod.ts";
import type { CommandContext } from "../command.ts";
import { usageError } from "../output/cli_error.ts";
import { choice, relayText, serverUri } from "./checks.ts";

/** The least digest algorithm that is answered. */
export type DigestMinimum = "md5" | "sha-256" | "sha-512-256";

/** What flags and environment say; `undefined` where the account or a default decides. */
export interface AccessFlags {
  readonly account?: string;
  readonly proxy?: SipUri;
  /** No proxy is asked even if the account has one. */
  readonly direct: boolean;
  readonly register: boolean;
  readonly authUser?: string;
  readonly passwordFile?: string;
  /** From the command line: warns. */
  readonly password?: string;
  /** From `SOTTO_PASSWORD`. */
  readonly environmentPassword?: string;
  readonly digestMin?: DigestMinimum;
  readonly relay?: string;
  readonly relayInsecure: boolean;
}

/** Nothing was said. */
export const NO_ACCESS: AccessFlags = { direct: false, register: false, relayInsecure: false };

/** Which of them a command has. */
export type AccessKind = "session" | "register" | "doctor";

/** Declares the options on `command`. */
export function declareAccess(command: CommandUnknownOpts, kind: AccessKind): void {
  if (kind !== "register") command.option("--account <name>", "which account to use");
  command.option("--proxy <uri>", "outbound proxy");
  if (kind === "session") {
    command.option("--direct", "ask no proxy, even if the account has one");
    command.option("--register", "register while this runs");
  }
  command.option("--auth-user <user>", "user name of the digest");
  command.option("--password-file <file>", "the password");
  command.addOption(
    command.createOption("--password <text>", "the password itself (others can read it: warns)")
      .hideHelp(),
  );
  command.option("--digest-min <hash>", "least digest: md5 (default), sha-256, sha-512-256");
  if (kind === "register") return;
  command.option("--relay <host[:port]>", "MSRP relay; or auto (by DNS), none");
  command.option("--relay-insecure", "log in at a relay without TLS (warns)");
}

/**
 * What was given; the environment (`SOTTO_ACCOUNT`, `SOTTO_PROXY`, `SOTTO_AUTH_USER`,
 * `SOTTO_PASSWORD`, `SOTTO_DIGEST_MIN`, `SOTTO_RELAY`) speaks where no flag does.
 *
 * @throws {CliError} status 2, naming flag or variable.
 */
export function readAccess(
  said: Readonly<Record<string, unknown>>,
  environment: CommandContext["environment"],
): AccessFlags {
  const text = (flag: string, name: string, variable: string): [string, string] | undefined => {
    const value = said[name] as string | undefined;
    if (value !== undefined) return [flag, value];
    const inherited = environment(variable);
    return inherited === undefined ? undefined : [variable, inherited];
  };
  const account = text("--account", "account", "SOTTO_ACCOUNT");
  const proxy = text("--proxy", "proxy", "SOTTO_PROXY");
  const authUser = text("--auth-user", "authUser", "SOTTO_AUTH_USER");
  const digestMin = text("--digest-min", "digestMin", "SOTTO_DIGEST_MIN");
  const relay = text("--relay", "relay", "SOTTO_RELAY");
  const passwordFile = said["passwordFile"] as string | undefined;
  const password = said["password"] as string | undefined;
  const fromEnvironment = environment("SOTTO_PASSWORD");
  const direct = said["direct"] === true;
  if (passwordFile !== undefined && password !== undefined) {
    throw usageError("--password and --password-file are two ways to say one thing: give one");
  }
  if (direct && said["proxy"] !== undefined) {
    throw usageError("--direct asks no proxy, and --proxy names one: give one of them");
  }
  const minimum = digestMin &&
    choice(digestMin[0], digestMin[1].toLowerCase(), ["md5", "sha-256", "sha-512-256"]);
  return {
    ...(account !== undefined ? { account: account[1] } : {}),
    ...(proxy !== undefined && !direct ? { proxy: serverUri(...proxy) } : {}),
    direct,
    register: said["register"] === true,
    ...(authUser !== undefined ? { authUser: authUser[1] } : {}),
    ...(passwordFile !== undefined ? { passwordFile } : {}),
    ...(password !== undefined ? { password } : {}),
    ...(fromEnvironment !== undefined ? { environmentPassword: fromEnvironment } : {}),
    ...(minimum !== undefined ? { digestMin: minimum } : {}),
    ...(relay !== undefined ? { relay: relayText(...relay) } : {}),
    relayInsecure: said["relayInsecure"] === true,
  };
}
