/** The authenticated key exchange: its four messages and "State transitions". */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { concatBytes, fromHex, toHex } from "../../../lib/base/bytes.ts";
import { DH_MODULUS, fromBigInt, toBigInt } from "../../../lib/otr/crypto/arithmetic/mod.ts";
import {
  aesCtr,
  deriveAkeKeys,
  hmacSha256,
  type OtrMessage,
  parseOtrMessage,
  sha256,
  writeOtrMessage,
} from "../../../lib/otr/mod.ts";
import { eventsOf, kinds, Pair, type Side, testKey } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const ZERO = new Uint8Array(8);

/** A pair of which every random octet is known to the test. */
function transparentPair(version: 2 | 3): { pair: Pair; random: Record<Side, Uint8Array[]> } {
  const random: Record<Side, Uint8Array[]> = { alice: [], bob: [] };
  const recording = (side: Side, seed: number) => {
    const source = seededRandom(seed);
    return (length: number) => {
      const bytes = source(length);
      random[side].push(bytes.slice());
      return bytes;
    };
  };
  const policy = { versions: [version] };
  const pair = new Pair(
    { policy, random: recording("alice", 11) },
    { policy, random: recording("bob", 22) },
  );
  return { pair, random };
}

function mpi(value: bigint): Uint8Array {
  const magnitude = fromBigInt(value);
  return concatBytes(fromBigInt(BigInt(magnitude.length), 4), magnitude);
}

function power(base: bigint, exponent: Uint8Array | undefined): bigint {
  let result = 1n;
  for (const bit of toBigInt(exponent ?? new Uint8Array()).toString(2)) {
    result = result * result % DH_MODULUS;
    if (bit === "1") result = result * base % DH_MODULUS;
  }
  return result;
}

/** An AKE computed a second time, from both sides' random octets, beside the messages that were sent. */
function openAke(version: 2 | 3) {
  const { pair, random } = transparentPair(version);
  pair.does("alice", (it, now) => it.query(now)).run();
  const [, commit, key, reveal, signature] = pair.wire.map((it) => parseOtrMessage(it.message));
  assert(commit?.type === "dh-commit" && key?.type === "dh-key");
  assert(reveal?.type === "reveal-signature" && signature?.type === "signature");
  const [x, r = new Uint8Array()] = random.bob;
  const [y] = random.alice;
  const gx = power(2n, x);
  const gy = power(2n, y);
  const secbytes = mpi(power(gx, y));
  return { pair, commit, key, reveal, signature, r, x, y, gx, gy, secbytes };
}

Deno.test("OTR-032 the Commit is AES-128-CTR of the MPI g^x under r with counter 0, and its SHA-256", () => {
  for (const version of [2, 3] as const) {
    const { commit, r, x, gx } = openAke(version);
    assertEquals(r.length, 16);
    assertEquals(x?.length, 40);
    assertEquals(aesCtr(r, ZERO, commit.encryptedGx), mpi(gx));
    assertEquals(commit.hashedGx, sha256(mpi(gx)));
  }
});

Deno.test("OTR-033 ssid, c, c', m1, m2, m1', m2' come from h2(0) to h2(5) of the shared secret", () => {
  const { pair, secbytes } = openAke(3);
  const h2 = (b: number) => sha256(Uint8Array.of(b), secbytes);
  const keys = deriveAkeKeys(secbytes);
  assertEquals(pair.alice.ssid, toHex(h2(0).subarray(0, 8)));
  assertEquals(concatBytes(keys.reveal.encryption, keys.signature.encryption), h2(1));
  assertEquals([keys.reveal.signed, keys.reveal.sealed], [h2(2), h2(3)]);
  assertEquals([keys.signature.signed, keys.signature.sealed], [h2(4), h2(5)]);
});

/** Takes a signature block apart as the specification builds it. */
function openBlock(
  block: { encryptedSignature: Uint8Array; mac: Uint8Array },
  [c, m1, m2]: readonly [Uint8Array, Uint8Array, Uint8Array],
  [signers, verifiers]: readonly [bigint, bigint],
  name: string,
): void {
  const length = fromBigInt(BigInt(block.encryptedSignature.length), 4);
  const mac = hmacSha256(m2, length, block.encryptedSignature).subarray(0, 20);
  assertEquals(block.mac, new Uint8Array(mac));
  const x = aesCtr(c, ZERO, block.encryptedSignature);
  const { publicKey } = testKey(name);
  const identity = concatBytes(publicKey.encode(), fromHex("00000001"));
  assertEquals(x.slice(0, identity.length), identity);
  const m = hmacSha256(m1, mpi(signers), mpi(verifiers), identity);
  assertEquals(x.length, identity.length + 40);
  assert(publicKey.verify(m, x.subarray(identity.length)));
}

Deno.test("OTR-034 the Reveal Signature has r in clear and the initiator's identity under c, m1, m2", () => {
  for (const version of [2, 3] as const) {
    const { reveal, r, gx, gy, secbytes } = openAke(version);
    assertEquals(reveal.revealedKey, r);
    const { encryption, signed, sealed } = deriveAkeKeys(secbytes).reveal;
    openBlock(reveal, [encryption, signed, sealed], [gx, gy], "bob");
  }
});

Deno.test("OTR-035 the Signature has the responder's identity under c', m1', m2'", () => {
  for (const version of [2, 3] as const) {
    const { signature, gx, gy, secbytes } = openAke(version);
    const { encryption, signed, sealed } = deriveAkeKeys(secbytes).signature;
    openBlock(signature, [encryption, signed, sealed], [gy, gx], "alice");
  }
});

/** A pair whose AKE stopped before `side` hears the message of this type. */
function stoppedBefore(type: OtrMessage["type"]): { pair: Pair; message: OtrMessage; side: Side } {
  const pair = new Pair().does("alice", (it, now) => it.query(now));
  for (let step = 0; step < 10; step++) {
    for (const side of ["alice", "bob"] as const) {
      const other = side === "alice" ? "bob" : "alice";
      const [text = ""] = pair.intercept(other);
      const message = parseOtrMessage(text);
      if (message.type === type) {
        pair.take(side);
        return { pair, message, side };
      }
      if (text !== "") pair.hears(side, text);
    }
  }
  throw new Error(`no ${type}`);
}

Deno.test("OTR-036 hash, MAC and signature are all checked; a failure changes nothing", () => {
  for (
    const [type, field] of [
      ["reveal-signature", "revealedKey"],
      ["reveal-signature", "encryptedSignature"],
      ["reveal-signature", "mac"],
      ["signature", "encryptedSignature"],
      ["signature", "mac"],
    ] as const
  ) {
    const { pair, message, side } = stoppedBefore(type);
    const octets = (message as unknown as Record<string, Uint8Array>)[field] ?? new Uint8Array();
    const forged = {
      ...message,
      [field]: octets.map((it, at) => at === 3 ? it ^ 1 : it),
    } as OtrMessage;
    pair.hears(side, writeOtrMessage(forged));
    assertEquals(pair.take(side).map((it) => it.type), ["peer-error"]);
    assertEquals(pair.intercept(side), []);
    assertEquals(pair[side].messageState, "plaintext");
    pair.hears(side, writeOtrMessage(message)).run();
    assertEquals(pair[side].messageState, "encrypted");
  }
});

Deno.test("OTR-037 the keyid of an AKE is above 0", () => {
  const { gx, gy, secbytes, reveal } = openAke(3);
  // The same exchange again, up to the Reveal Signature, which Bob makes with another keyid.
  for (
    const [keyId, state] of [[0, "plaintext"], [1, "encrypted"], [0xffffffff, "encrypted"]] as const
  ) {
    const { pair } = transparentPair(3);
    pair.does("alice", (it, now) => it.query(now));
    for (const side of ["bob", "alice", "bob"] as const) pair.deliver(side);
    assertEquals(kinds(pair.intercept("bob")), ["reveal-signature"]);
    const { encryption, signed, sealed } = deriveAkeKeys(secbytes).reveal;
    const identity = concatBytes(testKey("bob").publicKey.encode(), fromBigInt(BigInt(keyId), 4));
    const signature = testKey("bob").sign(hmacSha256(signed, mpi(gx), mpi(gy), identity));
    const encryptedSignature = aesCtr(encryption, ZERO, concatBytes(identity, signature));
    const length = fromBigInt(BigInt(encryptedSignature.length), 4);
    const mac = hmacSha256(sealed, length, encryptedSignature).slice(0, 20);
    const tags = { version: 3, senderTag: 0x2000_0002, receiverTag: 0x1000_0001 } as const;
    const forged = { ...reveal, ...tags, encryptedSignature, mac };
    pair.hears("alice", writeOtrMessage(forged));
    assertEquals(pair.alice.messageState, state);
    if (keyId === 0) {
      assertEquals(pair.taken("alice", "peer-error").map((it) => it.error.code), [
        "otr/bad-key-id",
      ]);
    }
  }
});

/** Says what one side answers. */
function answer(pair: Pair, side: Side, text: string): string[] {
  return pair.hears(side, text).intercept(side);
}

/** Two who both committed; first the one whose hash is higher. */
function crossed(
  policy = {},
): { pair: Pair; high: Side; low: Side; commits: Record<Side, string> } {
  const pair = new Pair({ policy }, { policy });
  const [alice = ""] = answer(pair, "alice", "?OTRv23?");
  const [bob = ""] = answer(pair, "bob", "?OTRv23?");
  const hash = (text: string) => {
    const message = parseOtrMessage(text);
    return message.type === "dh-commit" ? toBigInt(message.hashedGx) : 0n;
  };
  const [high, low] = hash(alice) > hash(bob)
    ? ["alice", "bob"] as const
    : ["bob", "alice"] as const;
  return { pair, high, low, commits: { alice, bob } };
}

Deno.test("OTR-038 a Commit in NONE is answered by a D-H Key", () => {
  const { pair, side, message } = stoppedBefore("dh-commit");
  const answers = answer(pair, side, writeOtrMessage(message));
  assertEquals(kinds(answers), ["dh-key"]);
});

Deno.test("OTR-039 crossed Commits: the higher hash repeats its Commit, the lower one answers", () => {
  for (const versions of [[2], [3]] as const) {
    const { pair, high, low, commits } = crossed({ versions });
    const again = answer(pair, high, commits[low]);
    assertEquals(kinds(again), ["dh-commit"]);
    const [first, second] = [commits[high], again[0] ?? ""].map((it) => parseOtrMessage(it));
    assert(first?.type === "dh-commit" && second?.type === "dh-commit");
    assertEquals([second.hashedGx, second.encryptedGx], [first.hashedGx, first.encryptedGx]);
    const [key = ""] = answer(pair, low, commits[high]);
    assertEquals(parseOtrMessage(key).type, "dh-key");
    const [reveal = ""] = answer(pair, high, key);
    const [signature = ""] = answer(pair, low, reveal);
    answer(pair, high, signature);
    assertEquals([pair.alice.messageState, pair.bob.messageState], ["encrypted", "encrypted"]);
    assertEquals(pair.alice.ssid, pair.bob.ssid);
  }
});

Deno.test("OTR-040 a Commit while waiting for the Reveal Signature gets the same D-H Key again", () => {
  const pair = new Pair();
  const [first = ""] = answer(pair, "bob", "?OTRv3?");
  const [key = ""] = answer(pair, "alice", first);
  const [second = ""] = answer(pair, "bob", "?OTRv3?");
  assertNotEquals(first, second);
  const [again = ""] = answer(pair, "alice", second);
  assertEquals(again, key);
  const [reveal = ""] = answer(pair, "bob", again);
  assertEquals(kinds(answer(pair, "alice", reveal)), ["signature"]);
});

Deno.test("OTR-041 a Commit while waiting for the Signature gets a new D-H Key", () => {
  const { pair, side } = stoppedBefore("reveal-signature");
  assertEquals(side, "alice");
  // Bob waits for the Signature; Alice, who lost everything, commits anew.
  const other = new Pair({ random: seededRandom(99) });
  const [commit = ""] = answer(other, "alice", "?OTRv3?");
  assertEquals(kinds(answer(pair, "bob", commit)), ["dh-key"]);
});

Deno.test("OTR-042 a D-H Key is answered by the Reveal Signature, the same one again by the same", () => {
  const { pair, message } = stoppedBefore("dh-key");
  const text = writeOtrMessage(message);
  const first = answer(pair, "bob", text);
  assertEquals(kinds(first), ["reveal-signature"]);
  assertEquals(answer(pair, "bob", text), first);
  assert(message.type === "dh-key");
  assertEquals(answer(pair, "bob", writeOtrMessage({ ...message, gy: Uint8Array.of(4) })), []);
});

Deno.test("OTR-043 Reveal Signature and Signature are ignored in every other state", () => {
  const { pair } = openAke(3);
  const texts = pair.wire.slice(2).map((it) => it.message);
  for (const text of texts) {
    for (const state of ["none", "awaiting-dhkey", "encrypted"]) {
      const fresh = state === "encrypted" ? Pair.encrypted() : new Pair();
      if (state === "awaiting-dhkey") answer(fresh, "alice", "?OTRv3?");
      fresh.take("alice");
      const before = fresh.alice.ssid;
      const type = parseOtrMessage(text).type;
      if (type === "dh-key") continue;
      assertEquals(answer(fresh, "alice", text), [], `${type} in ${state}`);
      assertEquals(fresh.alice.ssid, before);
    }
  }
});

Deno.test("OTR-044 messages of a version that the policy forbids are ignored", () => {
  for (const [version, other] of [[2, 3], [3, 2]] as const) {
    const pair = new Pair({ policy: { versions: [other] } }, { policy: { versions: [version] } });
    pair.hears("bob", `?OTRv${version}?`);
    const [commit = ""] = pair.intercept("bob");
    assertEquals(answer(pair, "alice", commit), []);
    assertEquals(pair.take("alice"), []);
  }
});

Deno.test("OTR-045 after success authstate is NONE, msgstate ENCRYPTED, and what was kept is sent", () => {
  const pair = new Pair({ policy: { requireEncryption: true } }).says("alice", "secret").run();
  assertEquals(pair.heard("bob"), ["secret"]);
  assertEquals(pair.alice.messageState, "encrypted");
  // authstate NONE: a stray Signature is ignored.
  const stray = pair.wire.find((it) => parseOtrMessage(it.message).type === "signature");
  assertEquals(answer(pair, "bob", stray?.message ?? ""), []);
});

Deno.test("OTR-046 a new AKE while encrypted replaces the keys and stays encrypted", () => {
  const pair = Pair.encrypted();
  const before = pair.alice.ssid;
  pair.does("bob", (it, now) => it.query(now)).run();
  for (const side of ["alice", "bob"] as const) {
    const [event] = pair.taken(side, "state-changed");
    assertEquals([event?.state, event?.isRefresh], ["encrypted", true]);
  }
  assertNotEquals(pair.alice.ssid, before);
  assertEquals(pair.alice.ssid, pair.bob.ssid);
  pair.says("alice", "still here").says("bob", "me too").run();
  assertEquals([pair.heard("alice"), pair.heard("bob")], [["me too"], ["still here"]]);
});

Deno.test("OTR-047 both sides querying at once ends in one session", () => {
  for (const versions of [[2], [3], [3, 2]] as const) {
    const pair = new Pair({ policy: { versions } }, { policy: { versions } });
    pair.does("alice", (it, now) => it.query(now)).does("bob", (it, now) => it.query(now)).run();
    assertEquals([pair.alice.messageState, pair.bob.messageState], ["encrypted", "encrypted"]);
    assertEquals(pair.alice.ssid, pair.bob.ssid);
    assertEquals(pair.alice.instances().length, 1);
    pair.says("alice", "a").says("bob", "b").run();
    assertEquals([pair.heard("alice"), pair.heard("bob")], [["b"], ["a"]]);
  }
});

Deno.test("OTR-048 the ssid is two halves of 8 digits; who revealed reads the first", () => {
  const pair = Pair.encrypted();
  assert(/^[0-9a-f]{16}$/.test(pair.alice.ssid ?? ""));
  assertEquals(pair.alice.ssid, pair.bob.ssid);
  // Bob committed, so Bob sent the Reveal Signature.
  assertEquals([pair.bob.ssidHalf, pair.alice.ssidHalf], ["first", "second"]);
});

Deno.test("OTR-049 an unfinished AKE is forgotten after a time", () => {
  for (const type of ["dh-key", "reveal-signature", "signature"] as const) {
    const { pair, message, side } = stoppedBefore(type);
    const conversation = pair[side];
    assertEquals(conversation.deadline, pair.now + 70_000);
    assertEquals(conversation.handleTimeout(pair.now + 69_999), []);
    const events = eventsOf(conversation.handleTimeout(pair.now + 70_000)).map((it) => it.type);
    assert(events.length > 0 && events.every((it) => it === "ake-expired"));
    assertEquals(answer(pair, side, writeOtrMessage(message)), []);
    assertEquals(conversation.messageState, "plaintext");
  }
});
