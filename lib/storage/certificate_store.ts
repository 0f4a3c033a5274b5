/** Our certificate and its key for direct TLS: made once, the same in every run. */
import { decodeUtf8, utf8 } from "../base/bytes.ts";
import { writeAtomically } from "./atomic_write.ts";
import { lockFile, type LockOptions } from "./file_lock.ts";
import { readWholeFile, unreadable } from "./private_file.ts";

/** A certificate and its key, both PEM. */
export interface StoredCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** Where they lie: `HomeFolder` has these names. */
export interface CertificateFiles {
  readonly tlsCertificateFile: string;
  readonly tlsKeyFile: string;
}

/** The certificate of one home. */
export class CertificateStore {
  readonly #files: CertificateFiles;
  readonly #lock: LockOptions;

  /** @param files Where they lie; nothing is touched yet. */
  constructor(files: CertificateFiles, lock: LockOptions = {}) {
    this.#files = files;
    this.#lock = lock;
  }

  /**
   * The certificate and key, or `undefined` when there are none.
   * A certificate without its key counts as none: it is what a crash between the two leaves.
   * @throws {SottoError} `storage/unreadable`, also when the key is there alone.
   */
  async load(): Promise<StoredCertificate | undefined> {
    const { tlsCertificateFile, tlsKeyFile } = this.#files;
    const certificate = await readPem(tlsCertificateFile, "CERTIFICATE");
    const key = await readPem(tlsKeyFile, "PRIVATE KEY");
    if (key === undefined) return undefined;
    if (certificate === undefined) throw unreadable(tlsCertificateFile, "its key is there alone");
    return { certPem: certificate, keyPem: key };
  }

  /**
   * The certificate and key; made by `generate` when there are none. However many processes ask
   * at once, all answer with the same.
   * @throws As {@link load} does, and `storage/unwritable`, `storage/lock-timeout`.
   */
  async loadOrCreate(
    generate: () => StoredCertificate | Promise<StoredCertificate>,
  ): Promise<StoredCertificate> {
    const { tlsCertificateFile, tlsKeyFile } = this.#files;
    using _lock = await lockFile(tlsKeyFile, this.#lock);
    const existing = await this.load();
    if (existing !== undefined) return existing;
    const made = await generate();
    await writeAtomically(tlsCertificateFile, utf8(made.certPem));
    await writeAtomically(tlsKeyFile, utf8(made.keyPem));
    return made;
  }
}

async function readPem(path: string, label: string): Promise<string | undefined> {
  const bytes = await readWholeFile(path);
  if (bytes === undefined) return undefined;
  const text = decodeUtf8(bytes);
  if (text === undefined || !new RegExp(`-----BEGIN [A-Z ]*${label}-----`).test(text)) {
    throw unreadable(path, `expected PEM with a ${label}`);
  }
  return text;
}
