/** c, c', m1, m2, m1', m2' and the session id ("Computing AES keys, MAC keys, and the secure session id"). */
import { sha256 } from "../crypto/hashes.ts";

/** The three keys of one of the two signature blocks. */
export interface BlockKeys {
  /** c or c': AES-128. */
  readonly encryption: Uint8Array;
  /** m1 or m1': MACs what is signed. */
  readonly signed: Uint8Array;
  /** m2 or m2': MACs the encrypted signature. */
  readonly sealed: Uint8Array;
}

/** Everything that one AKE derives from its shared secret. */
export interface AkeKeys {
  /** The secure session id: 8 octets, not secret between the two. */
  readonly ssid: Uint8Array;
  /** c, m1, m2: of the Reveal Signature Message. */
  readonly reveal: BlockKeys;
  /** c', m1', m2': of the Signature Message. */
  readonly signature: BlockKeys;
}

/** Derives all of them. @param secbytes The shared secret as an MPI; not kept. */
export function deriveAkeKeys(secbytes: Uint8Array): AkeKeys {
  const h2 = (b: number) => sha256(Uint8Array.of(b), secbytes);
  const c = h2(0x01);
  return {
    ssid: h2(0x00).slice(0, 8),
    reveal: { encryption: c.slice(0, 16), signed: h2(0x02), sealed: h2(0x03) },
    signature: { encryption: c.slice(16), signed: h2(0x04), sealed: h2(0x05) },
  };
}

/** Overwrites the keys; the session id stays. */
export function wipeAkeKeys({ reveal, signature }: AkeKeys): void {
  for (const { encryption, signed, sealed } of [reveal, signature]) {
    for (const key of [encryption, signed, sealed]) key.fill(0);
  }
}
