/**
 * Our own engine for the benchmark, through the same interfaces as an application's, in a
 * process of its own like every other engine.
 */
import denoJson from "../../deno.json" with { type: "json" };
import { arithmetic, DH_MODULUS } from "../../lib/otr/crypto/arithmetic/mod.ts";
import { DsaPrivateKey, type OtrVersion } from "../../lib/otr/mod.ts";
import { platformRandom } from "../../lib/session/mod.ts";
import { ConversationPair, partyKeys } from "./conversation_pair.ts";
import { type DriverWorks, type PreparedWork, serve } from "./driver_loop.ts";

/** Different things to sign in turn, made before. */
const DIGESTS = 64;

function keyExchange(version: OtrVersion, after?: (pair: ConversationPair) => void): PreparedWork {
  let pair: ConversationPair | undefined;
  return {
    step() {
      pair = new ConversationPair(version);
      pair.exchangeKeys();
      after?.(pair);
    },
    restore: () => pair?.end(),
  };
}

/** Keys enough that none is remembered by the time it is used again. */
const STRANGERS = 40;
let strangers: readonly DsaPrivateKey[] | undefined;

function keyExchangeOfStrangers(): PreparedWork {
  const keys = strangers ??= Array.from(
    { length: STRANGERS },
    () => DsaPrivateKey.generate(platformRandom),
  );
  let turn = 0;
  let pair: ConversationPair | undefined;
  const next = () => keys[turn++ % STRANGERS] ?? partyKeys().alice;
  return {
    step() {
      pair = new ConversationPair(3, { alice: next(), bob: next() });
      pair.exchangeKeys();
    },
    restore: () => pair?.end(),
  };
}

function oneWay(length: number): PreparedWork {
  const pair = ConversationPair.settled();
  const words = "x".repeat(length);
  return { step: () => pair.say("alice", words) };
}

function alternating(length: number): PreparedWork {
  const pair = ConversationPair.settled();
  const words = "x".repeat(length);
  let turn = 0;
  return { step: () => pair.say(turn++ % 2 === 0 ? "alice" : "bob", words) };
}

/** A secret exponent of exactly so many bits. */
function exponentOf(bits: number): Uint8Array {
  const exponent = platformRandom(bits / 8);
  exponent[0] = (exponent[0] ?? 0) | 0x80;
  return exponent;
}

function power(bits: number): PreparedWork {
  const exponent = exponentOf(bits);
  const base = arithmetic.fixedBaseG2(exponent);
  return { step: () => void arithmetic.modExpSecret(base, exponent, DH_MODULUS) };
}

function powerOfTwo(bits: number): PreparedWork {
  const exponent = exponentOf(bits);
  return { step: () => void arithmetic.fixedBaseG2(exponent) };
}

function sign(): PreparedWork {
  const { alice } = partyKeys();
  const digests = Array.from({ length: DIGESTS }, () => platformRandom(32));
  let turn = 0;
  return { step: () => void alice.sign(digests[turn++ % DIGESTS] ?? new Uint8Array(32)) };
}

function verify(): PreparedWork {
  const { alice } = partyKeys();
  const signed = Array.from({ length: DIGESTS }, () => {
    const digest = platformRandom(32);
    return { digest, signature: alice.sign(digest) };
  });
  let turn = 0;
  return {
    step() {
      const it = signed[turn++ % DIGESTS];
      const holds = it !== undefined && alice.publicKey.verify(it.digest, it.signature);
      if (!holds) throw new Error("a signature does not verify");
    },
  };
}

const DRIVER: DriverWorks = {
  engine: "sotto",
  version: denoJson.version,
  works: {
    "keygen": () => ({ step: () => void DsaPrivateKey.generate(platformRandom) }),
    "ake-v2": () => keyExchange(2),
    "ake-v3": () => keyExchange(3),
    "ake-v3-strangers": keyExchangeOfStrangers,
    "first-messages-v3": () =>
      keyExchange(3, (pair) => {
        pair.say("alice", "hello");
        pair.say("bob", "hello");
      }),
    "smp"() {
      const pair = ConversationPair.settled();
      return { step: () => pair.verify() };
    },
    "data-alternating-100": () => alternating(100),
    "data-alternating-10k": () => alternating(10_000),
    "data-oneway-100": () => oneWay(100),
    "data-oneway-10k": () => oneWay(10_000),
    "modexp-320": () => power(320),
    "modexp-1536": () => power(1536),
    "modexp-g-320": () => powerOfTwo(320),
    "dsa-sign": sign,
    "dsa-verify": verify,
  },
};

if (import.meta.main) await serve(DRIVER);
