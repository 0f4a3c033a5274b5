/** The Via header field (RFC 3261 §20.42) with `rport` (RFC 3581) and IPv6 (RFC 5118). */

import { PeerError } from "../../base/errors.ts";
import { escapeText } from "../../base/escape.ts";
import { parseHostPort, writeHostPort } from "./host.ts";
import { type Parameter, parameterValue, scanParameters, writeParameters } from "./parameters.ts";
import { TextScanner } from "./text_scanner.ts";

/** One hop that a request took. */
export interface Via {
  /** `SIP/2.0` as `2.0`. */
  readonly version: string;
  /** Upper case: `UDP`, `TCP`, `TLS`, or anything else. */
  readonly transport: string;
  /** The `sent-by` host, without brackets. */
  readonly host: string;
  readonly port?: number | undefined;
  readonly parameters: readonly Parameter[];
}

/** What a branch of RFC 3261 begins with (§8.1.1.7). */
export const MAGIC_COOKIE = "z9hG4bK";

const SENT_BY_AT = /(?:\[[^\]\s]*\]|[^\s:;,\[\]]+)(?:[ \t]*:[ \t]*\d+)?/y;

/**
 * Reads the value of one Via header field, which may hold several hops.
 *
 * @throws {PeerError} `sip/bad-header-value`.
 */
export function parseVias(text: string): Via[] {
  const scanner = new TextScanner(text, "Via");
  const vias = [scanVia(scanner)];
  while (scanner.accept(",")) vias.push(scanVia(scanner));
  scanner.end();
  return vias;
}

function scanVia(scanner: TextScanner): Via {
  scanner.skipBlanks();
  const name = scanner.token("SIP");
  if (name.toUpperCase() !== "SIP") throw scanner.fault("expected SIP/2.0");
  scanner.expect("/");
  const version = scanner.token("a version");
  scanner.expect("/");
  const transport = scanner.token("a transport").toUpperCase();
  scanner.skipBlanks();
  const sentBy = scanner.match(SENT_BY_AT)?.replace(/[ \t]/g, "") ?? "";
  const place = parseHostPort(sentBy);
  if (place === undefined) {
    throw new PeerError(
      "sip/bad-header-value",
      "RFC 3261 §20.42",
      `Via: expected a host, found "${escapeText(sentBy, 64)}"`,
    );
  }
  const parameters = scanParameters(scanner);
  return { version, transport, ...place, parameters };
}

/** The hop as it is written. */
export function writeVia(via: Via): string {
  const sentBy = writeHostPort(via.host, via.port);
  return `SIP/${via.version}/${via.transport} ${sentBy}${writeParameters(via.parameters)}`;
}

/** The branch, when it identifies a transaction by itself: the cookie and something after it. */
export function branchOf(via: Via): string | undefined {
  const branch = parameterValue(via.parameters, "branch");
  if (branch === undefined || branch.length <= MAGIC_COOKIE.length) return undefined;
  // §8.1.1.7 gives the cookie in this case, and tokens ignore case (§7.3.1).
  return branch.toLowerCase().startsWith(MAGIC_COOKIE.toLowerCase()) ? branch : undefined;
}

/** `host:port` of the sender for comparison, with the default port when none was written. */
export function sentByOf(via: Via): string {
  const port = via.port ?? (via.transport === "TLS" ? 5061 : 5060);
  return writeHostPort(via.host.toLowerCase(), port);
}
