/** Reads `scheme name=value, name="value"` lists: challenges, credentials and Authentication-Info (RFC 7235 §2.1, RFC 3261 §25.1). */

import { type ErrorCode, PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";

/** Parameters by their name in lower case; values without quotation marks and quoting slashes. */
export type AuthParameters = ReadonlyMap<string, string>;

/** What follows the name of a scheme. */
export interface AuthScheme {
  /** In lower case. */
  readonly scheme: string;
  /** Empty for schemes that carry a single token. */
  readonly parameters: AuthParameters;
}

/** How a list calls its faults. */
export interface AuthField {
  /** Code of the {@link PeerError}. */
  readonly code: ErrorCode;
  /** The clause that is broken. */
  readonly rule: string;
  /** What is read, for the message. */
  readonly what: string;
}

/** The longest header field value that is read, in characters. */
export const MAX_AUTH_VALUE = 8192;
/** Parameters that one challenge or one set of credentials may have. */
export const MAX_AUTH_PARAMETERS = 32;
/** Challenges that one header field may have. */
export const MAX_CHALLENGES_PER_FIELD = 16;

const TOKEN_AT = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const BLANKS_AT = /[ \t]*/y;
const COMMAS_AT = /[ \t,]*/y;
const QUOTED_AT = /"((?:[^"\\]|\\[^])*)"/y;
/** More than a token: peers write URIs and base64 without quotation marks. */
const BARE_AT = /[^\s,"]+/y;
/** `token68`: what other schemes have in place of parameters. */
const TOKEN68_AT = /[-._~+/0-9A-Za-z]+=*(?=[ \t]*(?:,|$))/y;
/** Characters that no value may have, however it was written: what is read can then be written. */
// deno-lint-ignore no-control-regex
export const CONTROL: RegExp = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/**
 * The schemes of one header field value, in order.
 *
 * @throws {PeerError} when it is malformed or longer than {@link MAX_AUTH_VALUE}.
 */
export function scanSchemes(value: string, field: AuthField): AuthScheme[] {
  const scanner = new AuthScanner(value, field);
  const schemes: AuthScheme[] = [];
  scanner.take(COMMAS_AT);
  while (!scanner.isAtEnd) {
    if (schemes.length >= MAX_CHALLENGES_PER_FIELD) throw scanner.fault("too many challenges");
    const scheme = scanner.token("a scheme").toLowerCase();
    scanner.take(BLANKS_AT);
    const isSingle = scanner.take(TOKEN68_AT) !== undefined;
    const parameters = isSingle ? new Map<string, string>() : scanner.parameters();
    scanner.take(COMMAS_AT);
    schemes.push({ scheme, parameters });
  }
  return schemes;
}

/**
 * A list of parameters without a scheme: Authentication-Info.
 *
 * @throws {PeerError} when it is malformed or longer than {@link MAX_AUTH_VALUE}.
 */
export function scanParameterList(value: string, field: AuthField): AuthParameters {
  const scanner = new AuthScanner(value, field);
  const parameters = scanner.parameters();
  if (!scanner.isAtEnd) throw scanner.fault("expected a parameter");
  return parameters;
}

class AuthScanner {
  readonly #text: string;
  readonly #field: AuthField;
  #at = 0;

  constructor(text: string, field: AuthField) {
    this.#text = text;
    this.#field = field;
    if (text.length > MAX_AUTH_VALUE) throw this.fault(`longer than ${MAX_AUTH_VALUE} characters`);
    const control = CONTROL.exec(text);
    if (control === null) return;
    this.#at = control.index;
    throw this.fault("control character");
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Parameters separated by commas, up to the end or to the next scheme. */
  parameters(): Map<string, string> {
    const parameters = new Map<string, string>();
    for (;;) {
      const before = this.#at;
      this.take(COMMAS_AT);
      const name = this.take(TOKEN_AT)?.toLowerCase();
      if (name === undefined) return parameters;
      this.take(BLANKS_AT);
      if (this.#text.charAt(this.#at) !== "=") {
        this.#at = before; // The next scheme begins here.
        return parameters;
      }
      this.#at++;
      this.take(BLANKS_AT);
      if (parameters.has(name)) throw this.fault(`${escapeText(name, 24)} is there twice`);
      if (parameters.size >= MAX_AUTH_PARAMETERS) throw this.fault("too many parameters");
      parameters.set(name, this.#value(name));
      this.take(BLANKS_AT);
      if (!this.isAtEnd && this.#text.charAt(this.#at) !== ",") {
        throw this.fault("expected a comma");
      }
    }
  }

  token(what: string): string {
    const token = this.take(TOKEN_AT);
    if (token === undefined) throw this.fault(`expected ${what}`);
    return token;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at += found[0].length;
    return found[0];
  }

  #value(name: string): string {
    const quoted = this.take(QUOTED_AT);
    if (quoted !== undefined) return quoted.slice(1, -1).replace(/\\([^])/g, "$1");
    const bare = this.take(BARE_AT);
    if (bare === undefined) throw this.fault(`expected the value of ${escapeText(name, 24)}`);
    return bare;
  }

  fault(what: string): PeerError {
    const { code, rule } = this.#field;
    const near = escapeText(this.#text.slice(this.#at), 24);
    return new PeerError(
      code,
      rule,
      `${this.#field.what}: ${what} at character ${this.#at}, found "${near}"`,
    );
  }
}

/** `value` as a quoted string. Values of peers have no control characters: the scanner refuses them. */
export function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}
