import { assert, assertEquals, assertFalse, assertNotEquals } from "@std/assert";
import { bitLength, toBigInt } from "../../../../lib/otr/crypto/arithmetic/mod.ts";
import {
  generateDsaParameters,
  generateDsaPrivateKey,
  isProbablePrime,
} from "../../../../lib/otr/crypto/dsa_parameters.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

Deno.test("generateDsaParameters() makes p of 1024 and q of 160 bits, both prime, and g of order q", () => {
  const seen: string[] = [];
  const random = seededRandom(7);
  const { p, q, g } = generateDsaParameters(random, (looking) => {
    if (seen.at(-1) !== looking) seen.push(looking);
  });
  assertEquals([bitLength(p), bitLength(q)], [1024, 160]);
  assertEquals((p - 1n) % q, 0n);
  assert(isProbablePrime(p, random) && isProbablePrime(q, random));
  let power = 1n;
  for (const bit of q.toString(2)) power = power * power * (bit === "1" ? g : 1n) % p;
  assertEquals(power, 1n);
  assertNotEquals(g, 1n);
  assertEquals(seen.slice(-2), ["p", "g"]);
});

Deno.test("generateDsaParameters() makes other parameters for another key", () => {
  const [a, b] = [1, 2].map((it) => generateDsaParameters(seededRandom(it)));
  assertNotEquals(a?.p, b?.p);
  assertNotEquals(a?.q, b?.q);
});

Deno.test("generateDsaPrivateKey() is from 1 to q-1, with 64 surplus bits", () => {
  const q = (1n << 160n) - 47n;
  const asked: number[] = [];
  const make = (fill: number) =>
    generateDsaPrivateKey(q, (length) => {
      asked.push(length);
      return new Uint8Array(length).fill(fill);
    });
  assertEquals(toBigInt(make(0)), 1n);
  const key = toBigInt(make(255));
  assert(key > 0n && key < q);
  assertEquals(make(255).length, 20);
  assertEquals(asked, [28, 28, 28]);
});

Deno.test("isProbablePrime() knows small primes, Carmichael numbers and products of primes", () => {
  const random = seededRandom(3);
  for (const prime of [2n, 3n, 4093n, 4099n, (1n << 127n) - 1n, (1n << 521n) - 1n]) {
    assert(isProbablePrime(prime, random), `${prime}`);
  }
  const carmichael = [561n, 1105n, 1729n, 41041n, 825265n, 321197185n];
  const large = ((1n << 127n) - 1n) * ((1n << 89n) - 1n);
  for (const composite of [-7n, 0n, 1n, 4n, 4095n, 4099n * 4111n, large, ...carmichael]) {
    assertFalse(isProbablePrime(composite, random), `${composite}`);
  }
});
