/** What is put to the test of timing_leak.ts: every operation whose input is secret, and controls. */
import {
  arithmetic,
  DH_MODULUS,
  fromBigInt,
  mod,
  toBigInt,
} from "../../lib/otr/crypto/arithmetic/mod.ts";
import { type DsaPrivateKey, hmacSha256 } from "../../lib/otr/mod.ts";
import { platformRandom } from "../../lib/session/mod.ts";
import { partyKeys } from "./conversation_pair.ts";
import type { LeakExperiment } from "./timing_leak.ts";

/** An experiment, and what its result would mean. */
export interface NamedExperiment extends LeakExperiment {
  /** `secret`: should show nothing. `same`: cannot show anything. `leaky`: must show. */
  readonly kind: "secret" | "same" | "leaky";
}

/** All of them; takes the time of making two keys. */
export function leakExperiments(): NamedExperiment[] {
  const base = arithmetic.fixedBaseG2(platformRandom(192));
  const { alice } = partyKeys();
  const { p, q, g } = alice.publicKey.numbers;
  // Bases that come back take another way than those that do not.
  const expected = arithmetic.fixedBaseG2(platformRandom(192));
  arithmetic.expectMore(expected, DH_MODULUS);
  arithmetic.expectMore(g, p);
  const agree = (exponent: Uint8Array) => void arithmetic.agree(base, exponent);
  const power = (exponent: Uint8Array) => void arithmetic.modExpSecret(base, exponent, DH_MODULUS);
  const powerOfExpected = (exponent: Uint8Array) =>
    void arithmetic.modExpSecret(expected, exponent, DH_MODULUS);
  const generate = (exponent: Uint8Array) => void arithmetic.fixedBaseG2(exponent);
  const nonce = (exponent: Uint8Array) => void arithmetic.modExpSecret(g, exponent, p);
  const leaky = (exponent: Uint8Array) =>
    void arithmetic.modExpPublic(base, toBigInt(exponent), DH_MODULUS);
  return [
    ...against("D-H secret, x^e, 320 bits", 40, agree, 2),
    ...against("2^e, 320 bits", 40, generate, 4),
    ...against("x^e, 1536 bits", 192, power, 1),
    ...against("x^e by a table of x, 1536 bits", 192, powerOfExpected, 2),
    ...against("2^e, 1536 bits", 192, generate, 2),
    ...against("g^k of DSA, 160 bits", 20, nonce, 4),
    {
      name: "DSA signature, one digest against any (its nonce follows)",
      kind: "secret",
      inputs: [always(digestOfOneRound(alice)), () => digestOfOneRound(alice)],
      run: (digest) => void alice.sign(digest),
      batch: 4,
    },
    {
      name: "control: random against random",
      kind: "same",
      inputs: [() => platformRandom(40), () => platformRandom(40)],
      run: agree,
      batch: 2,
    },
    {
      name: "control: a power with a public exponent, few bits against any",
      kind: "leaky",
      inputs: [always(fewBits(40)), () => platformRandom(40)],
      run: leaky,
      batch: 2,
    },
    {
      name: "control: the inverse of one number against that of any",
      kind: "leaky",
      inputs: [always(fromBigInt(1n, 20)), () => platformRandom(20)],
      run: (number) => void arithmetic.invert(toBigInt(number), q),
      batch: 16,
    },
  ];
}

/** Three fixed exponents, each against random ones. */
function against(
  name: string,
  octets: number,
  run: LeakExperiment["run"],
  batch: number,
): NamedExperiment[] {
  const fixed: readonly (readonly [string, Uint8Array])[] = [
    ["one exponent", platformRandom(octets)],
    ["few bits", fewBits(octets)],
    ["all ones", new Uint8Array(octets).fill(0xff)],
  ];
  return fixed.map(([what, exponent]) => ({
    name: `${name}: ${what} against any`,
    kind: "secret",
    inputs: [always(exponent), () => platformRandom(octets)],
    run,
    batch,
  }));
}

/**
 * An exponent of two bits, the highest and the lowest: nearly every digit is zero. (With the
 * lowest alone the result would be a small number, and what shows is how that is converted.)
 */
function fewBits(octets: number): Uint8Array {
  const exponent = fromBigInt(1n, octets);
  exponent[0] = 0x80;
  return exponent;
}

/**
 * A digest for which the first two candidates of RFC 6979 §3.2, for the nonce and for what blinds
 * it, are both below q. Another round would only tell that a number was refused which nobody
 * will ever use; it would hide everything else.
 */
function digestOfOneRound(key: DsaPrivateKey): Uint8Array {
  const { q, x } = key.exposeNumbers();
  for (;;) {
    const digest = platformRandom(32);
    const message = [fromBigInt(x, 20), fromBigInt(mod(toBigInt(digest), q), 20)];
    let v: Uint8Array = new Uint8Array(32).fill(1);
    let k: Uint8Array = new Uint8Array(32);
    for (const step of [0, 1]) {
      k = hmacSha256(k, v, Uint8Array.of(step), ...message);
      v = hmacSha256(k, v);
    }
    const first = hmacSha256(k, v);
    k = hmacSha256(k, first, Uint8Array.of(0));
    const second = hmacSha256(k, hmacSha256(k, first));
    if ([first, second].every((it) => toBigInt(it.subarray(0, 20)) < q)) return digest;
  }
}

function always(input: Uint8Array): () => Uint8Array {
  return () => input;
}
