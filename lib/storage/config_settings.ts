/** Reading settings out of TOML: what is expected of each, and which were not asked for. */
import { SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import { parseToml, tomlLineOf, writeTomlKey } from "./toml_text.ts";

/** What a setting may be. */
export interface Expectation<T> {
  /** Behind "expected …". */
  readonly words: string;
  /** The value as it is used, or `undefined` when it is none. */
  readonly read: (value: unknown) => T | undefined;
}

/** One of some words. */
export function oneOf<const T extends string>(...choices: readonly T[]): Expectation<T> {
  return {
    words: choices.map((it) => `"${it}"`).join(", "),
    read: (value) => choices.find((it) => it === value),
  };
}

/** `true` or `false`. */
export const isBoolean: Expectation<boolean> = {
  words: "true or false",
  read: (value) => typeof value === "boolean" ? value : undefined,
};

/** Text of one line, up to `limit` characters. */
export function isLine(words: string, limit: number = 1024): Expectation<string> {
  return {
    words,
    read: (value) => {
      if (typeof value !== "string" || value === "" || value.length > limit) return undefined;
      // deno-lint-ignore no-control-regex
      return /[\u0000-\u001f\u007f]/.test(value) ? undefined : value;
    },
  };
}

/** A whole number from `least` to `most`. */
export function isInteger(least: number, most: number): Expectation<number> {
  return {
    words: `a whole number from ${least} to ${most}`,
    read: (value) => {
      const isWhole = typeof value === "number" && Number.isInteger(value);
      return isWhole && value >= least && value <= most ? value : undefined;
    },
  };
}

/** Versions of OTR. */
export const isVersions: Expectation<readonly (2 | 3)[]> = {
  words: "a list of 2 and 3",
  read: (value) => {
    const isList = Array.isArray(value) && value.length > 0;
    return isList && value.every((it) => it === 2 || it === 3) ? value : undefined;
  },
};

/** A document whose settings are taken one by one; what is left is unknown. */
export class Settings {
  readonly #root: Readonly<Record<string, unknown>>;
  readonly #text: string;
  readonly #path: string;
  readonly #known = new Set<string>();

  /**
   * @param path Named in errors and warnings.
   * @throws {SottoError} `storage/bad-config`, with the line where the syntax is wrong.
   */
  constructor(text: string, path: string) {
    this.#text = text;
    this.#path = path;
    this.#root = parseToml(text, path);
  }

  /**
   * One setting; `undefined` when it was not said.
   * @throws {SottoError} `storage/bad-config`, with its line.
   */
  take<T>(path: readonly string[], expectation: Expectation<T>): T | undefined {
    this.#known.add(nameOf(path));
    const table = this.#table(path.slice(0, -1));
    const key = path.at(-1) ?? "";
    if (table === undefined || !Object.hasOwn(table, key)) return undefined;
    const read = expectation.read(table[key]);
    if (read !== undefined) return read;
    throw this.error(path, `${shown(path)}: expected ${expectation.words}`);
  }

  /** The names of the tables in a table, in the order of the document. */
  tablesIn(path: readonly string[]): string[] {
    const table = this.#table(path) ?? {};
    return Object.keys(table).map((key) => {
      this.#table([...path, key]);
      return key;
    });
  }

  /** Warnings about every setting that nobody took, with its line. */
  unknown(): string[] {
    return unknownIn(this.#root, [], this.#known).map((path) =>
      `${this.#path}:${tomlLineOf(this.#text, path)}: the setting ${shown(path)} is unknown`
    );
  }

  /** A mistake of the document's at a setting. */
  error(path: readonly string[], message: string): SottoError {
    const line = tomlLineOf(this.#text, path);
    return new SottoError("storage/bad-config", `${this.#path}:${line}: ${message}`);
  }

  #table(path: readonly string[]): Readonly<Record<string, unknown>> | undefined {
    let table: unknown = this.#root;
    for (const [depth, key] of path.entries()) {
      if (!isTable(table) || !Object.hasOwn(table, key)) return undefined;
      table = table[key];
      const here = path.slice(0, depth + 1);
      if (!isTable(table)) throw this.error(here, `expected a table [${shown(here)}]`);
    }
    return isTable(table) ? table : undefined;
  }
}

/** Longest name of a setting in a message. */
const LONGEST_NAME = 80;

function shown(path: readonly string[]): string {
  return escapeText(path.map(writeTomlKey).join("."), LONGEST_NAME);
}

function nameOf(path: readonly string[]): string {
  return path.map(writeTomlKey).join(".");
}

function unknownIn(
  table: Readonly<Record<string, unknown>>,
  path: readonly string[],
  known: ReadonlySet<string>,
): string[][] {
  return Object.entries(table).flatMap(([key, value]) => {
    const here = [...path, key];
    if (known.has(nameOf(here))) return [];
    // Tables that hold something known are looked into; others are told of as a whole.
    const holdsKnown = [...known].some((it) => it.startsWith(`${nameOf(here)}.`));
    return isTable(value) && holdsKnown ? unknownIn(value, here, known) : [here];
  });
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}
