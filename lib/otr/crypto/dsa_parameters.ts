/**
 * Fresh DSA parameters and private keys (FIPS 186-4 A.1.1.2, A.2.1, B.1.1, C.3.1):
 * 1024-bit p, 160-bit q, as every OTR client expects.
 */
import { concatBytes } from "../../base/bytes.ts";
import type { RandomSource } from "../../base/output.ts";
import { arithmetic, fromBigInt, mod, toBigInt } from "./arithmetic/mod.ts";
import { DSA_Q_OCTETS, type DsaParameters } from "./dsa.ts";
import { sha256 } from "./hashes.ts";

/** Told about progress: what is being looked for, and how many candidates were tried. */
export type DsaProgress = (looking: "q" | "p" | "g", tried: number) => void;

/** Fresh p, q and g. Takes about a quarter of a second. */
export function generateDsaParameters(
  random: RandomSource,
  onProgress: DsaProgress = () => {},
): DsaParameters {
  for (let tried = 1;; tried++) {
    onProgress("q", tried);
    const seed = random(32).slice();
    // A.1.1.2 steps 6–7: 160 bits of the seed's hash, with the highest and lowest bit set.
    const u = toBigInt(sha256(seed).subarray(32 - DSA_Q_OCTETS));
    const q = u | 1n << 159n | 1n;
    if (!isProbablePrime(q, random)) continue;
    const p = findP(seed, q, random, onProgress);
    if (p === undefined) continue; // Step 12: 4L candidates failed, new seed.
    return { p, q, g: findG(p, q, onProgress) };
  }
}

/**
 * A private key: 1 … q−1 from 64 surplus bits, so that its bias is negligible (B.1.1).
 * @returns 20 octets.
 */
export function generateDsaPrivateKey(q: bigint, random: RandomSource): Uint8Array<ArrayBuffer> {
  const octets = random(DSA_Q_OCTETS + 8);
  const c = toBigInt(octets);
  octets.fill(0);
  return fromBigInt(mod(c, q - 1n) + 1n, DSA_Q_OCTETS);
}

/**
 * Miller–Rabin (C.3.1). A composite passes with a probability below 4^−rounds.
 *
 * @param rounds The standard asks 40 of both 160 and 1024 bits.
 */
export function isProbablePrime(candidate: bigint, random: RandomSource, rounds = 40): boolean {
  if (candidate < 2n) return false;
  if (candidate < BigInt(SIEVED)) return SMALL_PRIMES.includes(Number(candidate));
  if (hasSmallFactor(candidate)) return false;
  let m = candidate - 1n;
  let a = 0;
  for (; (m & 1n) === 0n; m >>= 1n) a++;
  const octets = fromBigInt(candidate).length + 8;
  for (let round = 0; round < rounds; round++) {
    const base = mod(toBigInt(random(octets)), candidate - 3n) + 2n;
    if (isWitness(base, candidate, m, a)) return false;
  }
  return true;
}

/** Steps 11.1–11.9: p ≡ 1 mod 2q among 4L values that hang on the seed. */
function findP(
  seed: Uint8Array,
  q: bigint,
  random: RandomSource,
  onProgress: DsaProgress,
): bigint | undefined {
  const start = toBigInt(seed);
  const mask = (1n << 256n) - 1n;
  const top = 1n << 1023n;
  let offset = 1n;
  for (let counter = 0; counter < 4 * 1024; counter++) {
    // n = ⌈1024/256⌉ − 1 = 3: four hashes, the last one cut so that 1023 bits remain.
    const hashes = [3n, 2n, 1n, 0n].map((j) =>
      sha256(fromBigInt(start + offset + j & mask, seed.length))
    );
    const w = BigInt.asUintN(1023, toBigInt(concatBytes(...hashes)));
    const x = w + top;
    const p = x - (mod(x, 2n * q) - 1n);
    offset += 4n;
    if (p < top) continue;
    onProgress("p", counter + 1);
    if (isProbablePrime(p, random)) return p;
  }
  return undefined;
}

/** A.2.1: any h whose power is not 1. */
function findG(p: bigint, q: bigint, onProgress: DsaProgress): bigint {
  const e = (p - 1n) / q;
  for (let h = 2n;; h++) {
    onProgress("g", Number(h) - 1);
    const g = arithmetic.modExpPublic(h, e, p);
    if (g !== 1n) return g;
  }
}

function isWitness(base: bigint, candidate: bigint, m: bigint, a: number): boolean {
  let z = arithmetic.modExpPublic(base, m, candidate);
  if (z === 1n || z === candidate - 1n) return false;
  for (let square = 1; square < a; square++) {
    z = z * z % candidate;
    if (z === candidate - 1n) return false;
  }
  return true;
}

/** Trial division before anything expensive: one division by a product rules out many primes. */
function hasSmallFactor(candidate: bigint): boolean {
  for (const { product, primes } of SIEVE) {
    const rest = Number(candidate % product);
    if (primes.some((it) => rest % it === 0)) return true;
  }
  return false;
}

const SIEVED = 4096;
const SMALL_PRIMES = primesBelow(SIEVED);
/** Small primes in groups whose product a number holds exactly. */
const SIEVE = group(SMALL_PRIMES);

function primesBelow(limit: number): number[] {
  const composite = new Uint8Array(limit);
  const primes: number[] = [];
  for (let at = 2; at < limit; at++) {
    if (composite[at] === 1) continue;
    primes.push(at);
    for (let multiple = at * at; multiple < limit; multiple += at) composite[multiple] = 1;
  }
  return primes;
}

function group(primes: readonly number[]): { product: bigint; primes: number[] }[] {
  const groups = [{ product: 1n, primes: [] as number[] }];
  for (const prime of primes) {
    let current = groups.at(-1);
    if (current === undefined || current.product * BigInt(prime) > Number.MAX_SAFE_INTEGER) {
      current = { product: 1n, primes: [] };
      groups.push(current);
    }
    current.product *= BigInt(prime);
    current.primes.push(prime);
  }
  return groups;
}
