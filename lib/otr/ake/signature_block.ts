/**
 * X and M: what is signed, encrypted and MACed in the Reveal Signature and Signature
 * Messages. Both messages have the same block, with other keys and the roles swapped.
 */
import { ByteWriter } from "../../base/byte_writer.ts";
import { constantTimeEqual } from "../../base/constant_time.ts";
import { PeerError } from "../../base/errors.ts";
import { aesCtr, ZERO_COUNTER } from "../crypto/aes_ctr.ts";
import { mpi } from "../crypto/dh_group.ts";
import { DSA_Q_OCTETS } from "../crypto/dsa.ts";
import { hmacSha256, hmacSha256Truncated } from "../crypto/hashes.ts";
import type { DsaPrivateKey } from "../keys/dsa_private_key.ts";
import { DsaPublicKey } from "../keys/dsa_public_key.ts";
import { WireReader, writeData } from "../wire/data_types.ts";
import type { BlockKeys } from "./ake_keys.ts";

const RULE = "OTRv3 Reveal Signature Message";

/** The encrypted signature and its MAC, as they stand in a message. */
export interface SignatureBlock {
  readonly encryptedSignature: Uint8Array;
  readonly mac: Uint8Array;
}

/** The D-H public keys of signer and verifier. */
export interface SignedKeys {
  readonly signers: bigint;
  readonly verifiers: bigint;
}

/** Who signed, and the number of the D-H key that was signed. */
export interface Signer {
  readonly publicKey: DsaPublicKey;
  readonly keyId: number;
}

/** Signs with our key. @param keyId Number of our D-H key, above 0. */
export function sealSignature(
  keys: BlockKeys,
  dh: SignedKeys,
  key: DsaPrivateKey,
  keyId: number,
): SignatureBlock {
  const identity = new ByteWriter().bytes(key.publicKey.encode()).uint32(keyId).finish();
  const m = signedMac(keys, dh, identity);
  const x = new ByteWriter().bytes(identity).bytes(key.sign(m)).finish();
  const encryptedSignature = aesCtr(keys.encryption, ZERO_COUNTER, x);
  return { encryptedSignature, mac: sealMac(keys, encryptedSignature) };
}

/**
 * Checks the MAC, decrypts, checks the key, its number and the signature, in this order.
 * @throws {PeerError} at the first thing that is wrong.
 */
export function openSignature(keys: BlockKeys, dh: SignedKeys, block: SignatureBlock): Signer {
  if (!constantTimeEqual(sealMac(keys, block.encryptedSignature), block.mac)) {
    throw new PeerError("otr/ake-mac-mismatch", RULE, "the MAC of the encrypted signature differs");
  }
  const reader = new WireReader(aesCtr(keys.encryption, ZERO_COUNTER, block.encryptedSignature));
  const publicKey = DsaPublicKey.read(reader);
  const keyId = reader.int("the keyid");
  // The key as the signer wrote it, not as we would: that is what was MACed.
  const identity = reader.span(0, reader.offset);
  const signature = reader.fixed(2 * DSA_Q_OCTETS, "the signature");
  reader.end("the signature block");
  if (keyId === 0) {
    throw new PeerError("otr/bad-key-id", RULE, "expected a keyid above 0");
  }
  if (!publicKey.verify(signedMac(keys, dh, identity), signature)) {
    throw new PeerError("otr/ake-signature-mismatch", RULE, "the signature does not verify");
  }
  return { publicKey, keyId };
}

/** M: signer's D-H key, verifier's D-H key, signer's public key, keyid. */
function signedMac(keys: BlockKeys, dh: SignedKeys, identity: Uint8Array): Uint8Array {
  return hmacSha256(keys.signed, mpi(dh.signers), mpi(dh.verifiers), identity);
}

/** Covers the length of the encrypted signature too. */
function sealMac(keys: BlockKeys, encryptedSignature: Uint8Array): Uint8Array {
  const data = new ByteWriter(encryptedSignature.length + 4);
  writeData(data, encryptedSignature);
  return hmacSha256Truncated(keys.sealed, data.finish());
}
