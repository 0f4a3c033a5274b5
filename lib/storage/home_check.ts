/** Looks at everything in a home, changes nothing, and says what to do about what is wrong. */
import { SottoError } from "../base/errors.ts";
import type { Check } from "../base/check.ts";
import { escapeText } from "../base/escape.ts";
import { CertificateStore } from "./certificate_store.ts";
import { loadConfig } from "./config_file.ts";
import type { HomeFolder } from "./home_folder.ts";
import { readInstanceId } from "./instance_id.ts";
import { KeyStore } from "./keys/key_store.ts";
import { readWholeFile } from "./private_file.ts";
import { TrustStore } from "./trust_store.ts";

/** Who we are to the system, and what time it says it is. */
export interface HomeCheckOptions {
  /** Our user number; `undefined` where there is none, or it is not known. */
  readonly uid: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Checks a home. Never throws: what cannot be looked at is a failure of its own. */
export async function checkHome(home: HomeFolder, options: HomeCheckOptions): Promise<Check[]> {
  const files = await filesOf(home);
  if (files === undefined) {
    const detail = `${home.path} is not there yet: it is made when it is needed`;
    return [{ name: "home", status: "skipped", detail }];
  }
  return [
    { name: "home", status: "ok", detail: home.path },
    permissionsOf(files),
    ownerOf(files, options.uid),
    clockOf(files, options.now),
    ...await configChecks(home),
    await looked(
      "key",
      home.privateKeyFile,
      "restore a backup: private_key.dsa.*.bak",
      async () => {
        const key = await new KeyStore(home.privateKeyFile).load();
        return key === undefined ? undefined : "one DSA key for all accounts";
      },
    ),
    ...await trustChecks(home),
    await looked(
      "certificate",
      home.tlsKeyFile,
      "restore both files of tls/, or move them away",
      async () =>
        await new CertificateStore(home).load() === undefined
          ? undefined
          : "ours, for MSRP and SIP over TLS",
    ),
    await looked(
      "instance-tags",
      home.instanceTagsFile,
      "move the file away",
      async () => await readWholeFile(home.instanceTagsFile) === undefined ? undefined : "readable",
    ),
    await looked(
      "instance-id",
      home.instanceIdFile,
      "move the file away: another is made",
      () => readInstanceId(home.instanceIdFile),
    ),
  ];
}

interface FoundFile {
  readonly path: string;
  readonly info: Deno.FileInfo;
}

/** Most files of a home that are looked at: it has two dozen, and people's backups. */
const MOST_FILES = 1000;

/** The folder, and everything in it that matters; `undefined` when there is no folder. */
async function filesOf(home: HomeFolder): Promise<FoundFile[] | undefined> {
  const found: FoundFile[] = [];
  const visit = async (path: string): Promise<void> => {
    const info = await Deno.stat(path).catch(() => undefined);
    if (info === undefined || found.length >= MOST_FILES) return;
    found.push({ path, info });
    if (!info.isDirectory) return;
    const names: string[] = [];
    try {
      for await (const { name } of Deno.readDir(path)) names.push(name);
    } catch {
      return; // Not ours to look into: its owner and mode say so.
    }
    for (const name of names.toSorted()) await visit(`${path}/${name}`);
  };
  await visit(home.path);
  return found.length === 0 ? undefined : found;
}

/** Paths that one line names; the first are as good as all. */
const MOST_NAMED = 3;

function listed(paths: readonly string[]): string {
  const named = paths.slice(0, MOST_NAMED).map((it) => escapeText(it, 200)).join(", ");
  const more = paths.length - MOST_NAMED;
  return more > 0 ? `${named} and ${more} more` : named;
}

function permissionsOf(files: readonly FoundFile[]): Check {
  const name = "home.permissions";
  if (files.every(({ info }) => info.mode === null)) {
    return { name, status: "skipped", detail: "this system has none" };
  }
  const open = files.filter(({ info }) => ((info.mode ?? 0) & 0o077) !== 0).map(({ path }) => path);
  if (open.length === 0) return { name, status: "ok", detail: "nobody else can get at it" };
  const [root = { path: "" }] = files;
  return {
    name,
    status: "failed",
    detail: `others can get at ${listed(open)}`,
    hint: `chmod -R go= ${root.path}`,
  };
}

function ownerOf(files: readonly FoundFile[], uid: number | undefined): Check {
  const name = "home.owner";
  if (uid === undefined || files.every(({ info }) => info.uid === null)) {
    return { name, status: "skipped", detail: "not known" };
  }
  const foreign = files.filter(({ info }) => info.uid !== uid).map(({ path }) => path);
  if (foreign.length === 0) return { name, status: "ok", detail: "all of it is ours" };
  const [root = { path: "" }] = files;
  return {
    name,
    status: "failed",
    detail: `somebody else owns ${listed(foreign)}`,
    hint: `as root: chown -R ${uid} ${root.path}`,
  };
}

/** How far clocks of file servers may be ahead, in milliseconds. */
const CLOCK_TOLERANCE = 5 * 60_000;
/** When this check was written: no clock that is right says less. */
const EARLIEST = Date.UTC(2026, 0, 1);

function clockOf(files: readonly FoundFile[], now: number): Check {
  const name = "clock";
  const hint = "set the clock: certificates and locks go by it";
  const shown = new Date(now).toISOString();
  if (now < EARLIEST) return { name, status: "failed", detail: `it says ${shown}`, hint };
  const later = files.filter(({ info }) => (info.mtime?.getTime() ?? 0) > now + CLOCK_TOLERANCE);
  if (later.length === 0) return { name, status: "ok", detail: shown };
  const detail = `it says ${shown}, and ${listed(later.map(({ path }) => path))} is from later`;
  return { name, status: "failed", detail, hint };
}

async function configChecks({ configFile }: HomeFolder): Promise<Check[]> {
  const name = "config";
  try {
    if (await readWholeFile(configFile) === undefined) {
      return [{ name, status: "skipped", detail: "there is none: defaults hold" }];
    }
    const { config, warnings } = await loadConfig(configFile);
    const accounts = config.accounts.map((it) => escapeText(it.name)).join(", ");
    const detail = accounts === "" ? "no accounts" : `accounts: ${accounts}`;
    return [
      { name, status: "ok", detail },
      ...warnings.map((warning): Check => ({
        name: "config.unknown",
        status: "failed",
        detail: warning,
        hint: "docs/config.md lists the settings: is it spelled as there?",
        isOptional: true,
      })),
    ];
  } catch (error) {
    return [failure(name, error, `mend the line in ${configFile}`)];
  }
}

/** Lines of `trusted_peers` that are told of one by one. */
const MOST_LINES = 20;

async function trustChecks({ trustedPeersFile }: HomeFolder): Promise<Check[]> {
  const name = "trust";
  try {
    if (await readWholeFile(trustedPeersFile) === undefined) {
      return [{ name, status: "skipped", detail: "nobody is known yet" }];
    }
    const store = await TrustStore.open(trustedPeersFile);
    return [
      { name, status: "ok", detail: `fingerprints: ${store.rows().length}` },
      ...store.warnings.slice(0, MOST_LINES).map(({ path, line, message }): Check => ({
        name: "trust.line",
        status: "failed",
        detail: `${path}:${line}: ${escapeText(message)}`,
        hint: "sotto peers edit: mend the line, or make it a comment with #",
        isOptional: true,
      })),
    ];
  } catch (error) {
    return [failure(name, error, `is ${trustedPeersFile} a text file that you can read?`)];
  }
}

/** A file that may be missing; `look` says what is in it. */
async function looked(
  name: string,
  path: string,
  hint: string,
  look: () => Promise<string | undefined>,
): Promise<Check> {
  try {
    const detail = await look();
    return detail === undefined
      ? { name, status: "skipped", detail: "made at first use" }
      : { name, status: "ok", detail: `${path}: ${detail}` };
  } catch (error) {
    return failure(name, error, hint);
  }
}

function failure(name: string, error: unknown, hint: string): Check {
  if (!(error instanceof SottoError)) throw error;
  return { name, status: "failed", detail: error.message, hint };
}
