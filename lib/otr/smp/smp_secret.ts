/** x and y: what the Socialist Millionaires' Protocol compares ("Secret information"). */
import { sha256 } from "../crypto/hashes.ts";

/** What goes into the comparison. */
export interface SmpSecretParts {
  /** Of the side that began SMP: 20 octets. */
  readonly initiatorFingerprint: Uint8Array;
  /** Of the other side: 20 octets. */
  readonly responderFingerprint: Uint8Array;
  /** The secure session id: 8 octets. */
  readonly ssid: Uint8Array;
  /** What the user typed: UTF-8, neither trimmed nor folded. */
  readonly input: Uint8Array;
}

/** SHA-256 over version 1 of the format: 32 octets, secret. */
export function smpSecret(parts: SmpSecretParts): Uint8Array {
  const { initiatorFingerprint, responderFingerprint, ssid, input } = parts;
  return sha256(Uint8Array.of(0x01), initiatorFingerprint, responderFingerprint, ssid, input);
}
