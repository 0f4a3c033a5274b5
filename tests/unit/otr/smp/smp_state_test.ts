import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import { DH_MODULUS } from "../../../../lib/otr/crypto/arithmetic/mod.ts";
import { sha256 } from "../../../../lib/otr/crypto/hashes.ts";
import {
  abandonSmp,
  abortSmp,
  answerSmp,
  EXPECT1,
  failSmp,
  isInProgress,
  receiveSmpMessage,
  SMP_TRANSITIONS,
  type SmpState,
  type SmpTransition,
  startSmp,
} from "../../../../lib/otr/smp/smp_state.ts";
import { readSmpMessage, type SmpMessage } from "../../../../lib/otr/smp/smp_messages.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const QUESTION = utf8("where?");

/** The message that a transition sends last. */
function sent({ send }: SmpTransition): SmpMessage {
  const tlv = send.at(-1);
  if (tlv === undefined) throw new Error("expected a TLV to send");
  return readSmpMessage(tlv);
}

/** A whole exchange, every step of it. */
function run(x: string, y: string, seed = 1, question: Uint8Array | undefined = undefined) {
  const alice = seededRandom(seed);
  const bob = seededRandom(seed + 1000);
  const started = startSmp(EXPECT1, sha256(utf8(x)), question, alice);
  const asked = receiveSmpMessage(EXPECT1, sent(started), bob);
  if (asked.next.name !== "SMPSTATE_EXPECT1_ASKED") throw new Error("expected to be asked");
  const answered = answerSmp(asked.next, sha256(utf8(y)), bob);
  const third = receiveSmpMessage(started.next, sent(answered), alice);
  const fourth = receiveSmpMessage(answered.next, sent(third), bob);
  const last = receiveSmpMessage(third.next, sent(fourth), alice);
  return { started, asked, answered, third, fourth, last };
}

/** Every state, fresh: secrets are used up by the steps that follow. */
function states(): Record<SmpState["name"], SmpState> {
  const alice = seededRandom(1);
  const bob = seededRandom(1001);
  const started = startSmp(EXPECT1, sha256(utf8("x")), undefined, alice);
  const asked = receiveSmpMessage(EXPECT1, sent(started), bob);
  if (asked.next.name !== "SMPSTATE_EXPECT1_ASKED") throw new Error("expected to be asked");
  const answered = answerSmp(asked.next, sha256(utf8("x")), bob);
  const again = startSmp(EXPECT1, sha256(utf8("x")), undefined, seededRandom(1));
  const third = receiveSmpMessage(again.next, sent(answered), alice);
  return {
    SMPSTATE_EXPECT1: EXPECT1,
    SMPSTATE_EXPECT1_ASKED: asked.next,
    SMPSTATE_EXPECT2: started.next,
    SMPSTATE_EXPECT3: answered.next,
    SMPSTATE_EXPECT4: third.next,
  };
}

/**
 * "The SMP state machine", written down by hand from the specification: next state, TLV
 * that is sent, what the user is told.
 */
const EXPECTED: Record<SmpState["name"], Record<string, readonly [string, string, string]>> = {
  SMPSTATE_EXPECT1: {
    smp1: ["SMPSTATE_EXPECT1_ASKED", "nothing", "asked"],
    smp2: ["SMPSTATE_EXPECT1", "abort", "error"],
    smp3: ["SMPSTATE_EXPECT1", "abort", "error"],
    smp4: ["SMPSTATE_EXPECT1", "abort", "error"],
    abort: ["SMPSTATE_EXPECT1", "nothing", "nothing"],
  },
  SMPSTATE_EXPECT1_ASKED: {
    smp1: ["SMPSTATE_EXPECT1_ASKED", "nothing", "asked"],
    smp2: ["SMPSTATE_EXPECT1", "abort", "error"],
    smp3: ["SMPSTATE_EXPECT1", "abort", "error"],
    smp4: ["SMPSTATE_EXPECT1", "abort", "error"],
    abort: ["SMPSTATE_EXPECT1", "nothing", "aborted"],
  },
  SMPSTATE_EXPECT2: {
    smp1: ["SMPSTATE_EXPECT1", "abort", "aborted"],
    smp2: ["SMPSTATE_EXPECT4", "smp3", "in-progress"],
    smp3: ["SMPSTATE_EXPECT1", "abort", "error"],
    smp4: ["SMPSTATE_EXPECT1", "abort", "error"],
    abort: ["SMPSTATE_EXPECT1", "nothing", "aborted"],
  },
  SMPSTATE_EXPECT3: {
    smp1: ["SMPSTATE_EXPECT1", "abort", "aborted"],
    smp2: ["SMPSTATE_EXPECT1", "abort", "error"],
    smp3: ["SMPSTATE_EXPECT1", "smp4", "success"],
    smp4: ["SMPSTATE_EXPECT1", "abort", "error"],
    abort: ["SMPSTATE_EXPECT1", "nothing", "aborted"],
  },
  SMPSTATE_EXPECT4: {
    smp1: ["SMPSTATE_EXPECT1", "abort", "aborted"],
    smp2: ["SMPSTATE_EXPECT1", "abort", "error"],
    smp3: ["SMPSTATE_EXPECT1", "abort", "error"],
    smp4: ["SMPSTATE_EXPECT1", "nothing", "success"],
    // How potr says that the secrets differ.
    abort: ["SMPSTATE_EXPECT1", "nothing", "failure"],
  },
};

for (const [name, row] of Object.entries(EXPECTED)) {
  for (const [message, [next, sends, what]] of Object.entries(row)) {
    Deno.test(`receiveSmpMessage() in ${name} given ${message}: ${next}, ${sends}, ${what}`, () => {
      const exchange = run("x", "x");
      const messages: Record<string, SmpMessage> = {
        smp1: sent(exchange.started),
        smp2: sent(exchange.answered),
        smp3: sent(exchange.third),
        smp4: sent(exchange.fourth),
        abort: { type: "abort" },
      };
      const state = states()[name as SmpState["name"]];
      const transition = receiveSmpMessage(
        state,
        messages[message] ?? { type: "abort" },
        seededRandom(3),
      );
      assertEquals(transition.next.name, next);
      assertEquals(transition.send.length === 0 ? "nothing" : sent(transition).type, sends);
      assertEquals(transition.outcome?.what ?? "nothing", what);
    });
  }
}

Deno.test("SMP_TRANSITIONS has a cell for every state and message", () => {
  assertEquals(Object.keys(SMP_TRANSITIONS), Object.keys(EXPECTED));
  for (const cells of Object.values(SMP_TRANSITIONS)) {
    assertEquals(Object.keys(cells), ["smp1", "smp2", "smp3", "smp4"]);
  }
});

Deno.test("SMP tells both sides success for one secret and failure for two", () => {
  for (
    const [x, y, what] of [["s", "s", "success"], ["s", "t", "failure"], [
      "",
      "",
      "success",
    ]] as const
  ) {
    const { fourth, last } = run(x, y);
    assertEquals([fourth.outcome?.what, fourth.outcome?.role], [what, "responder"]);
    assertEquals([last.outcome?.what, last.outcome?.role], [what, "initiator"]);
  }
});

Deno.test("SMP carries the question to every outcome", () => {
  const { asked, answered, third, fourth, last } = run("x", "x", 1, QUESTION);
  for (const { outcome } of [asked, answered, third, fourth, last]) {
    assertEquals(outcome?.question, QUESTION);
  }
});

Deno.test("SMP never sends the same numbers for the same secret", () => {
  const [one, two] = [run("x", "x", 1), run("x", "x", 2)];
  assertNotEquals(sent(one.started), sent(two.started));
  assertNotEquals(sent(one.answered), sent(two.answered));
});

/** The message with one number changed. */
function changed(message: SmpMessage, field: string, value: bigint): SmpMessage {
  if (message.type === "abort") throw new Error("an abort has no numbers");
  return { ...message, numbers: { ...message.numbers, [field]: value } } as SmpMessage;
}

/** Which state every message belongs to, and its group elements. */
const ELEMENTS = {
  SMPSTATE_EXPECT1: ["started", ["g2a", "g3a"]],
  SMPSTATE_EXPECT2: ["answered", ["g2b", "g3b", "Pb", "Qb"]],
  SMPSTATE_EXPECT3: ["third", ["Pa", "Qa", "Ra"]],
  SMPSTATE_EXPECT4: ["fourth", ["Rb"]],
} as const;

for (const [name, [from, fields]] of Object.entries(ELEMENTS)) {
  for (const field of fields) {
    Deno.test(`receiveSmpMessage() in ${name} refuses ${field} out of range as cheating`, () => {
      const message = sent(run("x", "x")[from]);
      for (const value of [0n, 1n, DH_MODULUS - 1n, DH_MODULUS, DH_MODULUS + 1n, DH_MODULUS - 4n]) {
        const state = states()[name as SmpState["name"]];
        const { next, send, outcome } = receiveSmpMessage(
          state,
          changed(message, field, value),
          seededRandom(1),
        );
        assertEquals(next, EXPECT1);
        assertEquals(send.map(readSmpMessage), [{ type: "abort" }]);
        assertEquals(outcome?.what, "cheated");
        assertEquals(outcome?.error?.code, "otr/bad-smp-value");
      }
    });
  }

  Deno.test(`receiveSmpMessage() in ${name} refuses every proof that does not hold`, () => {
    const message = sent(run("x", "x")[from]);
    if (message.type === "abort") throw new Error("unreachable");
    for (const [field, value] of Object.entries(message.numbers)) {
      const state = states()[name as SmpState["name"]];
      const wrong = changed(
        message,
        field,
        field.startsWith("D") || field.startsWith("c") ? value + 1n : value * 4n % DH_MODULUS,
      );
      const { outcome } = receiveSmpMessage(state, wrong, seededRandom(1));
      assertEquals(outcome?.what, "cheated", field);
    }
  });
}

Deno.test("receiveSmpMessage() refuses Pa and Qa that are our own", () => {
  const exchange = run("x", "x");
  const third = sent(exchange.third);
  const answered = sent(exchange.answered);
  if (answered.type !== "smp2") throw new Error("unreachable");
  for (
    const [field, value] of [["Pa", answered.numbers.Pb], ["Qa", answered.numbers.Qb]] as const
  ) {
    const { outcome } = receiveSmpMessage(
      states().SMPSTATE_EXPECT3,
      changed(third, field, value),
      seededRandom(1),
    );
    assertEquals([outcome?.what, outcome?.error?.code], ["cheated", "otr/bad-smp-value"]);
  }
});

Deno.test("startSmp() aborts whatever is going on first, an open question too", () => {
  const lengths = Object.entries(states()).map(([name, state]) => {
    const { send, next } = startSmp(state, sha256(utf8("x")), undefined, seededRandom(1));
    assertEquals(next.name, "SMPSTATE_EXPECT2");
    return [name, send.map((it) => readSmpMessage(it).type).join()];
  });
  assertEquals(Object.fromEntries(lengths), {
    SMPSTATE_EXPECT1: "smp1",
    SMPSTATE_EXPECT1_ASKED: "abort,smp1",
    SMPSTATE_EXPECT2: "abort,smp1",
    SMPSTATE_EXPECT3: "abort,smp1",
    SMPSTATE_EXPECT4: "abort,smp1",
  });
});

Deno.test("abortSmp() sends the abort in all cases and tells only of what was going on", () => {
  for (const [name, state] of Object.entries(states())) {
    const { next, send, outcome } = abortSmp(state);
    assertEquals(next, EXPECT1);
    assertEquals(send.map(readSmpMessage), [{ type: "abort" }]);
    assertEquals(outcome?.what, name === "SMPSTATE_EXPECT1" ? undefined : "aborted");
  }
});

Deno.test("abandonSmp() forgets without a word to the peer", () => {
  for (const state of Object.values(states())) {
    const { next, send } = abandonSmp(state);
    assertEquals([next, send.length], [EXPECT1, 0]);
  }
});

Deno.test("failSmp() tells a malformed message from a cheat", () => {
  const errorOf = (code: "otr/bad-smp-message" | "otr/smp-proof-failed") =>
    failSmp(EXPECT1, new PeerError(code, "a rule", "a message")).outcome?.what;
  assertEquals(errorOf("otr/bad-smp-message"), "error");
  assertEquals(errorOf("otr/smp-proof-failed"), "cheated");
});

Deno.test("isInProgress() counts an open question", () => {
  const progress = Object.values(states()).map(isInProgress);
  assertEquals(progress, [false, true, true, true, true]);
});

Deno.test("SMP states overwrite their secrets when they are left", () => {
  const { SMPSTATE_EXPECT2: two, SMPSTATE_EXPECT3: three, SMPSTATE_EXPECT4: four } = states();
  assert(
    two.name === "SMPSTATE_EXPECT2" && three.name === "SMPSTATE_EXPECT3" &&
      four.name === "SMPSTATE_EXPECT4",
  );
  for (const state of [two, three, four]) {
    receiveSmpMessage(state, { type: "abort" }, seededRandom(1));
  }
  for (const secret of [two.x, two.a2, two.a3, three.b3, four.a3]) {
    assertEquals(secret, new Uint8Array(secret.length));
  }
});
