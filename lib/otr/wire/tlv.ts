/** Type-length-value records after the NUL of a plaintext ("Data Message"). */
import { ByteWriter } from "../../base/byte_writer.ts";

/** One record. */
export interface Tlv {
  /** 0 … 65535; see {@link TLV}. */
  readonly type: number;
  /** At most 65535 octets. */
  readonly value: Uint8Array;
}

/** The types that the specification defines. */
export const TLV = {
  padding: 0,
  disconnected: 1,
  smp1: 2,
  smp2: 3,
  smp3: 4,
  smp4: 5,
  smpAbort: 6,
  smp1Question: 7,
  extraKey: 8,
} as const;

/** What a decrypted message holds. */
export interface Plaintext {
  /** The human-readable part, before the first NUL. */
  readonly content: Uint8Array;
  readonly tlvs: readonly Tlv[];
  /** Why reading stopped early, if it did: the rest was ignored. */
  readonly ignored: "length-beyond-end" | "too-many" | undefined;
}

/**
 * Splits a decrypted message at its first NUL and reads the records behind it. A record
 * that claims more than is there ends the list, as does record number `limit`.
 *
 * @param limit Most records to read.
 */
export function readPlaintext(decrypted: Uint8Array, limit: number): Plaintext {
  const nul = decrypted.indexOf(0);
  if (nul < 0) return { content: decrypted, tlvs: [], ignored: undefined };
  const tlvs: Tlv[] = [];
  let at = nul + 1;
  let ignored: Plaintext["ignored"];
  while (at < decrypted.length) {
    if (tlvs.length >= limit) {
      ignored = "too-many";
      break;
    }
    const type = (decrypted[at] ?? 0) << 8 | (decrypted[at + 1] ?? 0);
    const length = (decrypted[at + 2] ?? 0) << 8 | (decrypted[at + 3] ?? 0);
    if (at + 4 + length > decrypted.length) {
      ignored = "length-beyond-end";
      break;
    }
    tlvs.push({ type, value: decrypted.slice(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return { content: decrypted.subarray(0, nul), tlvs, ignored };
}

/**
 * The inverse. The NUL is written only together with records: some readers take a bare
 * trailing NUL for text.
 *
 * @throws {RangeError} when the content holds a NUL (it would be read as records), or a
 * record is longer than 65535 octets.
 */
export function writePlaintext(content: Uint8Array, tlvs: readonly Tlv[]): Uint8Array<ArrayBuffer> {
  if (content.includes(0)) throw new RangeError("expected content without NUL");
  const writer = new ByteWriter(content.length + 64);
  writer.bytes(content);
  if (tlvs.length > 0) writer.uint8(0);
  for (const { type, value } of tlvs) {
    if (!Number.isInteger(type) || type < 0 || type > 0xffff) {
      throw new RangeError(`expected a TLV type of 16 bits, found ${type}`);
    }
    if (value.length > 0xffff) {
      throw new RangeError(`expected a TLV of at most 65535 octets, found ${value.length}`);
    }
    writer.uint16(type).uint16(value.length).bytes(value);
  }
  return writer.finish();
}
