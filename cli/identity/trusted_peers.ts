/** The trust store as commands see it: opened with its warnings, shown as rows. */
import { escapeText } from "../../lib/base/mod.ts";
import { formatFingerprint, parseFingerprint } from "../../lib/otr/mod.ts";
import {
  canonicalAor,
  type TrustedPeer,
  TrustStore,
  type TrustWarning,
} from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import { usageError } from "../output/cli_error.ts";
import type { Printer } from "../output/printer.ts";

/** Opens `trusted_peers`, and warns of each line that a person should look at. */
export async function openTrust(
  { home, printer }: Pick<CommandContext, "home" | "printer">,
): Promise<TrustStore> {
  const store = await TrustStore.open(home.trustedPeersFile);
  for (const warning of store.warnings) printer.warning(describeWarning(warning));
  return store;
}

/** `PATH:LINE: message`. */
export function describeWarning({ path, line, message }: TrustWarning): string {
  return `${path}:${line}: ${message}`;
}

/**
 * The address that `text` names, as trust is kept.
 * @throws {CliError} status 2 when it is none.
 */
export function peerAddress(text: string): string {
  const aor = canonicalAor(text);
  if (aor === undefined || aor === "") {
    throw usageError(`expected an address such as bob@example.com, found '${escapeText(text)}'`);
  }
  return aor;
}

/**
 * The fingerprint that `text` spells, as 40 lower-case digits.
 * @throws {CliError} status 2 when it is none.
 */
export function fingerprintArgument(text: string): string {
  const fingerprint = parseFingerprint(text);
  if (fingerprint === undefined) {
    throw usageError(
      `expected a fingerprint of 40 hexadecimal digits, found '${escapeText(text, 80)}'`,
      "quote it if it has spaces",
    );
  }
  return fingerprint;
}

/** A fingerprint of several arguments: people paste the five groups without quotes. */
export function fingerprintArguments(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : fingerprintArgument(words.join(" "));
}

/** Prints rows: objects with `--json`, a table for people. */
export function printPeers(printer: Printer, rows: readonly TrustedPeer[]): void {
  const width = Math.min(40, Math.max(0, ...rows.map(({ aor }) => escapeText(aor).length)));
  for (const row of rows) {
    const { aor, fingerprint, trust, how, line } = row;
    printer.result("peer", { peer: aor, fingerprint, trust, how, line });
    printer.text(
      `${escapeText(aor).padEnd(width)}  ${formatFingerprint(fingerprint)}  ${
        describeTrust(printer, row)
      }`,
    );
  }
}

/** `verified`, `verified by smp` or `unverified`, in their colours. */
export function describeTrust(
  { paint }: Printer,
  { trust, how }: Pick<TrustedPeer, "trust" | "how">,
): string {
  if (trust === "unverified") return paint("orange", "unverified");
  return paint("green", how === "smp" ? "verified by smp" : "verified");
}

/** Warns when other addresses in the file look like this one. */
export function warnOfLookAlikes(printer: Printer, store: TrustStore, aor: string): void {
  for (const other of store.lookAlikes(aor)) {
    printer.warning(`${escapeText(other)} looks like ${escapeText(aor)} and is another address`);
  }
}
