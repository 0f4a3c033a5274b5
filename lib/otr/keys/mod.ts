/** A narrow door to long-lived keys, without the protocol around them: decision 0011. */
export { DsaPrivateKey, type DsaPrivateNumbers } from "./dsa_private_key.ts";
export { DsaPublicKey } from "./dsa_public_key.ts";
export { fingerprintOf, formatFingerprint, parseFingerprint } from "./fingerprint.ts";
