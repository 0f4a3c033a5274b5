/**
 * Which verified fingerprints SMP verified. `trusted_peers` has one word for both ways, as Blink
 * wrote it; this file beside it remembers the way, and decides nothing.
 */
import { decodeUtf8Lossy, utf8 } from "../base/bytes.ts";
import { parseFingerprint } from "../otr/mod.ts";
import { writeAtomically } from "./atomic_write.ts";
import { readWholeFile } from "./private_file.ts";

/** An address and one of its fingerprints. */
export interface VerifiedKey {
  readonly aor: string;
  /** 40 lower-case hexadecimal digits. */
  readonly fingerprint: string;
}

/** The file, as a set. Its owner holds the lock of `trusted_peers` while it changes it. */
export class SmpVerifications {
  /** The file. It need not exist. */
  readonly path: string;
  #keys: ReadonlySet<string> = new Set();

  /** @param path The file; nothing is touched yet. */
  constructor(path: string) {
    this.path = path;
  }

  /** Reads the file again; lines that are none are passed over. @throws {SottoError} `storage/unreadable`. */
  async reload(): Promise<void> {
    const text = decodeUtf8Lossy(await readWholeFile(this.path) ?? new Uint8Array());
    this.#keys = new Set(
      text.split("\n").flatMap((line) => {
        const [aor = "", digits = ""] = line.split("\t");
        const fingerprint = parseFingerprint(digits);
        return fingerprint === undefined ? [] : [keyOf({ aor, fingerprint })];
      }),
    );
  }

  /** Whether SMP verified it. */
  has(key: VerifiedKey): boolean {
    return this.#keys.has(keyOf(key));
  }

  /**
   * Keeps what is in `verified`, with `added` more.
   * @throws {SottoError} `storage/unreadable`, `storage/unwritable`.
   */
  async update(verified: readonly VerifiedKey[], added?: VerifiedKey): Promise<void> {
    await this.reload();
    const kept = verified.map(keyOf).filter((key) => this.#keys.has(key));
    const after = new Set(added === undefined ? kept : [...kept, keyOf(added)]);
    if (after.symmetricDifference(this.#keys).size === 0) return;
    await writeAtomically(this.path, utf8([...after].map((key) => `${key}\n`).join("")));
    this.#keys = after;
  }
}

function keyOf({ aor, fingerprint }: VerifiedKey): string {
  return `${aor}\t${fingerprint}`;
}
