/** Trust in any of the formats that we know, recognised by what it contains. */
import { concatBytes, decodeUtf8, utf8 } from "../../base/bytes.ts";
import { SottoError } from "../../base/errors.ts";
import { escapeText } from "../../base/escape.ts";
import { parseFingerprint } from "../../otr/mod.ts";
import {
  faultsOf,
  type LineFault,
  makeRow,
  parseTrustedPeers,
  type PeerTrust,
  type TrustedPeer,
} from "../trusted_peers_file.ts";
import { isSipsimpleTrust, parseSipsimpleTrust } from "./sipsimple_trust.ts";

/** Formats that can be read. */
export type TrustImportFormat = "blink" | "libotr" | "json" | "sipsimple";

/** Formats that can be written. */
export type TrustExportFormat = "blink" | "libotr" | "json";

/** A fingerprint found in a file. */
export interface ImportedTrust {
  /** Whose it is, as written there; `undefined` where the format does not say. */
  readonly peer: string | undefined;
  /** 40 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly trust: PeerTrust;
}

/** What a file contained. */
export interface TrustImport {
  readonly format: TrustImportFormat;
  readonly rows: readonly ImportedTrust[];
  /** Lines that were left out. */
  readonly faults: readonly LineFault[];
}

/**
 * Reads a file of trusted fingerprints.
 * @throws {SottoError} `storage/unknown-format` when it is none of them, `storage/bad-pickle`.
 */
export function importTrust(bytes: Uint8Array): TrustImport {
  if (isSipsimpleTrust(bytes)) {
    const rows = parseSipsimpleTrust(bytes).map(({ fingerprint }) => ({
      peer: undefined,
      fingerprint,
      trust: "verified" as const,
    }));
    return { format: "sipsimple", rows, faults: [] };
  }
  const text = decodeUtf8(bytes)?.replace(/^\ufeff/, "");
  if (text?.trimStart().startsWith("{")) return fromJsonLines(text);
  const content = text?.split(/\r?\n/).filter((line) => line.trim() !== "" && line[0] !== "#");
  if (content?.some((line) => /^[^\t]*\t[^\t]*\t[^\t]*\t[0-9A-Fa-f]{40}(\t|$)/.test(line))) {
    return fromLibotr(text ?? "");
  }
  const lines = parseTrustedPeers(bytes);
  const rows = lines.flatMap(({ row }) =>
    row === undefined ? [] : [{ peer: row.uid, fingerprint: row.fingerprint, trust: row.trust }]
  );
  if (rows.length > 0 || content?.length === 0) {
    return { format: "blink", rows, faults: faultsOf(lines) };
  }
  throw new SottoError(
    "storage/unknown-format",
    "no trusted fingerprints in a known format: expected Blink's trusted_peers or otr.trusted, " +
      "libotr's fingerprints, or JSON Lines",
  );
}

/** Columns: user, account, protocol, fingerprint, trust. Any trust but the empty one counts there. */
function fromLibotr(text: string): TrustImport {
  const rows: ImportedTrust[] = [];
  const faults: LineFault[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [peer = "", , , digits = "", word = ""] = line.split("\t");
    const fingerprint = parseFingerprint(digits);
    if (fingerprint === undefined || peer === "") {
      faults.push({
        line: index + 1,
        message: `expected user, account, protocol, fingerprint and trust, found '${
          escapeText(line, 60)
        }'`,
      });
    } else rows.push({ peer, fingerprint, trust: word.trim() === "" ? "unverified" : "verified" });
  }
  return { format: "libotr", rows, faults };
}

/** What `sotto peers list --json` prints. */
function fromJsonLines(text: string): TrustImport {
  const rows: ImportedTrust[] = [];
  const faults: LineFault[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const row = jsonRow(line);
    if (row !== undefined) rows.push(row);
    else {
      faults.push({
        line: index + 1,
        message: `expected an object with peer, fingerprint and trust, found '${
          escapeText(line, 60)
        }'`,
      });
    }
  }
  if (rows.length === 0) {
    throw new SottoError("storage/unknown-format", "no trusted fingerprints in the JSON Lines");
  }
  return { format: "json", rows, faults };
}

function jsonRow(line: string): ImportedTrust | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // Reported with its line by the caller.
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { peer, fingerprint, trust } = value as Readonly<Record<string, unknown>>;
  const digits = typeof fingerprint === "string" ? parseFingerprint(fingerprint) : undefined;
  if (typeof peer !== "string" || digits === undefined) return undefined;
  return { peer, fingerprint: digits, trust: trust === "verified" ? "verified" : "unverified" };
}

/**
 * What Blink can read, of all generations that read `trusted_peers`: rows and nothing else.
 * Fingerprints as it writes them, each once; a line end after every row.
 */
export function exportBlinkTrust(rows: readonly TrustedPeer[]): Uint8Array<ArrayBuffer> {
  return concatBytes(
    ...strongest(rows).map(({ aor, fingerprint, trust }) => makeRow(aor, fingerprint, trust).bytes),
  );
}

/**
 * libotr's `fingerprints` file.
 * @param account Our account's name there, for example `alice@example.com/Home`.
 * @param protocol Its protocol there, for example `prpl-jabber`.
 * @throws {RangeError} when a name has a tab or a line end.
 */
export function exportLibotrTrust(
  rows: readonly TrustedPeer[],
  account: string,
  protocol: string,
): Uint8Array<ArrayBuffer> {
  if (/[\t\r\n]/.test(account + protocol)) throw new RangeError("expected names without tabs");
  const lines = strongest(rows).map(({ aor, fingerprint, trust, how }) => {
    const word = trust === "unverified" ? "" : how === "smp" ? "smp" : "verified";
    return `${aor}\t${account}\t${protocol}\t${fingerprint}\t${word}\n`;
  });
  return utf8(lines.join(""));
}

/** Each fingerprint of each address once, verified if any of its rows is. */
function strongest(rows: readonly TrustedPeer[]): TrustedPeer[] {
  const best = new Map<string, TrustedPeer>();
  for (const row of rows) {
    const key = `${row.aor}\t${row.fingerprint}`;
    if (best.get(key)?.trust !== "verified") best.set(key, row);
  }
  return [...best.values()];
}
