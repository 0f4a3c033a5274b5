/**
 * Who failed to know our secret, and when, across restarts: after three failures an answerer
 * stops answering the address and the fingerprint for an hour, or every guess would be free.
 */
import { decodeUtf8Lossy, utf8 } from "../base/bytes.ts";
import { parseFingerprint } from "../otr/mod.ts";
import { canonicalAor } from "./address_of_record.ts";
import { writeAtomically } from "./atomic_write.ts";
import { lockFile, type LockOptions } from "./file_lock.ts";
import { readWholeFile } from "./private_file.ts";

/** Options of a {@link SmpFailureLog}. */
export interface SmpFailureLogOptions extends LockOptions {
  /** Failures that lock out; 3 by default. */
  readonly threshold?: number;
  /** How long a failure counts, in milliseconds; an hour by default. */
  readonly windowMs?: number;
  /** Failures kept at most, the newest; 1000 by default. */
  readonly limit?: number;
}

interface Failure {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly aor: string;
  readonly fingerprint: string;
}

/** The failures of one home. */
export class SmpFailureLog {
  /** The file. It need not exist. */
  readonly path: string;
  readonly #options: Required<Pick<SmpFailureLogOptions, "threshold" | "windowMs" | "limit">>;
  readonly #lock: LockOptions;

  /** @param path The file; nothing is touched yet. */
  constructor(path: string, options: SmpFailureLogOptions = {}) {
    const { threshold = 3, windowMs = 3_600_000, limit = 1000 } = options;
    this.path = path;
    this.#options = { threshold, windowMs, limit };
    this.#lock = options;
  }

  /**
   * Notes a failure.
   *
   * @param nowMs Milliseconds since 1970.
   * @throws {RangeError} when `fingerprint` is none.
   * @throws {SottoError} `storage/unreadable`, `storage/unwritable`, `storage/lock-timeout`.
   */
  async recordFailure(address: string, fingerprint: string, nowMs: number): Promise<void> {
    const failure = { at: nowMs, ...keysOf(address, fingerprint) };
    await this.#rewrite((failures) => [...failures, failure], nowMs);
  }

  /** Failures that lock out. */
  get threshold(): number {
    return this.#options.threshold;
  }

  /**
   * How often the address, and the fingerprint, have failed of late.
   *
   * @param nowMs Milliseconds since 1970.
   * @throws As {@link recordFailure} does, but for writing.
   */
  async failuresOf(
    address: string,
    fingerprint: string,
    nowMs: number,
  ): Promise<{ readonly address: number; readonly fingerprint: number }> {
    const { aor, fingerprint: digits } = keysOf(address, fingerprint);
    const recent = this.#recent(await this.#read(), nowMs);
    return {
      address: recent.filter((it) => it.aor === aor).length,
      fingerprint: recent.filter((it) => it.fingerprint === digits).length,
    };
  }

  /** Whether the address or the fingerprint has failed too often of late. */
  async isLockedOut(address: string, fingerprint: string, nowMs: number): Promise<boolean> {
    const failures = await this.failuresOf(address, fingerprint, nowMs);
    return Math.max(failures.address, failures.fingerprint) >= this.#options.threshold;
  }

  /** Forgets the failures of an address and of a fingerprint, after a success. */
  async clear(address: string, fingerprint: string, nowMs: number): Promise<void> {
    const { aor, fingerprint: digits } = keysOf(address, fingerprint);
    await this.#rewrite(
      (failures) => failures.filter((it) => it.aor !== aor && it.fingerprint !== digits),
      nowMs,
    );
  }

  #recent(failures: readonly Failure[], nowMs: number): Failure[] {
    // A clock that was set back must not keep anybody out for longer than the window.
    return failures.filter(({ at }) => Math.abs(nowMs - at) < this.#options.windowMs);
  }

  async #rewrite(
    change: (failures: readonly Failure[]) => readonly Failure[],
    nowMs: number,
  ): Promise<void> {
    using _lock = await lockFile(this.path, this.#lock);
    const before = await this.#read();
    const after = this.#recent(change(before), nowMs).slice(-this.#options.limit);
    if (before.length === 0 && after.length === 0) return;
    const lines = after.map(({ at, aor, fingerprint }) =>
      `${new Date(at).toISOString()}\t${aor}\t${fingerprint}\n`
    );
    await writeAtomically(this.path, utf8(lines.join("")));
  }

  async #read(): Promise<Failure[]> {
    const text = decodeUtf8Lossy(await readWholeFile(this.path) ?? new Uint8Array());
    return text.split("\n").flatMap((line) => {
      const [time = "", aor = "", digits = ""] = line.split("\t");
      const at = Date.parse(time);
      const fingerprint = parseFingerprint(digits);
      return Number.isNaN(at) || fingerprint === undefined ? [] : [{ at, aor, fingerprint }];
    });
  }
}

function keysOf(address: string, fingerprint: string): Omit<Failure, "at"> {
  const digits = parseFingerprint(fingerprint);
  if (digits === undefined) throw new RangeError("expected a fingerprint of 40 hexadecimal digits");
  // An address that is none still must not break the lines.
  const aor = canonicalAor(address) ?? encodeURIComponent(address);
  return { aor, fingerprint: digits };
}
