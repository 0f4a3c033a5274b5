/**
 * S-expressions as libgcrypt writes and reads them ("advanced" form): lists of lists and octet
 * strings, the latter as tokens, quoted, hexadecimal, base64, or with their length in front.
 */
import { concatBytes, fromHex, toHex } from "../../base/bytes.ts";
import { fromLatin1, latin1 } from "../../base/ascii.ts";
import { SottoError } from "../../base/errors.ts";

/** A list, or octets. */
export type SExpression = readonly SExpression[] | Uint8Array;

/** Options of {@link parseSExpression}. */
export interface SExpressionLimits {
  /** Deepest nesting; 16 by default. */
  readonly depth?: number;
  /** Most lists and strings; 100,000 by default. */
  readonly items?: number;
}

/**
 * Reads the first expression of `bytes`.
 * @throws {SottoError} `storage/bad-s-expression`, with the offset.
 */
export function parseSExpression(
  bytes: Uint8Array,
  { depth = 16, items = 100_000 }: SExpressionLimits = {},
): SExpression {
  return new Parser(latin1(bytes), depth, items).expression(0);
}

/** The first list directly below `list` whose first item is the string `name`, without that. */
export function findList(list: SExpression, name: string): readonly SExpression[] | undefined {
  return findLists(list, name)[0];
}

/** All of them. */
export function findLists(list: SExpression, name: string): (readonly SExpression[])[] {
  if (list instanceof Uint8Array) return [];
  return list.flatMap((it) => {
    if (it instanceof Uint8Array) return [];
    const [head, ...rest] = it;
    return head instanceof Uint8Array && latin1(head) === name ? [rest] : [];
  });
}

/** An octet string as libgcrypt would print it: a token, quoted, or hexadecimal. */
export function writeSExpressionString(bytes: Uint8Array): string {
  const text = latin1(bytes);
  if (/^[A-Za-z\-./_:*+=][A-Za-z0-9\-./_:*+=]*$/.test(text)) return text;
  if (/^[\x20-\x7e]+$/.test(text)) return `"${text.replace(/["\\]/g, "\\$&")}"`;
  return `#${toHex(bytes).toUpperCase()}#`;
}

class Parser {
  readonly #text: string;
  readonly #depth: number;
  #items: number;
  #at = 0;

  constructor(text: string, depth: number, items: number) {
    this.#text = text;
    this.#depth = depth;
    this.#items = items;
  }

  expression(depth: number): SExpression {
    if (this.#items-- <= 0) throw this.#error("too many items");
    this.#skipSpace();
    if (this.#text[this.#at] !== "(") return this.#string();
    if (depth >= this.#depth) throw this.#error("nested too deeply");
    this.#at++;
    const list: SExpression[] = [];
    for (this.#skipSpace(); this.#text[this.#at] !== ")"; this.#skipSpace()) {
      list.push(this.expression(depth + 1));
    }
    this.#at++;
    return list;
  }

  #string(): Uint8Array {
    const token = this.#match(/[A-Za-z\-./_:*+=][A-Za-z0-9\-./_:*+=]*/y);
    if (token !== undefined) return fromLatin1(token[0]);
    const hexadecimal = this.#match(/#([0-9A-Fa-f\s]*)#/y);
    if (hexadecimal !== undefined) {
      const digits = (hexadecimal[1] ?? "").replace(/\s/g, "");
      if (digits.length % 2 !== 0) throw this.#error("expected an even number of digits");
      return fromHex(digits);
    }
    const quoted = this.#match(/"((?:[^"\\]|\\[^])*)"/y);
    if (quoted !== undefined) return unquote(quoted[1] ?? "");
    const base64 = this.#match(/\|([A-Za-z0-9+/=\s]*)\|/y);
    if (base64 !== undefined) return this.#fromBase64(base64[1] ?? "");
    const length = this.#match(/(\d{1,7}):/y);
    if (length !== undefined) return this.#verbatim(Number(length[1]));
    throw this.#error("expected a list or a string");
  }

  #fromBase64(text: string): Uint8Array {
    try {
      return Uint8Array.fromBase64(text.replace(/\s/g, ""));
    } catch {
      throw this.#error("expected base64");
    }
  }

  #verbatim(length: number): Uint8Array {
    if (this.#at + length > this.#text.length) throw this.#error(`expected ${length} octets more`);
    this.#at += length;
    return fromLatin1(this.#text.slice(this.#at - length, this.#at));
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  #skipSpace(): void {
    this.#match(/\s+/y);
  }

  #error(message: string): SottoError {
    return new SottoError(
      "storage/bad-s-expression",
      `s-expression: ${message} at octet ${this.#at}`,
    );
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  v: "\v",
  n: "\n",
  f: "\f",
  r: "\r",
};

function unquote(text: string): Uint8Array {
  const parts = [
    ...text.matchAll(/\\x([0-9A-Fa-f]{2})|\\([0-7]{3})|\\(\r\n|\n|\r)|\\([^])|[^\\]/g),
  ];
  return concatBytes(...parts.map(([whole, hexadecimal, octal, lineEnd, escaped]) => {
    if (hexadecimal !== undefined) return fromHex(hexadecimal);
    if (octal !== undefined) return Uint8Array.of(Number.parseInt(octal, 8));
    if (lineEnd !== undefined) return new Uint8Array(); // The line goes on.
    return fromLatin1(escaped === undefined ? whole : ESCAPES[escaped] ?? escaped);
  }));
}
