/**
 * Our OTR instance tag for each account, the same in every run (OTRv3, "Instance Tags"):
 * lines of account, protocol and eight hexadecimal digits with tabs between, as libotr has them.
 */
import { concatBytes, decodeUtf8Lossy, utf8 } from "../base/bytes.ts";
import type { RandomSource } from "../base/output.ts";
import { writeAtomically } from "./atomic_write.ts";
import { lockFile, type LockOptions } from "./file_lock.ts";
import { readWholeFile } from "./private_file.ts";

/** Tags below this are reserved. */
const SMALLEST_TAG = 0x100;

/** What is written as protocol. Lines of other protocols are kept. */
const PROTOCOL = "msrp";

/** The instance tags of one home. */
export class InstanceTagStore {
  /** The file. It need not exist. */
  readonly path: string;
  readonly #lock: LockOptions;

  /** @param path The file; nothing is touched yet. */
  constructor(path: string, lock: LockOptions = {}) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * The tag of `account`, chosen and kept when it has none.
   *
   * @param account Our address of record, or any other name without tabs and line ends.
   * @throws {RangeError} when `account` cannot stand in the file.
   * @throws {SottoError} `storage/unreadable`, `storage/unwritable`, `storage/lock-timeout`.
   */
  async loadOrCreate(account: string, random: RandomSource): Promise<number> {
    // deno-lint-ignore no-control-regex
    if (account === "" || account.startsWith("#") || /[\u0000-\u001f]/.test(account)) {
      throw new RangeError("expected an account name without control characters");
    }
    const known = find(decodeUtf8Lossy(await this.#read()), account);
    if (known !== undefined) return known;
    using _lock = await lockFile(this.path, this.#lock);
    const bytes = await this.#read();
    const meanwhile = find(decodeUtf8Lossy(bytes), account);
    if (meanwhile !== undefined) return meanwhile;
    const tag = chooseTag(random);
    const separator = bytes.length === 0 || bytes.at(-1) === 0x0a ? "" : "\n";
    const line = `${account}\t${PROTOCOL}\t${tag.toString(16).padStart(8, "0")}\n`;
    // What is there stays as it is, octet by octet.
    await writeAtomically(this.path, concatBytes(bytes, utf8(separator + line)));
    return tag;
  }

  async #read(): Promise<Uint8Array> {
    return await readWholeFile(this.path) ?? new Uint8Array();
  }
}

function find(text: string, account: string): number | undefined {
  for (const line of text.split(/\r?\n/)) {
    const [name, protocol, digits = ""] = line.split("\t");
    if (name !== account || protocol !== PROTOCOL || !/^[0-9a-fA-F]{8}$/.test(digits)) continue;
    const tag = Number.parseInt(digits, 16);
    if (tag >= SMALLEST_TAG) return tag;
  }
  return undefined;
}

function chooseTag(random: RandomSource): number {
  for (;;) {
    const tag = new DataView(random(4).slice().buffer).getUint32(0);
    if (tag >= SMALLEST_TAG) return tag;
  }
}
