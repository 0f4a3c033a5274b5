/**
 * What big numbers cost, through the one door that protocol code computes by, beside plain
 * BigInt: 1536 bits for D-H and SMP, 1024 for DSA.
 */
import { arithmetic, DH_MODULUS as p, toBigInt } from "../lib/otr/crypto/arithmetic/mod.ts";
import { seededRandom } from "../tests/helpers/seeded_random.ts";
import { testKey } from "../tests/helpers/otr_pair.ts";

const random = seededRandom(1);
/** An exponent with its highest bit set. */
const exponent = (bits: number): Uint8Array => {
  const octets = random(bits / 8);
  octets[0] = (octets[0] ?? 0) | 0x80;
  return octets;
};

const x = arithmetic.fixedBaseG2(exponent(1536));
const y = arithmetic.fixedBaseG2(exponent(1536));
const z = arithmetic.fixedBaseG2(exponent(1536));
const [short, long, digest] = [exponent(320), exponent(1536), exponent(256)];
const [shortNumber, longNumber, digestNumber] = [short, long, digest].map(toBigInt) as [
  bigint,
  bigint,
  bigint,
];
const thousandSquarings = 1n << 1000n;
const dsa = testKey("alice").publicKey.numbers;
const nonce = exponent(160);
const nonceNumber = toBigInt(nonce);

const multiplication = { group: "1000 multiplications modulo 1536 bits" };
Deno.bench("BigInt: a·b mod p", multiplication, () => {
  let product = x;
  for (let count = 0; count < 1000; count++) product = product * y % p;
});
Deno.bench("BigInt: a² mod p", multiplication, () => {
  let square = x;
  for (let count = 0; count < 1000; count++) square = square * square % p;
});
Deno.bench("x^(2^1000), conversions and table included", {
  ...multiplication,
  baseline: true,
}, () => {
  arithmetic.modExpPublic(x, thousandSquarings, p);
});

const single = { group: "one base, 1536 bits" };
Deno.bench("x^e, secret, 320 bits", { ...single, baseline: true }, () => {
  arithmetic.modExpSecret(x, short, p);
});
Deno.bench("x^e, secret, 1536 bits", single, () => {
  arithmetic.modExpSecret(x, long, p);
});
Deno.bench("x^e, public, 320 bits", single, () => {
  arithmetic.modExpPublic(x, shortNumber, p);
});
Deno.bench("x^e, public, 1536 bits", single, () => {
  arithmetic.modExpPublic(x, longNumber, p);
});
Deno.bench("2^e, secret, 320 bits", single, () => {
  arithmetic.fixedBaseG2(short);
});
Deno.bench("2^e, secret, 1536 bits", single, () => {
  arithmetic.fixedBaseG2(long);
});

const several = { group: "several bases, 1536 bits" };
Deno.bench("2^D·x^c, as a proof of SMP", { ...several, baseline: true }, () => {
  arithmetic.multiExp([[2n, longNumber], [x, digestNumber]], p);
});
Deno.bench("y^D·x^c", several, () => {
  arithmetic.multiExp([[y, longNumber], [x, digestNumber]], p);
});
Deno.bench("2^D·y^E·x^c", several, () => {
  arithmetic.multiExp([[2n, longNumber], [y, longNumber], [x, digestNumber]], p);
});
Deno.bench("x^D·y^E·z^F", several, () => {
  arithmetic.multiExp([[x, longNumber], [y, longNumber], [z, longNumber]], p);
});

const small = { group: "DSA's group, 1024 bits" };
Deno.bench("g^k, secret, 160 bits", { ...small, baseline: true }, () => {
  arithmetic.modExpSecret(dsa.g, nonce, dsa.p);
});
Deno.bench("g^u·y^v, public, 160 bits", small, () => {
  arithmetic.multiExp([[dsa.g, nonceNumber], [dsa.y, nonceNumber]], dsa.p);
});

const rest = { group: "the rest, 1536 bits" };
Deno.bench("inverse", { ...rest, baseline: true }, () => {
  arithmetic.invert(x, p);
});
Deno.bench("membership of the group", rest, () => {
  if (!arithmetic.isMember(x)) throw new Error("a power of 2 is a member");
});
