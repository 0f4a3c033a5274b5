/**
 * Whom we trust: `trusted_peers`, read and changed while other processes and editors may do
 * the same. Every change is made to the file as it is at that moment, under a lock.
 */
import { equalBytes } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import { parseFingerprint } from "../otr/mod.ts";
import { canonicalAor, skeletonOf } from "./address_of_record.ts";
import { writeAtomically } from "./atomic_write.ts";
import { lockFile, type LockOptions } from "./file_lock.ts";
import { folderOf, readWholeFile } from "./private_file.ts";
import { SmpVerifications, type VerifiedKey } from "./smp_verifications.ts";
import {
  appendRow,
  faultsOf,
  type FileLine,
  isWritableUid,
  parseTrustedPeers,
  rowsOf,
  type TrustedPeer,
  withTrust,
  writeTrustedPeers,
} from "./trusted_peers_file.ts";

/** A line of the file that a person should look at; the rest of the file is in use. */
export interface TrustWarning {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** A change of the file: lines before, lines after. May be called again on newer lines. */
export type TrustChange = (lines: readonly FileLine[]) => readonly FileLine[];

/** Trust in the peers of one home. */
export class TrustStore {
  /** The file. It need not exist. */
  readonly path: string;
  readonly #lock: LockOptions;
  readonly #bySmp: SmpVerifications;
  #bytes: Uint8Array = new Uint8Array();
  #lines: readonly FileLine[] = [];

  private constructor(path: string, lock: LockOptions) {
    this.path = path;
    this.#lock = lock;
    this.#bySmp = new SmpVerifications(`${folderOf(path)}/smp_verified`);
  }

  /**
   * Reads the file; a missing one is empty.
   * @throws {SottoError} `storage/unreadable`.
   */
  static async open(path: string, lock: LockOptions = {}): Promise<TrustStore> {
    const store = new TrustStore(path, lock);
    await store.reload();
    return store;
  }

  /** Reads the file again. @throws {SottoError} `storage/unreadable`. */
  async reload(): Promise<void> {
    this.#remember(await readWholeFile(this.path) ?? new Uint8Array());
    await this.#bySmp.reload();
  }

  /** The octets that were read last. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Every usable row, in the order of the file. */
  rows(): TrustedPeer[] {
    return rowsOf(this.#lines).map((row) =>
      row.how === "manual" && this.#bySmp.has(row) ? { ...row, how: "smp" } : row
    );
  }

  /** Lines that a person should look at. */
  get warnings(): readonly TrustWarning[] {
    return faultsOf(this.#lines).map((fault) => ({ path: this.path, ...fault }));
  }

  /**
   * What is known of `address`: each fingerprint once, in the order of the file. Rows under
   * other addresses (Blink's SMP rows under a Call-ID) do not count.
   */
  lookup(address: string): TrustedPeer[] {
    const aor = keyOf(address);
    const found = new Map<string, TrustedPeer>();
    for (const row of this.rows()) {
      if (row.aor !== aor) continue;
      const earlier = found.get(row.fingerprint);
      if (earlier?.trust === "verified") continue;
      if (earlier === undefined || row.trust === "verified") found.set(row.fingerprint, row);
    }
    return [...found.values()];
  }

  /** Addresses in the file that look like `address` and are others. Report them; never merge. */
  lookAlikes(address: string): string[] {
    const aor = keyOf(address);
    const skeleton = skeletonOf(aor);
    const others = this.rows().map((row) => row.aor)
      .filter((other) => other !== aor && skeletonOf(other) === skeleton);
    return [...new Set(others)];
  }

  /**
   * Records a fingerprint as seen and not verified; nothing changes when it is recorded already.
   * @throws {RangeError} when `fingerprint` is none or `address` cannot stand in the file.
   * @throws {SottoError} `storage/unwritable`, `storage/lock-timeout`.
   */
  async learn(address: string, fingerprint: string): Promise<void> {
    const [aor, digits] = checked(address, fingerprint);
    await this.change((lines) =>
      matching(lines, aor, digits).length > 0 ? lines : appendRow(lines, aor, digits, "unverified")
    );
  }

  /**
   * Records a fingerprint as verified. Throws as {@link learn} does.
   * @param how Remembered beside the file, for a row that was not verified before.
   */
  async verify(
    address: string,
    fingerprint: string,
    how: "manual" | "smp" = "manual",
  ): Promise<void> {
    const [aor, digits] = checked(address, fingerprint);
    let isNew = false;
    await this.change((lines) => {
      const rows = matching(lines, aor, digits);
      isNew = !rows.some(({ row }) => row?.trust === "verified");
      if (!isNew) return lines;
      const [first] = rows;
      if (first === undefined) return appendRow(lines, aor, digits, "verified");
      return lines.map((line) => line === first ? withTrust(line, "verified") : line);
    }, () => isNew && how === "smp" ? { aor, fingerprint: digits } : undefined);
  }

  /**
   * Takes verification away; the fingerprint stays known. Throws as {@link learn} does.
   * @returns Whether there was a verified row.
   */
  async unverify(address: string, fingerprint: string): Promise<boolean> {
    const [aor, digits] = checked(address, fingerprint);
    let changed = false;
    await this.change((lines) => {
      const rows = matching(lines, aor, digits).filter(({ row }) => row?.trust === "verified");
      changed = rows.length > 0;
      return lines.map((line) => rows.includes(line) ? withTrust(line, "unverified") : line);
    });
    return changed;
  }

  /**
   * Forgets one fingerprint of an address, or all. Throws as {@link learn} does.
   * @returns How many rows were taken away.
   */
  async remove(address: string, fingerprint?: string): Promise<number> {
    const aor = keyOf(address);
    const digits = fingerprint === undefined ? undefined : checked(address, fingerprint)[1];
    let removed = 0;
    await this.change((lines) => {
      const rows = matching(lines, aor, digits);
      removed = rows.length;
      return lines.filter((line) => !rows.includes(line));
    });
    return removed;
  }

  /**
   * Makes any change under the lock, to the file as it is now. Editors take no lock: when the
   * file changes between reading and replacing it, `change` is made again on what is there then.
   *
   * @param bySmp Asked after the change: what SMP has verified by it.
   * @throws {SottoError} `storage/unreadable`, `storage/unwritable`, `storage/lock-timeout`,
   * or `storage/changing` when the file never rests.
   */
  async change(
    change: TrustChange,
    bySmp: () => VerifiedKey | undefined = () => undefined,
  ): Promise<void> {
    using _lock = await lockFile(this.path, this.#lock);
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      await this.reload();
      const before = this.#bytes;
      const after = writeTrustedPeers(change(this.#lines));
      if (equalBytes(before, after)) return;
      const written = await writeAtomically(this.path, after, {
        confirm: async () => equalBytes(await readWholeFile(this.path) ?? new Uint8Array(), before),
      });
      if (!written) continue;
      this.#remember(after);
      const verified = rowsOf(this.#lines).filter(({ trust }) => trust === "verified");
      return await this.#bySmp.update(verified, bySmp());
    }
    throw new SottoError("storage/changing", `${this.path} keeps changing: nothing was written`);
  }

  #remember(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#lines = parseTrustedPeers(bytes);
  }
}

const MOST_ATTEMPTS = 20;

function keyOf(address: string): string {
  return canonicalAor(address) ?? address.trim();
}

function matching(lines: readonly FileLine[], aor: string, fingerprint?: string): FileLine[] {
  return lines.filter(({ row }) =>
    row?.aor === aor && (fingerprint === undefined || row.fingerprint === fingerprint)
  );
}

function checked(address: string, fingerprint: string): [string, string] {
  const aor = keyOf(address);
  if (!isWritableUid(aor)) throw new RangeError("expected an address of record");
  const digits = parseFingerprint(fingerprint);
  if (digits === undefined) throw new RangeError("expected a fingerprint of 40 hexadecimal digits");
  return [aor, digits];
}
