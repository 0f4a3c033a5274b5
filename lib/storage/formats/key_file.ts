/** Keys in any of the formats that we know, recognised by what they contain. */
import { SottoError } from "../../base/errors.ts";
import { DsaPrivateKey } from "../../otr/mod.ts";
import {
  isLibotrPrivateKeys,
  type LibotrAccountKey,
  parseLibotrPrivateKeys,
  writeLibotrPrivateKeys,
} from "./libotr_private_key.ts";
import { isPemPrivateKey, parsePkcs8, writePkcs8 } from "./pkcs8.ts";

/** Names of formats, as `--format` takes them. */
export type KeyFormat = "blink" | "libotr" | "pkcs8";

/** What a key file contained. */
export interface ImportedKeys {
  readonly format: KeyFormat;
  /** At least one; only libotr's format names accounts. */
  readonly keys: readonly (Partial<LibotrAccountKey> & Pick<LibotrAccountKey, "key">)[];
}

/**
 * Reads a key file.
 * @throws {SottoError} `storage/unknown-format` when it is none of them, `storage/unreadable-key`
 * and others when it is one and damaged.
 */
export function importKeys(bytes: Uint8Array): ImportedKeys {
  if (isLibotrPrivateKeys(bytes)) return { format: "libotr", keys: parseLibotrPrivateKeys(bytes) };
  if (isPemPrivateKey(bytes)) return { format: "pkcs8", keys: [{ key: parsePkcs8(bytes) }] };
  // Key type 0, then the length of p in four octets, of which two are zero for any sane key.
  if (bytes.length > 6 && bytes.subarray(0, 4).every((octet) => octet === 0)) {
    return { format: "blink", keys: [{ key: DsaPrivateKey.parse(bytes) }] };
  }
  throw new SottoError(
    "storage/unknown-format",
    "no key in a known format: expected Blink's private_key.dsa, libotr's, or PKCS #8 in PEM",
  );
}

/** Whose key it is, where the format says that. */
export interface ExportAccount {
  readonly account: string;
  readonly protocol: string;
}

/** Writes a key file. The result is secret. */
export function exportKey(
  key: DsaPrivateKey,
  format: KeyFormat,
  { account, protocol }: ExportAccount,
): Uint8Array<ArrayBuffer> {
  switch (format) {
    case "blink":
      return key.encode();
    case "libotr":
      return writeLibotrPrivateKeys([{ account, protocol, key }]);
    case "pkcs8":
      return writePkcs8(key);
    default:
      return format satisfies never;
  }
}
