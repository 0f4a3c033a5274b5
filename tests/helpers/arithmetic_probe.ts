/**
 * What this engine computes with, and what comes out: a program for tests that start it with
 * flags which take instructions away. Prints `{"width":…,"digest":…,"works":…}`.
 */
import { toHex } from "../../lib/base/bytes.ts";
import { fromBigInt } from "../../lib/otr/crypto/arithmetic/big_integers.ts";
import { chooseArithmetic } from "../../lib/otr/crypto/arithmetic/choose.ts";
import { FMA_KERNEL } from "../../lib/otr/crypto/arithmetic/fma_kernel.ts";
import { INTEGER_KERNEL } from "../../lib/otr/crypto/arithmetic/integer_kernel.ts";
import { DH_MODULUS } from "../../lib/otr/crypto/arithmetic/mod.ts";
import { sha256 } from "../../lib/otr/crypto/hashes.ts";
import { seededRandom } from "./seeded_random.ts";
import { testKey } from "./otr_pair.ts";

const { arithmetic, width } = chooseArithmetic([FMA_KERNEL, INTEGER_KERNEL], DH_MODULUS);
const random = seededRandom(7);
const { p, g, y } = testKey("alice").publicKey.numbers;
const results: bigint[] = [];
for (const length of [1, 20, 40, 192]) {
  for (const exponent of [random(length), new Uint8Array(length).fill(255)]) {
    const value = arithmetic.fixedBaseG2(exponent);
    results.push(value);
    for (const base of [1n, 2n, value, DH_MODULUS - 1n, DH_MODULUS - 2n]) {
      results.push(arithmetic.modExpSecret(base, exponent, DH_MODULUS));
      results.push(arithmetic.modExpPublic(base, value, DH_MODULUS));
    }
    results.push(arithmetic.modExpSecret(g, exponent, p));
    results.push(
      arithmetic.multiExp([[g, value], [y, 3n]], p),
    );
  }
}
const digest = toHex(sha256(...results.map((it) => fromBigInt(it, 192))));
Deno.stdout.writeSync(
  new TextEncoder().encode(`${JSON.stringify({ width, digest, works: results.length })}\n`),
);
