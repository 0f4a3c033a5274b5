/** AES-128 in counter mode with OTR's counter: the top half given, the bottom half zero. */
import { ctr } from "@noble/ciphers/aes.js";

/**
 * Encrypts or decrypts, which is the same.
 *
 * @param key 16 octets.
 * @param counterTop The first 8 octets of the initial counter; 8 zeros in the AKE.
 */
export function aesCtr(
  key: Uint8Array,
  counterTop: Uint8Array,
  message: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const counter = new Uint8Array(16);
  counter.set(counterTop);
  return ctr(key, counter).encrypt(message); // A fresh array already.
}

/** The counter of the AKE's encryptions. */
export const ZERO_COUNTER: Uint8Array = new Uint8Array(8);
