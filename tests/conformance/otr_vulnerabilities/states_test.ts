/** What an attacker wins by doing the right thing at the wrong time: nothing. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import {
  parseOtrMessage,
  readPlaintext,
  TLV,
  type Tlv,
  writeOtrMessage,
  writePlaintext,
} from "../../../lib/otr/mod.ts";
import { kinds, Pair, secret } from "../../helpers/otr_pair.ts";
import { Mallory } from "./mallory.ts";

const DISCONNECT: Tlv = { type: TLV.disconnected, value: new Uint8Array() };
const ABORT: Tlv = { type: TLV.smpAbort, value: new Uint8Array() };

/** Bob was asked and has not answered. */
function bobIsAsked(question?: string): Pair {
  const pair = Pair.encrypted();
  pair.does("alice", (it, now) => it.startSmp(secret("s"), question, now)).run();
  assertEquals(pair.taken("bob", "smp").map((it) => it.what), ["asked"]);
  return pair;
}

function assertCannotAnswer(pair: Pair): void {
  const error = assertThrows(
    () => pair.does("bob", (it, now) => it.answerSmp(secret("s"), now)),
    SottoError,
  );
  assert(["otr/no-smp-question", "otr/not-encrypted"].includes(error.code), error.code);
}

function assertCanVerify(pair: Pair): void {
  pair.take("alice");
  pair.take("bob");
  pair.does("alice", (it, now) => it.startSmp(secret("s"), undefined, now)).run();
  pair.does("bob", (it, now) => it.answerSmp(secret("s"), now)).run();
  assertEquals(pair.taken("alice", "smp").at(-1)?.what, "success");
  assertEquals(pair.taken("bob", "smp").at(-1)?.what, "success");
}

Deno.test("CVE-2015-8833 the peer ends the session while its question is open", () => {
  const pair = bobIsAsked("colour?");
  pair.does("alice", (it, now) => it.endSession(now)).run();
  assertEquals(pair.bob.messageState, "finished");
  assertEquals(pair.bob.isSmpInProgress, false);
  assertCannotAnswer(pair);
});

Deno.test("CVE-2015-8833 the peer ends it in the very message that asks", () => {
  const mallory = Mallory.encrypted();
  const [asking = ""] = mallory.honest((it, now) => it.startSmp(secret("s"), "q", now));
  const { tlvs } = readPlaintext(mallory.read(asking), 10);
  const plaintext = writePlaintext(new Uint8Array(), [...tlvs, DISCONNECT, ...tlvs]);
  mallory.tell(mallory.rewrite(asking, { plaintext }));
  assertEquals(mallory.pair.bob.messageState, "finished");
  assertEquals(mallory.pair.bob.isSmpInProgress, false);
  assertCannotAnswer(mallory.pair);
});

Deno.test("CVE-2015-8833 the peer aborts while its question is open", () => {
  const pair = bobIsAsked("colour?");
  pair.does("alice", (it, now) => it.abortSmp(now)).run();
  assertEquals(pair.taken("bob", "smp").map((it) => it.what), ["aborted"]);
  assertCannotAnswer(pair);
  assertCanVerify(pair);
});

Deno.test("CVE-2015-8833 the peer asks anew while its question is open", () => {
  const pair = bobIsAsked("first?");
  pair.does("alice", (it, now) => it.startSmp(secret("t"), "second?", now)).run();
  assertEquals(pair.taken("bob", "smp").at(-1)?.question, "second?");
  pair.does("bob", (it, now) => it.answerSmp(secret("t"), now)).run();
  assertEquals(pair.taken("alice", "smp").at(-1)?.what, "success");
});

Deno.test("CVE-2015-8833 two questions in one message leave one at most, and no harm", () => {
  const mallory = Mallory.encrypted();
  const [asking = ""] = mallory.honest((it, now) => it.startSmp(secret("s"), "q", now));
  const { tlvs } = readPlaintext(mallory.read(asking), 10);
  const plaintext = writePlaintext(new Uint8Array(), [...tlvs, ...tlvs, ABORT, ...tlvs, ABORT]);
  mallory.tell(mallory.rewrite(asking, { plaintext }));
  assertEquals(mallory.pair.bob.isSmpInProgress, false);
  assertEquals(mallory.pair.bob.messageState, "encrypted");
  assertCannotAnswer(mallory.pair);
});

Deno.test("CVE-2015-8833 Bob asks as well while the peer's question is open", () => {
  const pair = bobIsAsked("colour?");
  pair.does("bob", (it, now) => it.startSmp(secret("b"), undefined, now)).run();
  assertCanVerify(pair);
});

Deno.test("AKE restart during SMP forgets the exchange, on both sides", () => {
  for (const starter of ["alice", "bob"] as const) {
    const pair = bobIsAsked("colour?");
    const before = pair.bob.ssid;
    pair.does(starter, (it, now) => it.query(now)).run();
    assert(pair.bob.ssid !== before);
    assertEquals(pair.bob.ssid, pair.alice.ssid);
    assertEquals(pair.bob.isSmpInProgress, false);
    assertEquals(pair.alice.isSmpInProgress, false);
    assertCannotAnswer(pair);
    assertCanVerify(pair);
  }
});

Deno.test("AKE restart between SMP messages 2 and 3 cannot carry a proof into the new session", () => {
  const pair = bobIsAsked();
  pair.does("bob", (it, now) => it.answerSmp(secret("s"), now));
  const [second = ""] = pair.intercept("bob");
  pair.does("alice", (it, now) => it.query(now)).run();
  pair.take("alice");
  pair.hears("alice", second).run();
  assertEquals(pair.taken("alice", "smp"), []);
  assertCanVerify(pair);
});

Deno.test("AKE restart after SMP: the new session is not verified by the old one's success", () => {
  const pair = Pair.encrypted();
  assertCanVerify(pair);
  pair.does("alice", (it, now) => it.query(now)).run();
  assertEquals(pair.taken("bob", "smp"), []);
  assertCanVerify(pair);
});

Deno.test("data after Finished is not shown, whether it is new, old or in the clear", () => {
  const mallory = Mallory.encrypted();
  const { pair } = mallory;
  const [old = ""] = mallory.honest((it, now) => it.sendMessage("before the end", now));
  const [later = ""] = mallory.honest((it, now) => it.sendMessage("kept back", now));
  mallory.tell(old);
  const [end = ""] = mallory.honest((it, now) => it.endSession(now));
  mallory.tell(end);
  pair.take("bob");
  for (const message of [old, later, end, mallory.rewrite(later, { counter: counterOf(99) })]) {
    mallory.tell(message);
  }
  assertEquals(pair.taken("bob", "message-received"), []);
  assertEquals(pair.bob.messageState, "finished");
  mallory.tell("in the clear");
  const [plain] = pair.taken("bob", "message-received");
  assertEquals([plain?.encrypted, plain?.warning], [false, "unencrypted"]);
});

Deno.test("data after Finished: nothing of Bob's goes out until he says so", () => {
  const pair = Pair.encrypted();
  pair.does("alice", (it, now) => it.endSession(now)).run();
  pair.wire.length = 0;
  pair.says("bob", "secret").run();
  assertEquals(pair.wire, []);
  assertEquals(pair.taken("bob", "message-refused").length, 1);
});

Deno.test("data behind a disconnect record in the same message is not acted upon", () => {
  const mallory = Mallory.encrypted();
  const [message = ""] = mallory.honest((it, now) => it.sendMessage("x", now));
  const extra: Tlv = { type: TLV.extraKey, value: new Uint8Array(8) };
  const plaintext = writePlaintext(new Uint8Array(), [DISCONNECT, extra, ABORT, DISCONNECT]);
  const answers = mallory.tell(mallory.rewrite(message, { plaintext }));
  assertEquals(answers, []);
  assertEquals(mallory.pair.take("bob").filter((it) => it.type === "extra-key"), []);
  assertEquals(mallory.pair.bob.messageState, "finished");
});

Deno.test("replays, counters of zero and counters that fall are refused", () => {
  const mallory = Mallory.encrypted();
  const [first = ""] = mallory.honest((it, now) => it.sendMessage("first", now));
  const [second = ""] = mallory.honest((it, now) => it.sendMessage("second", now));
  const refused = (message: string): void => {
    mallory.tell(message);
    assertEquals(mallory.pair.take("bob").map((it) => it.type), ["message-unreadable"]);
  };
  refused(mallory.rewrite(first, { counter: counterOf(0) }));
  mallory.tell(second);
  assertEquals(mallory.pair.heard("bob"), ["second"]);
  refused(second);
  refused(first);
});

Deno.test("a MAC key is revealed only when nothing is accepted under it any more", () => {
  const mallory = Mallory.encrypted();
  const { pair } = mallory;
  const kept: string[] = [];
  const revealed: Uint8Array[] = [];
  for (let turn = 0; turn < 12; turn++) {
    // A burst of three of which one is held back, so that old keys stay in use for a while.
    for (let part = 0; part < 3; part++) {
      const [message = ""] = mallory.honest((it, now) => it.sendMessage(`${turn}.${part}`, now));
      if (part === 1) kept.push(message);
      else pair.hears("bob", message);
    }
    pair.says("bob", `answer ${turn}`);
    for (const message of pair.intercept("bob")) {
      const data = parseOtrMessage(message);
      assert(data.type === "data");
      for (let at = 0; at < data.oldMacKeys.length; at += 20) {
        revealed.push(data.oldMacKeys.slice(at, at + 20));
      }
      pair.hears("alice", message);
    }
  }
  mallory.listen();
  assert(revealed.length > 5, `${revealed.length} keys were revealed`);
  pair.take("bob");
  // Whatever Bob still accepts was not made under a key that he gave away.
  for (const message of kept) {
    const data = parseOtrMessage(message);
    assert(data.type === "data");
    const wasAccepted = ((): boolean => {
      pair.hears("bob", message);
      return pair.taken("bob", "message-received").length > 0;
    })();
    const isRevealed = revealed.some((key) => mallory.isMacKeyOf(message, key));
    assert(!(wasAccepted && isRevealed), "accepted under a revealed key");
  }
});

Deno.test("a message that anybody can forge with revealed keys is refused", () => {
  const mallory = Mallory.encrypted();
  const { pair } = mallory;
  const [early = ""] = mallory.honest((it, now) => it.sendMessage("early", now));
  pair.hears("bob", early);
  for (let turn = 0; turn < 4; turn++) {
    pair.says("bob", "on").run().says("alice", "on").run();
  }
  const data = parseOtrMessage(early);
  assert(data.type === "data");
  const reveals = pair.wire.flatMap(({ from, message }) => {
    const it = parseOtrMessage(message);
    return from === "bob" && it.type === "data" ? [it.oldMacKeys] : [];
  });
  const keys = reveals.flatMap((it) =>
    Array.from({ length: it.length / 20 }, (_, at) => it.subarray(20 * at, 20 * at + 20))
  );
  assert(keys.some((key) => mallory.isMacKeyOf(early, key)), "the key was never revealed");
  pair.take("bob");
  mallory.tell(mallory.rewrite(early, { counter: counterOf(7) }));
  assertEquals(pair.taken("bob", "message-received"), []);
});

Deno.test("downgrade: version 3 is chosen whenever both have it", () => {
  for (const query of ["?OTRv23?", "?OTRv32?", "?OTR?v23?", "?OTRv2345?"]) {
    const pair = new Pair();
    pair.hears("bob", query);
    const [commit] = pair.intercept("bob").map((it) => parseOtrMessage(it));
    assert(commit?.type === "dh-commit");
    assertEquals(commit.version, 3);
  }
});

Deno.test("downgrade: whoever allows version 3 alone is not talked into version 2", () => {
  const v3 = { policy: { versions: [3] as const } };
  const pair = new Pair(v3, v3);
  const old = new Pair({ policy: { versions: [2] } }, { policy: { versions: [2] } });
  old.does("alice", (it, now) => it.query(now)).run();
  for (const { message } of old.wire) pair.hears("bob", message);
  assertEquals(pair.intercept("bob").filter((it) => it.startsWith("?OTR")), []);
  assertEquals(pair.bob.messageState, "plaintext");
});

Deno.test("downgrade: a Data Message of version 3 does not pass as one of version 2", () => {
  const pair = Pair.encrypted();
  pair.says("alice", "x");
  const [message = ""] = pair.intercept("alice");
  const data = parseOtrMessage(message);
  assert(data.type === "data");
  pair.hears("bob", writeOtrMessage({ ...data, version: 2, senderTag: 0, receiverTag: 0 }));
  assertEquals(pair.heard("bob"), []);
  pair.hears("bob", message);
  assertEquals(pair.heard("bob"), ["x"]);
});

Deno.test("identity: neither query nor tag nor error says who we are", () => {
  const texts = (["alice", "bob"] as const).map((side) => {
    const options = { policy: { sendWhitespaceTag: true } };
    const pair = new Pair(options, options);
    pair.does(side, (it, now) => it.query(now)).says(side, "hello");
    const v2 = { policy: { versions: [2] as const } }; // No instance tag says whom it is for.
    const unreadable = Pair.encrypted(v2, v2);
    unreadable.says("alice", "x");
    pair.hears(side, unreadable.intercept("alice")[0] ?? "");
    return pair.intercept(side);
  });
  // Two people with other keys, tags and names send the same octets.
  assertEquals(texts[0], texts[1]);
  assertEquals(texts[0]?.length, 3);
});

/** Two clients whose versions never meet, both of which insist and start again at every error. */
function stubborn(): Pair {
  const insist = { requireEncryption: true, errorStartAke: true, whitespaceStartAke: true };
  return new Pair(
    { policy: { ...insist, versions: [2] } },
    { policy: { ...insist, versions: [3] } },
  );
}

Deno.test("error floods: two clients that both insist and never agree come to rest", () => {
  const pair = stubborn();
  pair.says("alice", "let me in").says("bob", "no, me").run();
  pair.hears("alice", "?OTR Error: what?").hears("bob", "?OTR Error: what?").run();
  assert(pair.wire.length < 30, `${pair.wire.length} messages`);
  assertEquals(pair.wire.filter((it) => it.message.includes("let me in")), []);
});

Deno.test("error floods: an error message is never answered by an error message", () => {
  const pair = Pair.encrypted({ policy: { errorStartAke: true } }, {
    policy: { errorStartAke: true },
  });
  for (let count = 0; count < 500; count++) pair.hears("bob", "?OTR Error: again");
  const answers = kinds(pair.intercept("bob"));
  assertEquals(answers.filter((it) => it === "error"), []);
  assert(answers.length <= 2, `${answers.length} queries`);
});

Deno.test("error floods: unreadable messages are answered a few times, then no more", () => {
  const pair = new Pair();
  const other = Pair.encrypted();
  for (let count = 0; count < 500; count++) {
    other.says("alice", `${count}`);
    for (const message of other.intercept("alice")) pair.hears("bob", message);
  }
  const answers = kinds(pair.intercept("bob"));
  assert(answers.length >= 1 && answers.length <= 5, `${answers.length} errors`);
});

Deno.test("error floods: two that lost their states and answer each other come to rest", () => {
  const options = { policy: { errorStartAke: true, requireEncryption: true } };
  const pair = new Pair(options, options);
  const stale = Pair.encrypted();
  stale.says("alice", "x").says("bob", "y");
  pair.hears("bob", stale.intercept("alice")[0] ?? "");
  pair.hears("alice", stale.intercept("bob")[0] ?? "");
  pair.run();
  assert(pair.wire.length < 40, `${pair.wire.length} messages`);
  assertEquals([pair.alice.messageState, pair.bob.messageState], ["encrypted", "encrypted"]);
});

Deno.test("a peer that invents ever new instances is not remembered without end", () => {
  const pair = Pair.encrypted();
  pair.says("alice", "one").run();
  const commit = new Pair();
  commit.hears("alice", "?OTRv3?");
  const message = parseOtrMessage(commit.intercept("alice")[0] ?? "");
  assert(message.type === "dh-commit");
  for (let tag = 0x4000_0000; tag < 0x4000_0800; tag++) {
    pair.hears("bob", writeOtrMessage({ ...message, senderTag: tag }));
    pair.intercept("bob");
    pair.take("bob");
  }
  assert(pair.bob.instances().length <= 16);
  pair.says("alice", "still here").run();
  assertEquals(pair.heard("bob"), ["still here"]);
});

function counterOf(value: number): Uint8Array {
  const counter = new Uint8Array(8);
  counter[7] = value;
  return counter;
}
