/** Reads the grammar of header field values, character by character (RFC 3261 §25.1). */

import { PeerError } from "../../base/errors.ts";
import { escapeText } from "../../base/escape.ts";

/** `token` of the grammar. `%` is an ordinary character in it. */
export const TOKEN: RegExp = /^[-.!%*_+`'~A-Za-z0-9]+$/;

const TOKEN_AT = /[-.!%*_+`'~A-Za-z0-9]+/y;
const BLANKS_AT = /[ \t]*/y;

/** A place in a header field value that was unfolded already: LWS is spaces and tabs. */
export class TextScanner {
  readonly text: string;
  /** Index of the next character. */
  at = 0;
  readonly #field: string;

  /**
   * @param text What is read.
   * @param field Name of the header field, for error messages.
   */
  constructor(text: string, field: string) {
    this.text = text;
    this.#field = field;
  }

  /** Whether everything was read. */
  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character, or the empty string at the end. */
  peek(): string {
    return this.text.charAt(this.at);
  }

  /** Skips spaces and tabs. */
  skipBlanks(): void {
    this.match(BLANKS_AT);
  }

  /** Reads `character`, with blanks around it, if it is next. */
  accept(character: string): boolean {
    const from = this.at;
    this.skipBlanks();
    if (this.peek() !== character) {
      this.at = from;
      return false;
    }
    this.at++;
    this.skipBlanks();
    return true;
  }

  /** Reads `character` with blanks around it; a {@link PeerError} when it is not there. */
  expect(character: string): void {
    if (!this.accept(character)) throw this.fault(`expected "${character}"`);
  }

  /** Reads one `token`. */
  token(what: string): string {
    return this.match(TOKEN_AT) ?? this.#fail(`expected ${what}`);
  }

  /** Reads what the sticky expression `pattern` matches here, or nothing. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return undefined;
    this.at += found[0].length;
    return found[0];
  }

  /** Reads a `quoted-string` and returns it as written, quotation marks included. */
  quotedString(): string {
    const from = this.at;
    for (this.at++; !this.isAtEnd; this.at++) {
      const character = this.peek();
      if (character === "\\") this.at++;
      else if (character === '"') return this.text.slice(from, ++this.at);
    }
    throw this.fault("unterminated quoted string");
  }

  /** Insists that nothing but blanks is left. */
  end(): void {
    this.skipBlanks();
    if (!this.isAtEnd) throw this.fault("unexpected text");
  }

  /** What is wrong at this place. */
  fault(what: string): PeerError {
    const near = escapeText(this.text.slice(this.at), 24);
    return new PeerError(
      "sip/bad-header-value",
      "RFC 3261 §25.1",
      `${this.#field}: ${what} at character ${this.at}, found "${near}"`,
    );
  }

  #fail(what: string): never {
    throw this.fault(what);
  }
}

/** The text inside a quoted string as written; quoted pairs are resolved. Other text stays as it is. */
export function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/gsu, "$1");
}

/** `text` as a quoted string. Line breaks cannot be quoted and become spaces. */
export function quote(text: string): string {
  return `"${text.replace(/[\r\n]+/g, " ").replace(/["\\]/g, "\\$&")}"`;
}
