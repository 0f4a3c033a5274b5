/** `"Display name" <uri>;parameters` in From, To, Contact, Route and Record-Route (RFC 3261 §20, §25.1). */

import { type Parameter, parameterValue, scanParameters, writeParameters } from "./parameters.ts";
import { quote, TextScanner, TOKEN, unquote } from "./text_scanner.ts";
import { isSipUri, parseUri, type Uri, writeUri } from "./uri.ts";

/** An address with what people call it, and the parameters of the header field around it. */
export interface NameAddress {
  /** Decoded: without quotation marks. */
  readonly displayName?: string | undefined;
  readonly uri: Uri;
  /** Of the header field, not of the URI: `tag`, `q`, `expires`, `isfocus`. */
  readonly parameters: readonly Parameter[];
}

/** `token` words before `<`. RFC 4475 §3.1.1.6: blanks between the last one and `<` may be missing. */
const WORDS_AT = /[-.!%*_+`'~A-Za-z0-9 \t]*(?=<)/y;
const ENCLOSED_AT = /[^<>\s"]+/y;
const BARE_AT = /[^\s;,<>"]+/y;

/**
 * Reads one address and nothing after it.
 *
 * @param field Name of the header field, for error messages.
 * @throws {PeerError} `sip/bad-header-value` or `sip/bad-uri`.
 */
export function parseNameAddress(text: string, field = "address"): NameAddress {
  const scanner = new TextScanner(text, field);
  const address = scanNameAddress(scanner);
  scanner.end();
  return address;
}

/**
 * Reads a comma-separated list of addresses.
 *
 * @param field Name of the header field, for error messages.
 * @throws {PeerError} `sip/bad-header-value` or `sip/bad-uri`.
 */
export function parseNameAddressList(text: string, field = "address"): NameAddress[] {
  const scanner = new TextScanner(text, field);
  const addresses = [scanNameAddress(scanner)];
  while (scanner.accept(",")) addresses.push(scanNameAddress(scanner));
  scanner.end();
  return addresses;
}

function scanNameAddress(scanner: TextScanner): NameAddress {
  scanner.skipBlanks();
  let displayName: string | undefined;
  if (scanner.peek() === '"') {
    displayName = unquote(scanner.quotedString());
    scanner.skipBlanks();
  } else {
    displayName = scanner.match(WORDS_AT)?.trim().replace(/[ \t]+/g, " ");
  }
  const uri = scanner.peek() === "<" ? scanEnclosed(scanner) : scanBare(scanner, displayName);
  const parameters = scanParameters(scanner);
  return displayName === undefined || displayName === ""
    ? { uri, parameters }
    : { displayName, uri, parameters };
}

function scanEnclosed(scanner: TextScanner): Uri {
  scanner.at++;
  const text = scanner.match(ENCLOSED_AT);
  // RFC 4475 §3.1.2.14: blanks inside the brackets are not tolerated, as we may answer 400.
  if (text === undefined) throw scanner.fault("expected a URI");
  if (scanner.peek() !== ">") throw scanner.fault('expected ">"');
  scanner.at++;
  return parseUri(text);
}

function scanBare(scanner: TextScanner, displayName: string | undefined): Uri {
  const text = scanner.match(BARE_AT);
  if (text === undefined || displayName !== undefined) throw scanner.fault("expected an address");
  // §20.10: a URI that holds ",", ";" or "?" must be enclosed. Nobody can tell a header
  // parameter from a URI parameter otherwise (RFC 4475 §3.1.2.13).
  if (text.includes("?")) throw scanner.fault('expected "<" and ">" around the URI');
  return parseUri(text);
}

/** The address as it is written, always in brackets. */
export function writeNameAddress(address: NameAddress): string {
  const { displayName } = address;
  const name = displayName === undefined || displayName === ""
    ? ""
    : TOKEN.test(displayName)
    ? `${displayName} `
    : `${quote(displayName)} `;
  return `${name}<${writeUri(address.uri)}>${writeParameters(address.parameters)}`;
}

/** The `tag` parameter, or `undefined` (RFC 2543 peers send none). */
export function tagOf(address: NameAddress): string | undefined {
  return parameterValue(address.parameters, "tag");
}

/** The same address with no parameters of the header field: what a dialog keeps. */
export function withoutParameters(address: NameAddress): NameAddress {
  return { ...address, parameters: [] };
}

/** Whether the peer says that it is a conference focus (RFC 3840 §10.2 `isfocus`, RFC 4579 §5.2). */
export function isFocusAddress(address: NameAddress): boolean {
  const named = (it: Parameter) => it.name.toLowerCase() === "isfocus";
  // Some servers write the parameter inside the brackets: believing both is the safe side.
  return address.parameters.some(named) ||
    (isSipUri(address.uri) && address.uri.parameters.some(named));
}
