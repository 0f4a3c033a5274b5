/** `sotto peers import` and `export`: trust from and for other programs. */
import { escapeText, utf8 } from "../../lib/base/mod.ts";
import { formatFingerprint } from "../../lib/otr/mod.ts";
import {
  canonicalAor,
  exportBlinkTrust,
  exportLibotrTrust,
  type ImportedTrust,
  importTrust,
  type TrustedPeer,
  type TrustExportFormat,
  type TrustImport,
  type TrustStore,
} from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import { openTrust, peerAddress } from "../identity/trusted_peers.ts";
import { readInputFile } from "../options/input_file.ts";
import { writeOutputFile } from "../options/output_file.ts";
import { usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";

/** Options of `peers import`. */
export interface ImportOptions {
  readonly peer?: string | undefined;
  readonly dryRun?: true | undefined;
}

/** Options of `peers export`. */
export interface ExportOptions {
  readonly format: TrustExportFormat;
  readonly account?: string | undefined;
  readonly protocol: string;
  readonly force?: true | undefined;
}

type Assigned = ImportedTrust & { readonly peer: string };

/** Adds what the file says; nothing that is verified here becomes less. */
export async function importPeers(
  context: CommandContext,
  path: string,
  options: ImportOptions,
): Promise<void> {
  const { printer } = context;
  const found = importTrust(await readInputFile(path));
  for (const { line, message } of found.faults) {
    printer.warning(`${escapeText(path)}:${line}: ${message}`);
  }
  const store = await openTrust(context);
  const { assigned, homeless } = assign(found, store, options.peer);
  const news = assigned.filter((row) => isNews(row, store.lookup(row.peer)));
  if (!options.dryRun) {
    for (const { peer, fingerprint, trust } of news) {
      if (trust === "verified") await store.verify(peer, fingerprint);
      else await store.learn(peer, fingerprint);
    }
  }
  report(context, news, store);
  for (const { fingerprint } of homeless) {
    printer.warning(`${formatFingerprint(fingerprint)}: the file does not say whose it is`);
  }
  const { length: added } = news;
  printer.note(
    `${options.dryRun ? "would add or verify" : "added or verified"} ${added} of ` +
      `${found.rows.length} fingerprints in ${escapeText(path)} (${found.format})`,
  );
  if (homeless.length > 0) {
    printer.note("--peer ADDRESS says whose they are");
    context.exit(EXIT.failed);
  }
}

/**
 * Gives each fingerprint its address. Where the file trusts fingerprints whoever shows them,
 * that is every address for which we know the fingerprint, or the one that the person names.
 */
function assign(
  { rows }: TrustImport,
  store: TrustStore,
  peer: string | undefined,
): { assigned: Assigned[]; homeless: ImportedTrust[] } {
  const named = peer === undefined ? undefined : peerAddress(peer);
  const assigned: Assigned[] = [];
  const homeless: ImportedTrust[] = [];
  for (const row of rows) {
    if (row.peer !== undefined) {
      assigned.push({ ...row, peer: canonicalAor(row.peer) ?? row.peer });
      continue;
    }
    const known = store.rows().filter(({ fingerprint }) => fingerprint === row.fingerprint)
      .map(({ aor }) => aor);
    const owners = named === undefined ? new Set(known) : new Set([named]);
    if (owners.size === 0) homeless.push(row);
    for (const owner of owners) assigned.push({ ...row, peer: owner });
  }
  return { assigned, homeless };
}

function isNews(row: Assigned, known: readonly TrustedPeer[]): boolean {
  const same = known.find(({ fingerprint }) => fingerprint === row.fingerprint);
  return same === undefined || same.trust === "unverified" && row.trust === "verified";
}

function report({ printer }: CommandContext, news: readonly Assigned[], store: TrustStore): void {
  for (const { peer, fingerprint, trust } of news) {
    const row = store.lookup(peer).find((it) => it.fingerprint === fingerprint);
    const how = row?.how ?? (trust === "verified" ? "manual" : "");
    printer.result("peer", { peer, fingerprint, trust, how, line: row?.line });
    printer.text(`${escapeText(peer)}  ${formatFingerprint(fingerprint)}  ${trust}`);
  }
}

/** Blink's read-ahead: its loader of 2013 cuts a longer file. */
const BLINK_LIMIT = 8192;

/** Writes what is recorded. */
export async function exportPeers(
  context: CommandContext,
  path: string,
  { format, account, protocol, force }: ExportOptions,
): Promise<void> {
  const { printer } = context;
  const rows = (await openTrust(context)).rows();
  const content = encode(rows, format, account, protocol);
  if (format === "blink" && content.length > BLINK_LIMIT) {
    printer.warning(
      `Blink of 2013 cuts a file of more than ${BLINK_LIMIT} octets, this has ${content.length}`,
    );
  }
  await writeOutputFile(path, content, { printer, force: force === true, binary: false });
}

function encode(
  rows: readonly TrustedPeer[],
  format: TrustExportFormat,
  account: string | undefined,
  protocol: string,
): Uint8Array {
  switch (format) {
    case "blink":
      return exportBlinkTrust(rows);
    case "libotr":
      if (account === undefined) {
        throw usageError("a libotr file needs your account's name there: pass --account NAME");
      }
      return exportLibotrTrust(rows, account, protocol);
    case "json":
      return utf8(
        rows.map(({ aor: peer, ...row }) => `${JSON.stringify({ type: "peer", peer, ...row })}\n`)
          .join(""),
      );
    default:
      return format satisfies never;
  }
}
