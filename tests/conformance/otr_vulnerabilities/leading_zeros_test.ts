/**
 * Numbers and keys that begin with zeros: one in 16 to 256 of each, where other engines fail now
 * and then. Each is made on purpose here, by searching a seeded source for it.
 */
import { assert, assertEquals } from "@std/assert";
import { DH_MODULUS as p, toBigInt } from "../../../lib/otr/crypto/arithmetic/mod.ts";
import {
  agree,
  type ConversationOptions,
  DsaPrivateKey,
  fingerprintOf,
  generateDhKeyPair,
  parseOtrMessage,
  SessionKeys,
  sha256,
} from "../../../lib/otr/mod.ts";
import { Pair, secret, testKey } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

/** A source whose first draw of a length is chosen. */
function drawing(chosen: Uint8Array, seed: number): ConversationOptions["random"] {
  const source = seededRandom(seed);
  let isUsed = false;
  return (length) => {
    const octets = source(length);
    if (isUsed || length !== chosen.length) return octets;
    isUsed = true;
    return chosen.slice();
  };
}

/** The first of many seeded draws for which `isWanted` holds. */
function search(length: number, isWanted: (draw: Uint8Array) => boolean): Uint8Array {
  const source = seededRandom(2024);
  for (let tries = 0; tries < 20_000; tries++) {
    const draw = source(length);
    if (isWanted(draw)) return draw;
  }
  throw new Error("nothing found");
}

/** A pair whose ends draw as told, after a key exchange, some talk and a verification. */
function assertWholeConversation(
  alice: Partial<ConversationOptions>,
  bob: Partial<ConversationOptions>,
): Pair {
  const pair = Pair.encrypted(alice, bob);
  assertEquals(pair.alice.messageState, "encrypted");
  assertEquals(pair.alice.ssid, pair.bob.ssid);
  for (const text of ["one", "two", "three"]) {
    pair.says("alice", text).run().says("bob", text).run();
  }
  assertEquals(pair.heard("bob"), ["one", "two", "three"]);
  assertEquals(pair.heard("alice"), ["one", "two", "three"]);
  pair.does("alice", (it, now) => it.startSmp(secret("s"), undefined, now)).run();
  pair.does("bob", (it, now) => it.answerSmp(secret("s"), now)).run();
  assertEquals(pair.taken("bob", "smp").at(-1)?.what, "success");
  return pair;
}

const publicOctets = (draw: Uint8Array): number =>
  toOctets(generateDhKeyPair(() => draw.slice()).publicKey);

function toOctets(value: bigint): number {
  return Math.ceil(value.toString(16).length / 2);
}

for (const side of ["alice", "bob"] as const) {
  Deno.test(`leading zeros: a D-H public key of 191 octets, on ${side}'s side`, () => {
    const short = search(40, (draw) => publicOctets(draw) < 192);
    const options = { random: drawing(short, 5) };
    const pair = assertWholeConversation(
      side === "alice" ? options : {},
      side === "bob" ? options : {},
    );
    assert(pair.alice.ssid !== undefined);
  });
}

Deno.test("leading zeros: an MPI on the wire has none, and its length says so", () => {
  const short = search(40, (draw) => publicOctets(draw) < 192);
  const pair = new Pair({ random: drawing(short, 5) });
  pair.does("alice", (it, now) => it.query(now));
  pair.deliver("bob");
  pair.deliver("alice");
  const message = parseOtrMessage(pair.intercept("alice")[0] ?? "");
  assert(message.type === "dh-key");
  assertEquals(message.gy.length, 191);
  assert(message.gy[0] !== 0);
});

Deno.test("leading zeros: a shared secret of 191 octets", () => {
  const bobs = seededRandom(77)(40);
  const theirs = generateDhKeyPair(() => bobs.slice()).publicKey;
  const alices = search(
    40,
    (draw) => agree(generateDhKeyPair(() => draw.slice()), theirs).length === 4 + 191,
  );
  assertWholeConversation({ random: drawing(alices, 5) }, { random: drawing(bobs, 6) });
});

Deno.test("leading zeros: session keys that begin with a zero octet", () => {
  const bobs = seededRandom(78)(40);
  const theirs = generateDhKeyPair(() => bobs.slice()).publicKey;
  const keysOf = (draw: Uint8Array): SessionKeys =>
    new SessionKeys(generateDhKeyPair(() => draw.slice()), theirs);
  for (const name of ["sendingAes", "receivingAes", "extraKey"] as const) {
    const alices = search(40, (draw) => keysOf(draw)[name][0] === 0);
    assertWholeConversation({ random: drawing(alices, 5) }, { random: drawing(bobs, 6) });
  }
});

Deno.test("leading zeros: a secure session id that begins with zeros keeps its 16 digits", () => {
  const bobs = seededRandom(79)(40);
  const theirs = generateDhKeyPair(() => bobs.slice()).publicKey;
  const alices = search(40, (draw) => {
    const s = agree(generateDhKeyPair(() => draw.slice()), theirs);
    return sha256(Uint8Array.of(0), s)[0] === 0;
  });
  const pair = assertWholeConversation({ random: drawing(alices, 5) }, {
    random: drawing(bobs, 6),
  });
  assertEquals(pair.alice.ssid?.length, 16);
  assertEquals(pair.alice.ssid?.slice(0, 2), "00");
});

for (const zeros of [1, 2, 15, 16]) {
  Deno.test(`leading zeros: the key r of a D-H Commit begins with ${zeros} of them`, () => {
    const r = seededRandom(9)(16);
    r.fill(0, 0, zeros);
    // Bob commits when Alice asks.
    assertWholeConversation({}, { random: drawing(r, 5) });
  });
}

Deno.test("leading zeros: a private D-H key that is nearly all zeros", () => {
  const tiny = new Uint8Array(40);
  tiny[38] = 3;
  assertWholeConversation({ random: drawing(tiny, 5) }, {});
});

Deno.test("leading zeros: r and s of a signature are 20 octets each, whatever they are", () => {
  const key = testKey("alice");
  const seen = { r: 0, s: 0 };
  for (let count = 0; seen.r < 2 || seen.s < 2; count++) {
    assert(count < 5000, "no short number came up");
    const digest = sha256(new Uint8Array([count, count >> 8]));
    const signature = key.sign(digest);
    assertEquals(signature.length, 40);
    const isShort = { r: signature[0] === 0, s: signature[20] === 0 };
    if (isShort.r) seen.r++;
    if (isShort.s) seen.s++;
    if (isShort.r || isShort.s) assert(key.publicKey.verify(digest, signature));
  }
});

Deno.test("leading zeros: a digest that begins with them is signed and verified", () => {
  const key = testKey("alice");
  for (const zeros of [1, 12, 31, 32]) {
    const digest = sha256(Uint8Array.of(zeros)).fill(0, 0, zeros);
    assert(key.publicKey.verify(digest, key.sign(digest)));
  }
});

Deno.test("leading zeros: a DSA key whose y and x are short", () => {
  const { p: prime, q, g } = testKey("alice").exposeNumbers();
  let x = 0n;
  let y = g;
  do {
    x++;
    y = power(g, x, prime);
  } while (toOctets(y) === 128);
  const key = DsaPrivateKey.fromNumbers({ p: prime, q, g, y, x });
  assertEquals(toOctets(y), 127);
  const pair = assertWholeConversation({ key }, {});
  assertEquals(pair.bob.theirFingerprint, fingerprintOf(key.publicKey));
  assertEquals(DsaPrivateKey.parse(key.encode()).fingerprint, key.fingerprint);
});

Deno.test("leading zeros: SMP values that are short", () => {
  const isShort = (draw: Uint8Array): boolean => toOctets(power(2n, toBigInt(draw), p)) < 192;
  // All exponents of SMP are draws of 192 octets: g2a or g3a is made short.
  const exponent = search(192, isShort);
  assertWholeConversation({ random: drawing(exponent, 5) }, {});
  assertWholeConversation({}, { random: drawing(exponent, 5) });
});

Deno.test("leading zeros: a fingerprint that begins with one keeps its 40 digits", () => {
  const { p: prime, q, g } = testKey("bob").exposeNumbers();
  let y = g;
  for (let x = 2n; x < 5000n; x++) {
    y = y * g % prime;
    const key = DsaPrivateKey.fromNumbers({ p: prime, q, g, y, x });
    if (!key.fingerprint.startsWith("0")) continue;
    assertEquals(key.fingerprint.length, 40);
    const pair = Pair.encrypted({ key }, {});
    assertEquals(pair.bob.theirFingerprint, key.fingerprint);
    return;
  }
  throw new Error("no such key came up");
});

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = result * square % modulus;
    square = square * square % modulus;
  }
  return result;
}
