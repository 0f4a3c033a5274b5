/** `config.toml`: what a person settled once. Schema in docs/config.md. */
import { decodeUtf8 } from "../base/bytes.ts";
import type { Account } from "./account.ts";
import { readAccounts } from "./account_schema.ts";
import { isLine, isVersions, oneOf, Settings } from "./config_settings.ts";
import { folderOf, readWholeFile, unreadable } from "./private_file.ts";

/** The settings; what is `undefined` was not said. */
export interface Config {
  /** `[otr]`. */
  readonly otr: {
    readonly policy?: "require" | "prefer" | "accept" | "off" | undefined;
    readonly versions?: readonly (2 | 3)[] | undefined;
  };
  /** `[trust]`. */
  readonly trust: {
    readonly level?: "verified" | "known" | "any" | undefined;
  };
  /** `[accounts.NAME]`, in the order of the file. */
  readonly accounts: readonly Account[];
  /** `default-account`: which of them sessions use that name none. It is one of them. */
  readonly defaultAccount?: string | undefined;
}

/** A configuration and what in it was not understood. */
export interface LoadedConfig {
  readonly config: Config;
  /** For people: names of unknown settings with their file and line. */
  readonly warnings: readonly string[];
}

/**
 * Reads the configuration; a missing file says nothing.
 * @throws {SottoError} `storage/bad-config`, with the line where the syntax is wrong;
 * `storage/unreadable`.
 */
export async function loadConfig(path: string): Promise<LoadedConfig> {
  const text = await readConfigText(path);
  if (text !== undefined) return parseConfig(text, path);
  return { config: { otr: {}, trust: {}, accounts: [] }, warnings: [] };
}

/**
 * The text of the configuration, or `undefined` where there is none.
 * @throws {SottoError} `storage/unreadable`.
 */
export async function readConfigText(path: string): Promise<string | undefined> {
  const bytes = await readWholeFile(path);
  if (bytes === undefined) return undefined;
  const text = decodeUtf8(bytes);
  if (text === undefined) throw unreadable(path, "expected UTF-8");
  return text;
}

/**
 * The same for text that is here already.
 * @param path Named in errors and warnings; names of files in it are relative to its folder.
 */
export function parseConfig(text: string, path: string): LoadedConfig {
  const settings = new Settings(text, path);
  const accounts = readAccounts(settings, folderOf(path));
  const defaultAccount = settings.take(["default-account"], isLine("the name of an account"));
  if (defaultAccount !== undefined && !accounts.some(({ name }) => name === defaultAccount)) {
    throw settings.error(
      ["default-account"],
      `default-account: there is no [accounts.${defaultAccount}]`,
    );
  }
  const config: Config = {
    otr: {
      policy: settings.take(["otr", "policy"], oneOf("require", "prefer", "accept", "off")),
      versions: settings.take(["otr", "versions"], isVersions),
    },
    trust: { level: settings.take(["trust", "level"], oneOf("verified", "known", "any")) },
    accounts,
    ...(defaultAccount === undefined ? {} : { defaultAccount }),
  };
  return { config, warnings: settings.unknown() };
}
