import { assert, assertEquals, assertFalse, assertNotEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../../lib/base/errors.ts";
import { DH_MODULUS as p, DH_ORDER as q } from "../../../../lib/otr/crypto/arithmetic/mod.ts";
import { mpi } from "../../../../lib/otr/crypto/dh_group.ts";
import { sha256 } from "../../../../lib/otr/crypto/hashes.ts";
import { toBigInt } from "../../../../lib/otr/crypto/arithmetic/mod.ts";
import {
  checkCoordinates,
  checkExponent,
  checkSameExponent,
  makeCoordinates,
  power,
  powerOfG1,
  proveExponent,
  proveSameExponent,
  quotient,
  randomExponent,
  requireMember,
  smpHash,
  times,
} from "../../../../lib/otr/smp/zero_knowledge.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const random = seededRandom(4);
const exponent = randomExponent(random);
const value = powerOfG1(exponent);
const generators = {
  g2: power(value, randomExponent(random)),
  g3: power(value, randomExponent(random)),
};

function codeOf(run: () => unknown): string {
  return assertThrows(run, PeerError).code;
}

Deno.test("smpHash() covers the version octet and the numbers as MPIs", () => {
  assertEquals(smpHash(3, 5n), toBigInt(sha256(Uint8Array.of(3), mpi(5n))));
  assertEquals(smpHash(5, 5n, 0n), toBigInt(sha256(Uint8Array.of(5), mpi(5n), mpi(0n))));
  assertNotEquals(smpHash(1, 5n), smpHash(2, 5n));
});

Deno.test("randomExponent() has 1536 bits", () => {
  assertEquals(exponent.length, 192);
});

Deno.test("powers and quotients agree with plain arithmetic", () => {
  assertEquals(power(2n, exponent), value);
  assertEquals(quotient(times(value, 7n), 7n), value);
});

Deno.test("checkExponent() takes the proof, and no other number, version or value", () => {
  const proof = proveExponent(1, exponent, random);
  checkExponent(1, value, proof);
  assertEquals(codeOf(() => checkExponent(2, value, proof)), "otr/smp-proof-failed");
  assertEquals(codeOf(() => checkExponent(1, times(value, 2n), proof)), "otr/smp-proof-failed");
  assertEquals(
    codeOf(() => checkExponent(1, value, { ...proof, c: proof.c + 1n })),
    "otr/smp-proof-failed",
  );
  assertEquals(
    codeOf(() => checkExponent(1, value, { ...proof, D: (proof.D + 1n) % q })),
    "otr/smp-proof-failed",
  );
});

Deno.test("checkExponent() refuses exponents of 0, q and above", () => {
  const proof = proveExponent(1, exponent, random);
  for (const D of [0n, q, proof.D + q]) {
    assertEquals(codeOf(() => checkExponent(1, value, { ...proof, D })), "otr/bad-smp-value");
  }
});

Deno.test("checkCoordinates() takes the proof, and nothing that was changed", () => {
  const secret = sha256(Uint8Array.of(1));
  const made = makeCoordinates(5, generators, secret, random);
  const { P, Q, cP, D5, D6 } = made;
  checkCoordinates(5, generators, { P, Q }, { cP, D5, D6 });
  for (
    const changed of [
      { P: times(P, 4n) },
      { Q: times(Q, 4n) },
      { cP: cP + 1n },
      { D5: (D5 + 1n) % q },
      { D6: (D6 + 1n) % q },
    ]
  ) {
    const all = { ...made, ...changed };
    assertEquals(codeOf(() => checkCoordinates(5, generators, all, all)), "otr/smp-proof-failed");
  }
  assertEquals(codeOf(() => checkCoordinates(6, generators, made, made)), "otr/smp-proof-failed");
  for (const bad of [{ D5: 0n }, { D6: q }]) {
    assertEquals(
      codeOf(() => checkCoordinates(5, generators, made, { ...made, ...bad })),
      "otr/bad-smp-value",
    );
  }
});

Deno.test("checkSameExponent() takes the proof, and not one of another exponent", () => {
  const base = generators.g2;
  const proof = proveSameExponent(7, base, exponent, random);
  const R = power(base, exponent);
  checkSameExponent(7, value, base, R, proof);
  assertEquals(codeOf(() => checkSameExponent(8, value, base, R, proof)), "otr/smp-proof-failed");
  assertEquals(
    codeOf(() => checkSameExponent(7, value, base, times(R, 4n), proof)),
    "otr/smp-proof-failed",
  );
  assertEquals(
    codeOf(() => checkSameExponent(7, value, base, R, { ...proof, D: 0n })),
    "otr/bad-smp-value",
  );
});

Deno.test("requireMember() wants 2 to p-2 and a square", () => {
  for (const bad of [0n, 1n, p - 1n, p, p + 1n, p - 4n]) {
    assertEquals(codeOf(() => requireMember(bad, "g2a")), "otr/bad-smp-value");
  }
  requireMember(value, "g2a");
});

Deno.test("proofs never use the same randomness twice", () => {
  const [a, b] = [proveExponent(1, exponent, random), proveExponent(1, exponent, random)];
  assert(a.c !== b.c);
  assertFalse(a.D === b.D);
});
