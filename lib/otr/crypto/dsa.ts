/**
 * DSA with a q of 160 bits (FIPS 186-4 §4), as OTR uses it: what is signed is a 32-octet
 * MAC, taken modulo q as it is, neither hashed again nor truncated ("Reveal Signature
 * Message"). The nonce is RFC 6979's.
 */
import { concatBytes } from "../../base/bytes.ts";
import { arithmetic, fromBigInt, mod, toBigInt } from "./arithmetic/mod.ts";
import { hmacSha256 } from "./hashes.ts";

/** p, q, g. */
export interface DsaParameters {
  readonly p: bigint;
  readonly q: bigint;
  readonly g: bigint;
}

/** Parameters and y. */
export interface DsaNumbers extends DsaParameters {
  readonly y: bigint;
}

/** Octets of q, and of r and s in a signature. */
export const DSA_Q_OCTETS = 20;

/**
 * Signs `digest`.
 *
 * @param x The private key, 20 octets.
 * @param digest Any length; taken modulo q.
 * @returns r and s, exactly 20 octets each.
 */
export function dsaSign(
  { p, q, g }: DsaParameters,
  x: Uint8Array,
  digest: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const m = mod(toBigInt(digest), q);
  arithmetic.expectMore(g, p);
  const source = nonces(q, x, fromBigInt(m, DSA_Q_OCTETS));
  for (const nonce of source) {
    const r = mod(arithmetic.modExpSecret(g, nonce, p), q);
    // 1/k = b / (k·b), b used nowhere else; and by Fermat, not Euclid, whose steps depend on
    // what is inverted.
    const { value: blind } = source.next();
    const b = toBigInt(blind);
    const inverse = mod(b * arithmetic.modExpPublic(mod(toBigInt(nonce) * b, q), q - 2n, q), q);
    const s = mod(inverse * (m + toBigInt(x) * r), q);
    nonce.fill(0);
    blind.fill(0);
    if (r !== 0n && s !== 0n) {
      return concatBytes(fromBigInt(r, DSA_Q_OCTETS), fromBigInt(s, DSA_Q_OCTETS));
    }
  }
  throw new Error("unreachable: the nonces never end");
}

/**
 * Whether `signature` is one of `digest` under this key.
 *
 * @param key Already checked by the reader of public keys.
 */
export function dsaVerify(
  { p, q, g, y }: DsaNumbers,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 2 * DSA_Q_OCTETS) return false;
  const r = toBigInt(signature.subarray(0, DSA_Q_OCTETS));
  const s = toBigInt(signature.subarray(DSA_Q_OCTETS));
  if (r <= 0n || r >= q || s <= 0n || s >= q) return false;
  const w = arithmetic.invert(s, q);
  const u1 = mod(toBigInt(digest) * w, q);
  const u2 = mod(r * w, q);
  return mod(arithmetic.multiExp([[g, u1], [y, u2]], p), q) === r;
}

/**
 * The nonces of RFC 6979 §3.2 with HMAC-SHA256, one after the other.
 *
 * @param x The private key, 20 octets.
 * @param m What is signed, already reduced modulo q: 20 octets.
 */
export function* nonces(q: bigint, x: Uint8Array, m: Uint8Array): Generator<Uint8Array, never> {
  let v: Uint8Array = new Uint8Array(32).fill(1);
  let k: Uint8Array = new Uint8Array(32);
  for (const step of [0, 1]) {
    k = hmacSha256(k, v, Uint8Array.of(step), x, m);
    v = hmacSha256(k, v);
  }
  for (;;) {
    // One round of HMAC is longer than q: its first 160 bits are the candidate.
    v = hmacSha256(k, v);
    const candidate = v.slice(0, DSA_Q_OCTETS);
    const value = toBigInt(candidate);
    if (value > 0n && value < q) yield candidate;
    k = hmacSha256(k, v, Uint8Array.of(0));
    v = hmacSha256(k, v);
  }
}
