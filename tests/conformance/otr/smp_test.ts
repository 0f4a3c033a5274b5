/** "Socialist Millionaires' Protocol (SMP)". Every cell of its machine: tests/unit/otr/smp/smp_state_test.ts. */
import { assert, assertEquals } from "@std/assert";
import { concatBytes, fromHex, utf8 } from "../../../lib/base/bytes.ts";
import { DH_MODULUS, DH_ORDER } from "../../../lib/otr/crypto/arithmetic/mod.ts";
import {
  type ConversationOutput,
  readSmpMessage,
  sha256,
  SMP_FIELDS,
  type SmpMessage,
  smpSecret,
  type Tlv,
} from "../../../lib/otr/mod.ts";
import {
  answerSmp,
  EXPECT1,
  receiveSmpMessage,
  type SmpState,
  startSmp,
} from "../../../lib/otr/smp/smp_state.ts";
import { writeSmpMessage } from "../../../lib/otr/smp/smp_messages.ts";
import { Pair, secret, type Side, testKey } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

/** What a side was told of SMP since the last time. */
function told(pair: Pair, side: Side): string[] {
  return pair.taken(side, "smp").map((it) => it.what);
}

function asks(pair: Pair, side: Side, text: string, question?: string): Pair {
  return pair.does(side, (it, now) => it.startSmp(secret(text), question, now)).run();
}

function answers(pair: Pair, side: Side, text: string): Pair {
  return pair.does(side, (it, now) => it.answerSmp(secret(text), now)).run();
}

/** Lets `side` send a TLV that its own SMP knows nothing of. */
function sendsTlv(pair: Pair, side: Side, tlv: Tlv): Pair {
  return pair.does(
    side,
    (it, now): ConversationOutput[] => it.sendMessage(new Uint8Array(), now, { tlvs: [tlv] }),
  ).run();
}

Deno.test("OTR-086 the secret is SHA-256 of version, initiator, responder, ssid and input", () => {
  const pair = Pair.encrypted();
  const parts = {
    initiatorFingerprint: fromHex(testKey("alice").fingerprint),
    responderFingerprint: fromHex(testKey("bob").fingerprint),
    ssid: fromHex(pair.alice.ssid ?? ""),
    input: utf8("geheim 🌱"),
  };
  assertEquals(
    smpSecret(parts),
    sha256(concatBytes(
      fromHex("01"),
      parts.initiatorFingerprint,
      parts.responderFingerprint,
      parts.ssid,
      parts.input,
    )),
  );
  // Octets count, not what they look like: neither trimmed nor folded nor normalised.
  for (
    const [one, other, what] of [
      ["geheim 🌱", "geheim 🌱", "success"],
      ["Geheim", "geheim", "failure"],
      ["geheim ", "geheim", "failure"],
      ["\u00fc", "u\u0308", "failure"],
      ["", "", "success"],
    ] as const
  ) {
    asks(pair, "alice", one);
    answers(pair, "bob", other);
    assertEquals(told(pair, "alice").at(-1), what);
    assertEquals(told(pair, "bob").at(-1), what);
  }
});

Deno.test("OTR-087 SMP belongs to the encrypted state: leaving it forgets everything", () => {
  const pair = asks(Pair.encrypted(), "alice", "s");
  pair.does("alice", (it, now) => it.endSession(now)).run();
  assertEquals(told(pair, "alice"), ["aborted"]);
  assertEquals(told(pair, "bob"), ["asked", "aborted"]);
  assertEquals([pair.alice.isSmpInProgress, pair.bob.isSmpInProgress], [false, false]);
  // A new AKE while encrypted is a new session, too.
  const renewed = asks(Pair.encrypted(), "alice", "s");
  renewed.does("bob", (it, now) => it.query(now)).run();
  assertEquals(renewed.alice.isSmpInProgress, false);
  asks(renewed, "bob", "t");
  answers(renewed, "alice", "t");
  assertEquals([told(renewed, "alice").at(-1), told(renewed, "bob").at(-1)], [
    "success",
    "success",
  ]);
});

Deno.test("OTR-088 a message that the state does not expect is answered by an abort", () => {
  for (const type of [3, 4, 5]) {
    const pair = Pair.encrypted();
    const [, two, three, four] = exchange();
    const message = { 3: two, 4: three, 5: four }[type]?.message;
    assert(message !== undefined);
    sendsTlv(pair, "alice", writeSmpMessage(message));
    assertEquals(told(pair, "bob"), ["error"]);
    // Alice, in EXPECT1 herself, is told nothing of Bob's abort.
    assertEquals(told(pair, "alice"), []);
  }
  // Two who ask at once abort both.
  const crossed = Pair.encrypted();
  crossed.does("alice", (it, now) => it.startSmp(secret("s"), undefined, now));
  crossed.does("bob", (it, now) => it.startSmp(secret("s"), undefined, now)).run();
  assertEquals([told(crossed, "alice"), told(crossed, "bob")], [["aborted"], ["aborted"]]);
  asks(crossed, "alice", "s");
  answers(crossed, "bob", "s");
  assertEquals(told(crossed, "bob").at(-1), "success");
});

/** Every message of one exchange, and the state that expects it. */
function exchange(): { message: SmpMessage; expectedBy: () => SmpState }[] {
  const last = (send: readonly Tlv[]) =>
    readSmpMessage(send.at(-1) ?? { type: 6, value: new Uint8Array() });
  const make = () => {
    const [alice, bob] = [seededRandom(1), seededRandom(2)];
    const one = startSmp(EXPECT1, sha256(utf8("s")), undefined, alice);
    const asked = receiveSmpMessage(EXPECT1, last(one.send), bob);
    assert(asked.next.name === "SMPSTATE_EXPECT1_ASKED");
    const two = answerSmp(asked.next, sha256(utf8("s")), bob);
    return { alice, bob, one, two };
  };
  const { alice, bob, one, two } = make();
  const three = receiveSmpMessage(one.next, last(two.send), alice);
  const four = receiveSmpMessage(two.next, last(three.send), bob);
  const afterThree = () => {
    const again = make();
    return receiveSmpMessage(again.one.next, last(again.two.send), again.alice).next;
  };
  return [
    { message: last(one.send), expectedBy: () => EXPECT1 },
    { message: last(two.send), expectedBy: () => make().one.next },
    { message: last(three.send), expectedBy: () => make().two.next },
    { message: last(four.send), expectedBy: afterThree },
  ];
}

/** What the user is told when one number of a message is another. */
function toldOf(
  message: SmpMessage,
  state: SmpState,
  field: string,
  value: bigint,
): string | undefined {
  assert(message.type !== "abort");
  const numbers = { ...message.numbers, [field]: value };
  return receiveSmpMessage(state, { ...message, numbers } as SmpMessage, seededRandom(9)).outcome
    ?.what;
}

Deno.test("OTR-089 group elements are 2 to p-2, exponents 1 to q-1, Pa and Qa not our own", () => {
  for (const { message, expectedBy } of exchange()) {
    assert(message.type !== "abort");
    for (const field of SMP_FIELDS[message.type]) {
      const bad = field.startsWith("D")
        ? [0n, DH_ORDER, DH_ORDER + 1n, DH_MODULUS]
        : field.startsWith("c")
        ? []
        : [0n, 1n, DH_MODULUS - 1n, DH_MODULUS, DH_MODULUS + 1n];
      for (const value of bad) {
        assertEquals(toldOf(message, expectedBy(), field, value), "cheated", field);
      }
    }
  }
  const [, two, three] = exchange();
  assert(two?.message.type === "smp2" && three?.message.type === "smp3");
  const { Pb, Qb } = two.message.numbers;
  assertEquals(toldOf(three.message, three.expectedBy(), "Pa", Pb), "cheated");
  assertEquals(toldOf(three.message, three.expectedBy(), "Qa", Qb), "cheated");
});

Deno.test("OTR-090 every proof is verified under its own number; a failure is an abort and told as cheating", () => {
  for (const { message, expectedBy } of exchange()) {
    assert(message.type !== "abort");
    const numbers: Record<string, bigint> = message.numbers;
    for (const field of SMP_FIELDS[message.type]) {
      const value = numbers[field] ?? 0n;
      const other = /^[cD]/.test(field) ? value + 1n : value * 4n % DH_MODULUS;
      assertEquals(toldOf(message, expectedBy(), field, other), "cheated", field);
    }
    // Proofs 1 and 2, 3 and 4 have different numbers: swapping the halves does not verify.
    if (message.type === "smp1") {
      const { g2a, c2, D2, g3a, c3, D3 } = message.numbers;
      const swapped = { g2a: g3a, c2: c3, D2: D3, g3a: g2a, c3: c2, D3: D2 };
      const { outcome, send } = receiveSmpMessage(
        EXPECT1,
        { type: "smp1", numbers: swapped },
        seededRandom(1),
      );
      assertEquals(outcome?.what, "cheated");
      assertEquals(send.map((it) => it.type), [6]);
    }
  }
});

Deno.test("OTR-091 messages have 6, 11, 8 and 3 numbers; another count is an abort", () => {
  assertEquals(Object.values(SMP_FIELDS).map((it) => it.length), [6, 11, 8, 3]);
  const [one] = exchange();
  assert(one !== undefined);
  const { value } = writeSmpMessage(one.message);
  for (const count of [0, 5, 7, 11, 0xffffffff]) {
    const wrong = value.slice();
    new DataView(wrong.buffer).setUint32(0, count);
    const pair = sendsTlv(Pair.encrypted(), "alice", { type: 2, value: wrong });
    assertEquals(told(pair, "bob"), ["error"]);
    assertEquals(pair.wire.filter((it) => it.from === "bob").map((it) => it.kind), ["smp"]);
  }
});

Deno.test("OTR-092 TLV 7 carries a question before message 1, in version 2 as well", () => {
  for (const versions of [[2], [3]] as const) {
    const pair = asks(Pair.encrypted({ policy: { versions } }), "alice", "Lummerland", "Wo? 🌱");
    const [asked] = pair.taken("bob", "smp");
    assertEquals([asked?.what, asked?.question, asked?.role], ["asked", "Wo? 🌱", "responder"]);
    answers(pair, "bob", "Lummerland");
    assertEquals(told(pair, "alice").at(-1), "success");
  }
  const without = asks(Pair.encrypted(), "alice", "s");
  assertEquals(without.taken("bob", "smp")[0]?.question, undefined);
  const empty = asks(Pair.encrypted(), "alice", "s", "");
  assertEquals(empty.taken("bob", "smp")[0]?.question, "");
});

Deno.test("OTR-093 success verifies both sides without a question, and only who asked with one", () => {
  for (const [question, ofBob] of [[undefined, true], ["where?", false]] as const) {
    const pair = asks(Pair.encrypted(), "alice", "s", question);
    answers(pair, "bob", "s");
    const [a, b] = (["alice", "bob"] as const).map((it) => pair.taken(it, "smp").at(-1));
    assertEquals([a?.what, a?.verified, a?.role], ["success", true, "initiator"]);
    assertEquals([b?.what, b?.verified, b?.role], ["success", ofBob, "responder"]);
  }
  const pair = asks(Pair.encrypted(), "alice", "s");
  answers(pair, "bob", "another");
  for (const side of ["alice", "bob"] as const) {
    const last = pair.taken(side, "smp").at(-1);
    assertEquals([last?.what, last?.verified], ["failure", false]);
  }
  assertEquals([pair.alice.messageState, pair.bob.messageState], ["encrypted", "encrypted"]);
  asks(pair, "bob", "s");
  answers(pair, "alice", "s");
  assertEquals(told(pair, "bob").at(-1), "success");
});

Deno.test("OTR-094 starting while one runs aborts it first, then begins anew", () => {
  const pair = asks(Pair.encrypted(), "alice", "old");
  asks(pair, "alice", "new");
  assertEquals(told(pair, "bob"), ["asked", "aborted", "asked"]);
  answers(pair, "bob", "new");
  assertEquals(told(pair, "bob").at(-1), "success");
  // The asked side may start its own instead of answering.
  asks(pair, "alice", "one");
  asks(pair, "bob", "two");
  assertEquals(told(pair, "alice").slice(-2), ["aborted", "asked"]);
  answers(pair, "alice", "two");
  assertEquals(told(pair, "alice").at(-1), "success");
});

Deno.test("OTR-095 the user or TLV 6 ends SMP at any time", () => {
  const pair = asks(Pair.encrypted(), "alice", "s");
  pair.does("bob", (it, now) => it.abortSmp(now)).run();
  assertEquals([told(pair, "alice"), told(pair, "bob")], [["aborted"], ["asked", "aborted"]]);
  // With nothing going on the abort is sent all the same, and nobody is told.
  pair.does("alice", (it, now) => it.abortSmp(now)).run();
  assertEquals([told(pair, "alice"), told(pair, "bob")], [[], []]);
  assertEquals(pair.wire.at(-1)?.kind, "smp");
  asks(pair, "alice", "s");
  answers(pair, "bob", "s");
  assertEquals(told(pair, "alice").at(-1), "success");
});
