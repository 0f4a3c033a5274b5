/**
 * TOML as a person wrote it: where each statement stands, and changes of single values that
 * leave every other octet alone. What a document means is smol-toml's to say; every change is
 * read back with it, and refused when it would say anything else than was meant.
 */
import { parse, TomlError } from "smol-toml";
import { SottoError } from "../base/errors.ts";

/** A table header, or a key with its value. Offsets count UTF-16 units. */
export interface TomlStatement {
  readonly kind: "table" | "array-table" | "pair";
  /** From the root, the table included: `["accounts", "work", "proxy"]`. */
  readonly path: readonly string[];
  /** From 1. */
  readonly line: number;
  /** Where its first line begins. */
  readonly start: number;
  /** Behind the line end of its last line. */
  readonly end: number;
  /** The value alone, for a pair; for a header the header. */
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Where the comment behind it begins, if there is one. */
  readonly comment: number | undefined;
}

/**
 * What a document says.
 * @param path Named in the error, where there is a file.
 * @throws {SottoError} `storage/bad-config`, with the line where the syntax is wrong.
 */
export function parseToml(text: string, path?: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [reason = ""] = cause.message.split("\n");
    const message = reason.replace(/^Invalid TOML document: /, "");
    const place = path === undefined ? `line ${cause.line}` : `${path}:${cause.line}`;
    throw new SottoError("storage/bad-config", `${place}: ${message}`, { cause });
  }
}

/** What a setting may be changed to. */
export type TomlValue = string | number | boolean | readonly number[];

/** Most statements that are looked at; a configuration of people's has dozens. */
const MOST_STATEMENTS = 100_000;

/**
 * The statements of a document, in their order.
 *
 * @param text Valid TOML: what is not is passed over or ends the list, and never throws.
 */
export function tomlStatements(text: string): TomlStatement[] {
  const statements: TomlStatement[] = [];
  let table: readonly string[] = [];
  let line = 1;
  for (let at = 0; at < text.length && statements.length < MOST_STATEMENTS;) {
    const first = skip(text, at, /[ \t\r]*/y);
    const character = text[first];
    if (character === undefined) break;
    if (character === "\n" || character === "#") {
      at = lineEnd(text, first);
      line += 1;
      continue;
    }
    const found = character === "[" ? header(text, first) : pair(text, first, table);
    if (found === undefined) break;
    if (found.kind !== "pair") table = found.path;
    const behind = skip(text, found.valueEnd, /[ \t\r]*/y);
    const end = lineEnd(text, behind);
    statements.push({
      ...found,
      line,
      start: at,
      end,
      comment: text[behind] === "#" ? behind : undefined,
    });
    line += countLines(text, at, end);
    at = end;
  }
  return statements;
}

/** The line on which `path`, or else the table that it is in, is written; 1 when nowhere. */
export function tomlLineOf(text: string, path: readonly string[]): number {
  const statements = tomlStatements(text);
  for (let length = path.length; length > 0; length--) {
    const wanted = path.slice(0, length);
    const exact = statements.find((it) => isSame(it.path, wanted)) ??
      statements.find((it) => isWithin(it.path, wanted));
    if (exact !== undefined) return exact.line;
  }
  return 1;
}

/**
 * The document with `table.key` set to `value`: in the place of the old value, else behind the
 * last setting of the table, else in a new table at the end (at the top, for the root).
 *
 * @throws {SottoError} `storage/bad-config` when the document is no TOML; `storage/entangled`
 * when the setting is written in a way that cannot be changed without rewriting more.
 */
export function setTomlValue(
  text: string,
  table: readonly string[],
  key: string,
  value: TomlValue,
): string {
  const wanted = structureOf(text);
  place(wanted, [...table, key], value);
  return checked(text, withValue(text, table, key, writeTomlValue(value)), wanted, [...table, key]);
}

/**
 * The document without `path`, whatever is below it. Comments stay where they stand.
 * Throws as {@link setTomlValue} does.
 */
export function removeToml(text: string, path: readonly string[]): string {
  const wanted = structureOf(text);
  unplace(wanted, path);
  let changed = "";
  let copied = 0;
  for (const { path: at, start, end, comment } of tomlStatements(text)) {
    if (!isWithin(at, path)) continue;
    changed += text.slice(copied, start);
    if (comment !== undefined) changed += text.slice(comment, end);
    copied = end;
  }
  return checked(text, changed + text.slice(copied), wanted, path);
}

/** A value in the one way that we write it. */
export function writeTomlValue(value: TomlValue): string {
  if (typeof value === "string") {
    return JSON.stringify(value).replaceAll("\u007f", "\\u007f");
  }
  return typeof value === "object" ? `[${value.join(", ")}]` : String(value);
}

/** A key, quoted where it has to be. */
export function writeTomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : writeTomlValue(key);
}

function withValue(text: string, table: readonly string[], key: string, value: string): string {
  const statements = tomlStatements(text);
  const pairs = statements.filter((it) => it.kind === "pair");
  const existing = pairs.find((it) => isSame(it.path, [...table, key]));
  if (existing !== undefined) {
    return text.slice(0, existing.valueStart) + value + text.slice(existing.valueEnd);
  }
  const newline = /\r\n/.test(text) ? "\r\n" : "\n";
  const setting = `${writeTomlKey(key)} = ${value}${newline}`;
  if (table.length === 0) {
    // Before the first table, where the root's settings have to stand; behind its others.
    const others = statements.slice(0, firstTable(statements));
    return insertAt(text, others.at(-1)?.end ?? 0, setting, newline);
  }
  const at = statements.findIndex((it) => it.kind === "table" && isSame(it.path, table));
  const start = statements[at];
  if (start !== undefined) {
    const own = statements.slice(at + 1);
    const last = own.slice(0, firstTable(own)).at(-1) ?? start;
    return insertAt(text, last.end, setting, newline);
  }
  const title = `[${table.map(writeTomlKey).join(".")}]${newline}`;
  const gap = text === "" || /\n\r?\n$/.test(text) ? "" : newline;
  return insertAt(text, text.length, gap + title + setting, newline);
}

/** Inserts whole lines; the line before may lack its end. */
function insertAt(text: string, at: number, lines: string, newline: string): string {
  const before = text.slice(0, at);
  const bridge = before === "" || before.endsWith("\n") ? "" : newline;
  return before + bridge + lines + text.slice(at);
}

function firstTable(statements: readonly TomlStatement[]): number {
  const at = statements.findIndex((it) => it.kind !== "pair");
  return at < 0 ? statements.length : at;
}

function checked(
  text: string,
  changed: string,
  wanted: Structure,
  path: readonly string[],
): string {
  let actual: Structure | undefined;
  try {
    actual = structureOf(changed);
  } catch {
    // What came out is no TOML: the text was written in a way that is not ours to take apart.
  }
  if (actual !== undefined && equal(withoutEmpty(actual), withoutEmpty(wanted))) return changed;
  throw new SottoError(
    "storage/entangled",
    `line ${tomlLineOf(text, path)}: ${path.map(writeTomlKey).join(".")} is written in a way ` +
      "that cannot be changed without rewriting what stands around it",
  );
}

// -- what a document says ---------------------------------------------------------------------

interface Structure {
  [key: string]: unknown;
}

function structureOf(text: string): Structure {
  return parseToml(text) as Structure;
}

function isTable(value: unknown): value is Structure {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Date);
}

function place(root: Structure, path: readonly string[], value: TomlValue): void {
  let table = root;
  for (const key of path.slice(0, -1)) {
    const next = Object.hasOwn(table, key) ? table[key] : undefined;
    const inner: Structure = isTable(next) ? next : {};
    define(table, key, inner);
    table = inner;
  }
  define(table, path.at(-1) ?? "", value);
}

function unplace(root: Structure, path: readonly string[]): void {
  let table = root;
  for (const key of path.slice(0, -1)) {
    const next = Object.hasOwn(table, key) ? table[key] : undefined;
    if (!isTable(next)) return;
    table = next;
  }
  delete table[path.at(-1) ?? ""];
}

/** `__proto__` is a key like any other. */
function define(table: Structure, key: string, value: unknown): void {
  Object.defineProperty(table, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** Empty tables say nothing, and come and go with their last setting. */
function withoutEmpty(value: unknown): unknown {
  if (!isTable(value)) return value;
  return new Map(
    Object.keys(value).map((key): [string, unknown] => [key, withoutEmpty(value[key])])
      .filter(([, inner]) => !(inner instanceof Map) || inner.size > 0),
  );
}

function equal(a: unknown, b: unknown): boolean {
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => equal(value, b.get(key)));
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, at) => equal(value, b[at]));
  }
  if (isTable(a) && isTable(b)) return equal(withoutEmpty(a), withoutEmpty(b));
  if (a instanceof Date && b instanceof Date) return String(a) === String(b);
  return Object.is(a, b);
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && isWithin(a, b);
}

function isWithin(path: readonly string[], outer: readonly string[]): boolean {
  return path.length >= outer.length && outer.every((key, at) => key === path[at]);
}

// -- the text ----------------------------------------------------------------------------------

type Found = Pick<TomlStatement, "kind" | "path" | "valueStart" | "valueEnd">;

/** `[a.b]` or `[[a.b]]`. */
function header(text: string, at: number): Found | undefined {
  const isArray = text[at + 1] === "[";
  const from = at + (isArray ? 2 : 1);
  const close = scanKey(text, from, "]");
  const path = close === undefined ? undefined : keyPath(text.slice(from, close));
  if (close === undefined || path === undefined) return undefined;
  return {
    kind: isArray ? "array-table" : "table",
    path,
    valueStart: at,
    valueEnd: close + (isArray ? 2 : 1),
  };
}

/** `a.b = value`. */
function pair(text: string, at: number, table: readonly string[]): Found | undefined {
  const equals = scanKey(text, at, "=");
  const key = equals === undefined ? undefined : keyPath(text.slice(at, equals));
  if (equals === undefined || key === undefined) return undefined;
  const valueStart = skip(text, equals + 1, /[ \t]*/y);
  const valueEnd = scanValue(text, valueStart);
  return { kind: "pair", path: [...table, ...key], valueStart, valueEnd };
}

/** Where `end` stands behind a key that may be quoted; `undefined` when not on this line. */
function scanKey(text: string, from: number, end: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === end) return at;
    if (character === "\n") return undefined;
    if (character === '"' || character === "'") at = scanString(text, at) - 1;
  }
  return undefined;
}

function keyPath(text: string): string[] | undefined {
  try {
    const path: string[] = [];
    for (let value: unknown = parse(`${text} = 0`); isTable(value);) {
      const [key = ""] = Object.keys(value);
      path.push(key);
      value = value[key];
    }
    return path;
  } catch {
    return undefined; // Not a key: the document is not TOML from here on.
  }
}

/** Where a value ends, white space and comment behind it not counted. */
function scanValue(text: string, from: number): number {
  let depth = 0;
  let end = from;
  for (let at = from; at < text.length;) {
    const character = text[at] ?? "";
    if (character === "\n" && depth === 0) break;
    if (character === "#") {
      if (depth === 0) break;
      at = lineEnd(text, at);
      continue;
    }
    if ("[{".includes(character)) depth += 1;
    if ("]}".includes(character)) depth -= 1;
    at = character === '"' || character === "'" ? scanString(text, at) : at + 1;
    if (!/\s/.test(character)) end = at;
  }
  return end;
}

/** Behind the string that begins at `at`, in any of the four ways to write one. */
function scanString(text: string, at: number): number {
  const quote = text[at] ?? "";
  const isLong = text.startsWith(quote.repeat(3), at);
  const close = isLong ? quote.repeat(3) : quote;
  for (let to = at + close.length; to < text.length; to++) {
    if (quote === '"' && text[to] === "\\") to += 1;
    else if (text.startsWith(close, to)) {
      // Up to two quotes may stand before the three that end a long string.
      let behind = to + close.length;
      for (let more = 0; isLong && more < 2 && text[behind] === quote; more++) behind += 1;
      return behind;
    } else if (!isLong && text[to] === "\n") return to;
  }
  return text.length;
}

function skip(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) {
    lines += 1;
  }
  return lines;
}
