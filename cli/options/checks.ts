/** Values of options, checked: every message names the flag and what it expected. */
import { parseSipUri, type SipUri } from "../../lib/sip/mod.ts";
import { canonicalAor, isRelayText } from "../../lib/storage/mod.ts";
import { usageError } from "../output/cli_error.ts";

/** One of some words. @throws {CliError} status 2. */
export function choice<const T extends string>(
  flag: string,
  value: string | undefined,
  choices: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = choices.find((it) => it === value);
  if (found === undefined) {
    throw usageError(
      `${flag}: expected one of ${choices.join(", ")}, not ${JSON.stringify(value)}`,
    );
  }
  return found;
}

/** A whole number above zero. @throws {CliError} status 2. */
export function positiveInteger(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < 1) {
    throw usageError(`${flag}: expected a whole number above zero, not ${JSON.stringify(value)}`);
  }
  return number;
}

/** A size in octets: `500`, `64k`, `10M`, `4GiB`; units are powers of 1024. @throws {CliError} status 2. */
export function size(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const match = /^(\d{1,12})(?:([kmgt])(?:i?b)?|b)?$/i.exec(value.trim());
  const power = " kmgt".indexOf(match?.[2]?.toLowerCase() ?? " ");
  const octets = Number(match?.[1]) * 1024 ** power;
  if (match === null || !(octets > 0) || !Number.isSafeInteger(octets)) {
    throw usageError(
      `${flag}: expected a size such as 500k, 10M or 4G, not ${JSON.stringify(value)}`,
    );
  }
  return octets;
}

/** The URI of a server; a bare `host[:port][;transport=…]` gets `sip:`. @throws {CliError} status 2. */
export function serverUri(flag: string, value: string): SipUri {
  try {
    const uri = parseSipUri(/^sips?:/i.test(value) ? value : `sip:${value}`);
    if (!/\s/.test(value)) return uri;
  } catch {
    // Said below, in words that name the flag.
  }
  throw usageError(
    `${flag}: expected the URI of a server, not ${JSON.stringify(value)}`,
    "for example sip:proxy.example.com;transport=tls",
  );
}

/** `none`, `auto` or `host[:port]`, several with spaces between. @throws {CliError} status 2. */
export function relayText(flag: string, value: string): string {
  if (isRelayText(value)) return value;
  throw usageError(`${flag}: expected HOST[:PORT], auto or none, not ${JSON.stringify(value)}`);
}

/** The address of record that an option means. @throws {CliError} status 2. */
export function addressOfRecord(flag: string, value: string): string {
  const aor = canonicalAor(value);
  if (aor?.includes("@") === true) return aor;
  throw usageError(`${flag}: expected user@domain, not ${JSON.stringify(value)}`);
}
