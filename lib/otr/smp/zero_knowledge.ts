/**
 * The zero-knowledge proofs of SMP and their checks ("SMP Hash function", "Receiving a
 * type 2 TLV" … "type 5 TLV"). Numbers are named as the specification names them; secret
 * exponents are octets.
 */
import { PeerError } from "../../base/errors.ts";
import type { RandomSource } from "../../base/output.ts";
import {
  arithmetic,
  DH_MODULUS as p,
  DH_ORDER as q,
  mod,
  toBigInt,
} from "../crypto/arithmetic/mod.ts";
import { mpi } from "../crypto/dh_group.ts";
import { sha256 } from "../crypto/hashes.ts";

/** That somebody knows the exponent of a power of g1: c and D. */
export interface ExponentProof {
  readonly c: bigint;
  readonly D: bigint;
}

/** That P and Q were made from one r and one secret: cP, D5 and D6. */
export interface CoordinatesProof {
  readonly cP: bigint;
  readonly D5: bigint;
  readonly D6: bigint;
}

/** g2, g3: the generators that both sides agreed on. */
export interface Generators {
  readonly g2: bigint;
  readonly g3: bigint;
}

/** P and Q of one side. */
export interface Coordinates {
  readonly P: bigint;
  readonly Q: bigint;
}

/** SHA-256 of a version octet and one or two numbers, as a number. */
export function smpHash(version: number, ...numbers: readonly bigint[]): bigint {
  return toBigInt(sha256(Uint8Array.of(version), ...numbers.map(mpi)));
}

/** A random exponent of 1536 bits. */
export function randomExponent(random: RandomSource): Uint8Array {
  return random(192);
}

/** `base^exponent` for a secret exponent. */
export function power(base: bigint, exponent: Uint8Array): bigint {
  return arithmetic.modExpSecret(base, exponent, p);
}

/** `g1^exponent` for a secret exponent. */
export function powerOfG1(exponent: Uint8Array): bigint {
  return arithmetic.fixedBaseG2(exponent);
}

/** a · b mod p. */
export function times(a: bigint, b: bigint): bigint {
  return mod(a * b, p);
}

/** a / b mod p. */
export function quotient(a: bigint, b: bigint): bigint {
  return mod(a * arithmetic.invert(b, p), p);
}

/** Proves knowledge of the exponent of g1^exponent. */
export function proveExponent(
  version: number,
  exponent: Uint8Array,
  random: RandomSource,
): ExponentProof {
  const r = randomExponent(random);
  const c = smpHash(version, powerOfG1(r));
  return { c, D: response(r, exponent, c) };
}

/** @throws {PeerError} `otr/smp-proof-failed` when the proof does not hold for `value`. */
export function checkExponent(version: number, value: bigint, { c, D }: ExponentProof): void {
  requireExponent(D);
  requireProof(c === smpHash(version, arithmetic.multiExp([[G1, D], [value, c]], p)), version);
}

/** Makes P = g3^r and Q = g1^r · g2^secret, and the proof that they were made so. */
export function makeCoordinates(
  version: number,
  { g2, g3 }: Generators,
  secret: Uint8Array,
  random: RandomSource,
): Coordinates & CoordinatesProof {
  // Here three times in all: twice now, once in the check of the other side's proof.
  for (const base of [g2, g3]) arithmetic.expectMore(base, p);
  const r4 = randomExponent(random);
  const r5 = randomExponent(random);
  const r6 = randomExponent(random);
  const P = power(g3, r4);
  const Q = times(powerOfG1(r4), power(g2, secret));
  const cP = smpHash(version, power(g3, r5), times(powerOfG1(r5), power(g2, r6)));
  const D5 = response(r5, r4, cP);
  const D6 = response(r6, secret, cP);
  r4.fill(0);
  return { P, Q, cP, D5, D6 };
}

/** @throws {PeerError} `otr/smp-proof-failed` when P and Q were not made as they must be. */
export function checkCoordinates(
  version: number,
  { g2, g3 }: Generators,
  { P, Q }: Coordinates,
  { cP, D5, D6 }: CoordinatesProof,
): void {
  requireExponent(D5);
  requireExponent(D6);
  const first = arithmetic.multiExp([[g3, D5], [P, cP]], p);
  const second = arithmetic.multiExp([[G1, D5], [g2, D6], [Q, cP]], p);
  requireProof(cP === smpHash(version, first, second), version);
}

/** Proves that one exponent was used for both g1^exponent and base^exponent. */
export function proveSameExponent(
  version: number,
  base: bigint,
  exponent: Uint8Array,
  random: RandomSource,
): ExponentProof {
  // Three times too: now, for R, and in the check of the other side's proof.
  arithmetic.expectMore(base, p);
  const r = randomExponent(random);
  const c = smpHash(version, powerOfG1(r), power(base, r));
  return { c, D: response(r, exponent, c) };
}

/** @throws {PeerError} `otr/smp-proof-failed` when `value` and `R` have no common exponent. */
export function checkSameExponent(
  version: number,
  value: bigint,
  base: bigint,
  R: bigint,
  { c, D }: ExponentProof,
): void {
  requireExponent(D);
  const first = arithmetic.multiExp([[G1, D], [value, c]], p);
  const second = arithmetic.multiExp([[base, D], [R, c]], p);
  requireProof(c === smpHash(version, first, second), version);
}

/** @throws {PeerError} `otr/bad-smp-value` unless 2 ≤ value ≤ p−2 and in the group. */
export function requireMember(value: bigint, name: string): void {
  if (!arithmetic.isMember(value)) {
    throw new PeerError("otr/bad-smp-value", RULE, `expected ${name} to be a member of the group`);
  }
}

const G1 = 2n;
const RULE = "OTRv3 SMP state transitions";

/** D = r − exponent · c mod q. Afterwards r is overwritten: it must never answer twice. */
function response(r: Uint8Array, exponent: Uint8Array, c: bigint): bigint {
  const D = mod(toBigInt(r) - toBigInt(exponent) * c, q);
  r.fill(0);
  return D;
}

function requireExponent(D: bigint): void {
  if (D < 1n || D >= q) {
    throw new PeerError("otr/bad-smp-value", RULE, "expected an exponent from 1 to q - 1");
  }
}

function requireProof(holds: boolean, version: number): void {
  if (!holds) {
    throw new PeerError("otr/smp-proof-failed", RULE, `proof number ${version} does not hold`);
  }
}
