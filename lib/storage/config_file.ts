/** `config.toml`: what a person settled once. Schema in docs/config.md. */
import { parse, TomlError } from "smol-toml";
import { decodeUtf8 } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import { readWholeFile, unreadable } from "./private_file.ts";

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
}

/** A configuration and what in it was not understood. */
export interface LoadedConfig {
  readonly config: Config;
  /** For people: names of unknown settings with their file. */
  readonly warnings: readonly string[];
}

/**
 * Reads the configuration; a missing file says nothing.
 * @throws {SottoError} `storage/bad-config`, with the line where the syntax is wrong;
 * `storage/unreadable`.
 */
export async function loadConfig(path: string): Promise<LoadedConfig> {
  const bytes = await readWholeFile(path);
  if (bytes === undefined) return { config: { otr: {}, trust: {} }, warnings: [] };
  const text = decodeUtf8(bytes);
  if (text === undefined) throw unreadable(path, "expected UTF-8");
  return parseConfig(text, path);
}

/**
 * The same for text that is here already.
 * @param path Named in errors and warnings.
 */
export function parseConfig(text: string, path: string): LoadedConfig {
  const found = new Settings(parseToml(text, path), text, path);
  const config: Config = {
    otr: {
      policy: found.take("otr", "policy", oneOf("require", "prefer", "accept", "off")),
      versions: found.take("otr", "versions", isVersions),
    },
    trust: { level: found.take("trust", "level", oneOf("verified", "known", "any")) },
  };
  return { config, warnings: found.unknown() };
}

function parseToml(text: string, path: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [reason = ""] = cause.message.split("\n");
    const message = reason.replace(/^Invalid TOML document: /, "");
    throw new SottoError("storage/bad-config", `${path}:${cause.line}: ${message}`, { cause });
  }
}

/** What a setting may be. */
interface Expectation<T> {
  readonly words: string;
  readonly accepts: (value: unknown) => value is T;
}

function oneOf<const T extends string>(...choices: readonly T[]): Expectation<T> {
  return {
    words: choices.map((it) => `"${it}"`).join(", "),
    accepts: (value): value is T => choices.some((it) => it === value),
  };
}

const isVersions: Expectation<readonly (2 | 3)[]> = {
  words: "a list of 2 and 3",
  accepts: (value): value is readonly (2 | 3)[] =>
    Array.isArray(value) && value.length > 0 && value.every((it) => it === 2 || it === 3),
};

class Settings {
  readonly #tables: Readonly<Record<string, unknown>>;
  readonly #text: string;
  readonly #path: string;
  readonly #known = new Set<string>();

  constructor(tables: Readonly<Record<string, unknown>>, text: string, path: string) {
    this.#tables = tables;
    this.#text = text;
    this.#path = path;
  }

  take<T>(table: string, key: string, expectation: Expectation<T>): T | undefined {
    this.#known.add(`${table}.${key}`);
    const section = this.#tables[table];
    if (section === undefined) return undefined;
    if (!isTable(section)) throw this.#error(table, undefined, `expected a table [${table}]`);
    const value = section[key];
    if (value === undefined) return undefined;
    if (expectation.accepts(value)) return value;
    throw this.#error(table, key, `${table}.${key}: expected ${expectation.words}`);
  }

  unknown(): string[] {
    return Object.entries(this.#tables).flatMap(([table, section]) => {
      const names = isTable(section)
        ? Object.keys(section).map((key) => `${table}.${key}`)
        : [table];
      return names.filter((name) => !this.#known.has(name)).map((name) =>
        `${this.#path}: the setting ${escapeText(name, 80)} is unknown`
      );
    });
  }

  #error(table: string, key: string | undefined, message: string): SottoError {
    const line = lineOf(this.#text, table, key);
    return new SottoError("storage/bad-config", `${this.#path}:${line}: ${message}`);
  }
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

/** The line where a setting stands, as far as the usual ways to write it go; else 1. */
function lineOf(text: string, table: string, key: string | undefined): number {
  let section = "";
  for (const [index, line] of text.split("\n").entries()) {
    const header = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line);
    if (header !== null) section = header[1] ?? "";
    const name = /^\s*"?([A-Za-z0-9_.-]+)"?\s*=/.exec(line)?.[1];
    if (
      key === undefined
        ? section === table || name === table
        : section === table
        ? name === key
        : name === `${table}.${key}` || name === table
    ) return index + 1;
  }
  return 1;
}
