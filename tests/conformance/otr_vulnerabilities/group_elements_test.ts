/** D-H keys and SMP values that are not what they must be, from a peer who knows the session's keys. */
import { assert, assertEquals } from "@std/assert";
import { DH_MODULUS as p, DH_ORDER as q } from "../../../lib/otr/crypto/arithmetic/mod.ts";
import { mpi } from "../../../lib/otr/crypto/dh_group.ts";
import {
  aesCtr,
  parseOtrMessage,
  readPlaintext,
  sha256,
  TLV,
  type Tlv,
  writeOtrMessage,
  writePlaintext,
} from "../../../lib/otr/mod.ts";
import {
  readSmpMessage,
  SMP_FIELDS,
  type SmpMessage,
  type SmpMessageName,
  writeSmpMessage,
} from "../../../lib/otr/smp/smp_messages.ts";
import { Pair, secret } from "../../helpers/otr_pair.ts";
import { magnitude, Mallory } from "./mallory.ts";

/** Values that generate a trivial or no subgroup. */
const BAD_ELEMENTS: Readonly<Record<string, bigint>> = {
  "0": 0n,
  "1": 1n,
  "p-1": p - 1n,
  "p": p,
  "p+1": p + 1n,
  "2^1600": 1n << 1600n,
};

for (const [name, value] of Object.entries(BAD_ELEMENTS)) {
  Deno.test(`D-H public key ${name} is refused in a D-H Key message`, () => {
    const pair = new Pair();
    pair.does("alice", (it, now) => it.query(now));
    pair.deliver("bob");
    pair.deliver("alice");
    const [honest = ""] = pair.intercept("alice");
    const message = parseOtrMessage(honest);
    assert(message.type === "dh-key");
    pair.hears("bob", writeOtrMessage({ ...message, gy: magnitude(value) }));
    assertEquals(pair.intercept("bob"), []);
    assertEquals(
      pair.taken("bob", "peer-error").map((it) => it.error.code),
      ["otr/bad-dh-key"],
    );
    // The state is as it was: the honest key still completes the exchange.
    pair.hears("bob", honest).run();
    assertEquals(pair.bob.messageState, "encrypted");
  });

  Deno.test(`D-H public key ${name} is refused when a Reveal Signature opens a Commit to it`, () => {
    const pair = new Pair();
    const r = new Uint8Array(16).fill(7);
    const gx = mpi(value);
    const header = { version: 3, senderTag: 0x1000_0001, prefix: "", suffix: "" } as const;
    pair.hears(
      "bob",
      writeOtrMessage({
        ...header,
        receiverTag: 0,
        type: "dh-commit",
        encryptedGx: aesCtr(r, new Uint8Array(8), gx),
        hashedGx: sha256(gx),
      }),
    );
    assertEquals(pair.intercept("bob").length, 1);
    pair.hears(
      "bob",
      writeOtrMessage({
        ...header,
        receiverTag: 0x2000_0002,
        type: "reveal-signature",
        revealedKey: r,
        encryptedSignature: new Uint8Array(466),
        mac: new Uint8Array(20),
      }),
    );
    assertEquals(pair.intercept("bob"), []);
    assertEquals(
      pair.taken("bob", "peer-error").map((it) => it.error.code),
      ["otr/bad-dh-key"],
    );
    assertEquals(pair.bob.messageState, "plaintext");
  });

  Deno.test(`D-H public key ${name} is refused as the next key of a Data Message`, () => {
    const mallory = Mallory.encrypted();
    const [honest = ""] = mallory.honest((it, now) => it.sendMessage("honest", now));
    mallory.tell(mallory.rewrite(honest, { nextDh: magnitude(value) }));
    const events = mallory.pair.take("bob");
    assertEquals(events.map((it) => it.type), ["message-unreadable"]);
    assert(events[0]?.type === "message-unreadable");
    assertEquals(events[0].error?.code, "otr/bad-dh-key");
    mallory.pair.hears("bob", honest);
    assertEquals(mallory.pair.heard("bob"), ["honest"]);
  });
}

Deno.test("D-H public key of Bob's own is refused as the next key of a Data Message", () => {
  const mallory = Mallory.encrypted();
  mallory.pair.says("bob", "takes a key along").run();
  const announced = mallory.pair.wire.map((it) => parseOtrMessage(it.message))
    .find((it) => it.type === "data");
  assert(announced?.type === "data");
  const [honest = ""] = mallory.honest((it, now) => it.sendMessage("x", now));
  mallory.tell(mallory.rewrite(honest, { nextDh: announced.nextDh }));
  const [event] = mallory.pair.taken("bob", "message-unreadable");
  assertEquals(event?.error?.code, "otr/bad-dh-key");
});

/** Who sends a message of SMP, and how far Mallory and Bob must be before it. */
const SENT_BY_ASKER: Readonly<Record<SmpMessageName, boolean>> = {
  smp1: true,
  smp2: false,
  smp3: true,
  smp4: false,
};

/** Mallory's next SMP message, which Bob has not heard. She plays the part that sends it. */
function honestSmp(mallory: Mallory, name: SmpMessageName): string {
  const { pair } = mallory;
  const isAsker = SENT_BY_ASKER[name];
  const start = isAsker
    ? mallory.honest((it, now) => it.startSmp(secret("s"), undefined, now))
    : pair.does("bob", (it, now) => it.startSmp(secret("s"), undefined, now)).intercept("bob");
  if (name === "smp1") return start[0] ?? "";
  pair.hears(isAsker ? "bob" : "alice", start[0] ?? "");
  const second = isAsker
    ? pair.does("bob", (it, now) => it.answerSmp(secret("s"), now)).intercept("bob")
    : mallory.honest((it, now) => it.answerSmp(secret("s"), now));
  if (name === "smp2") return second[0] ?? "";
  pair.hears(isAsker ? "alice" : "bob", second[0] ?? "");
  if (isAsker) return pair.intercept("alice")[0] ?? "";
  const [third = ""] = pair.intercept("bob");
  pair.hears("alice", third);
  return pair.intercept("alice")[0] ?? "";
}

/** The message with one number changed. */
function withField(mallory: Mallory, message: string, field: string, value: bigint): string {
  const tlvs: readonly Tlv[] = readPlaintext(mallory.read(message), 10).tlvs.map((tlv) => {
    if (tlv.type < TLV.smp1 || tlv.type > TLV.smp4) return tlv;
    const smp = readSmpMessage(tlv);
    assert("numbers" in smp);
    return writeSmpMessage({ ...smp, numbers: { ...smp.numbers, [field]: value } } as SmpMessage);
  });
  return mallory.rewrite(message, { plaintext: writePlaintext(new Uint8Array(), tlvs) });
}

function numberIn(mallory: Mallory, message: string, field: string): bigint {
  const [tlv] = readPlaintext(mallory.read(message), 10).tlvs;
  const smp = tlv === undefined ? undefined : readSmpMessage(tlv);
  assert(smp !== undefined && "numbers" in smp);
  return (smp.numbers as Record<string, bigint>)[field] ?? 0n;
}

/** Bob aborts, trusts nobody, stays private, and verifies an honest peer afterwards. */
function assertRefused(mallory: Mallory, message: string, why: string): void {
  const { pair } = mallory;
  pair.take("bob");
  const answers = mallory.tell(message);
  const outcomes = pair.taken("bob", "smp");
  assertEquals(outcomes.length, 1, why);
  assert(["cheated", "error"].includes(outcomes[0]?.what ?? ""), `${why}: ${outcomes[0]?.what}`);
  assertEquals(outcomes[0]?.verified, false);
  assertEquals(answers.length, 1, `${why}: expected one abort`);
  assertEquals(pair.bob.isSmpInProgress, false);
  assertEquals(pair.bob.messageState, "encrypted");
}

for (const name of Object.keys(SMP_FIELDS) as SmpMessageName[]) {
  for (const field of SMP_FIELDS[name]) {
    const isElement = /^[gPQR]/.test(field);
    const values: Readonly<Record<string, bigint>> = isElement
      ? BAD_ELEMENTS
      : { "0": 0n, "the order": q, "the order plus 1": q + 1n, "2^1600": 1n << 1600n };
    Deno.test(`SMP ${field} of ${name} is refused when it is out of range or not what was proven`, () => {
      const mallory = Mallory.encrypted({}, 11);
      for (const [what, value] of Object.entries(values)) {
        const message = honestSmp(mallory, name);
        assertRefused(mallory, withField(mallory, message, field, value), `${field} = ${what}`);
        mallory.honest((it, now) => it.abortSmp(now));
        mallory.pair.take("bob");
      }
      const message = honestSmp(mallory, name);
      const honest = numberIn(mallory, message, field);
      const other = isElement ? honest * 4n % p : (honest + 1n) % q;
      assertRefused(mallory, withField(mallory, message, field, other), `${field} is another`);
    });
  }
}

for (const field of ["Pa", "Qa"] as const) {
  Deno.test(`SMP ${field} of smp3 is refused when it is Bob's own of smp2`, () => {
    const mallory = Mallory.encrypted();
    const { pair } = mallory;
    const [first = ""] = mallory.honest((it, now) => it.startSmp(secret("s"), undefined, now));
    mallory.tell(first);
    const [second = ""] = pair.does("bob", (it, now) => it.answerSmp(secret("s"), now))
      .intercept("bob");
    const tlvs = readPlaintext(mallory.readFrom("bob", second), 10).tlvs;
    const smp2 = readSmpMessage(tlvs[0] ?? { type: 6, value: new Uint8Array() });
    assert(smp2.type === "smp2");
    pair.hears("alice", second);
    const [third = ""] = pair.intercept("alice");
    const bobs = field === "Pa" ? smp2.numbers.Pb : smp2.numbers.Qb;
    assertRefused(mallory, withField(mallory, third, field, bobs), field);
  });
}

Deno.test("SMP succeeds when nothing was changed: what is refused above is refused for its numbers", () => {
  for (const name of Object.keys(SMP_FIELDS) as SmpMessageName[]) {
    const mallory = Mallory.encrypted();
    const message = honestSmp(mallory, name);
    const field = SMP_FIELDS[name][0];
    const same = withField(mallory, message, field, numberIn(mallory, message, field));
    mallory.pair.take("bob");
    mallory.tell(same);
    const outcomes = mallory.pair.taken("bob", "smp").map((it) => it.what);
    assert(outcomes.every((it) => it !== "cheated" && it !== "error"), `${name}: ${outcomes}`);
    assertEquals(outcomes.includes("success"), name === "smp3" || name === "smp4");
  }
});
