import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concatBytes } from "../../../../lib/base/bytes.ts";
import { PeerError } from "../../../../lib/base/errors.ts";
import {
  AKE_TRANSITIONS,
  type AkeState,
  AUTH_NONE,
  copyAwaitingDhKey,
  receiveAkeMessage,
  startAke,
  wipeAkeState,
} from "../../../../lib/otr/ake/ake_state.ts";
import { DH_MODULUS, fromBigInt } from "../../../../lib/otr/crypto/arithmetic/mod.ts";
import { aesCtr, ZERO_COUNTER } from "../../../../lib/otr/crypto/aes_ctr.ts";
import { mpi } from "../../../../lib/otr/crypto/dh_group.ts";
import { sha256 } from "../../../../lib/otr/crypto/hashes.ts";
import type { AkeBody } from "../../../../lib/otr/mod.ts";
import { akeContext, runAke, sentBy, step } from "../../../helpers/otr_ake.ts";

/** The messages of the table: a Commit and a Key come in two kinds. */
const MESSAGES = [
  "lower D-H Commit",
  "higher D-H Commit",
  "same D-H Key",
  "other D-H Key",
  "Reveal Signature",
  "Signature",
] as const;
type MessageName = (typeof MESSAGES)[number];
type StateName = AkeState["name"];

/**
 * "State transitions", written down by hand from the specification: the next state, and
 * what is sent. "new" is a D-H Key that was not sent before, "again" repeats.
 */
const EXPECTED: Record<StateName, Record<MessageName, readonly [StateName, string]>> = {
  AUTHSTATE_NONE: {
    "lower D-H Commit": ["AUTHSTATE_AWAITING_REVEALSIG", "new dh-key"],
    "higher D-H Commit": ["AUTHSTATE_AWAITING_REVEALSIG", "new dh-key"],
    "same D-H Key": ["AUTHSTATE_NONE", "nothing"],
    "other D-H Key": ["AUTHSTATE_NONE", "nothing"],
    "Reveal Signature": ["AUTHSTATE_NONE", "nothing"],
    "Signature": ["AUTHSTATE_NONE", "nothing"],
  },
  AUTHSTATE_AWAITING_DHKEY: {
    "lower D-H Commit": ["AUTHSTATE_AWAITING_DHKEY", "dh-commit again"],
    "higher D-H Commit": ["AUTHSTATE_AWAITING_REVEALSIG", "new dh-key"],
    "same D-H Key": ["AUTHSTATE_AWAITING_SIG", "new reveal-signature"],
    "other D-H Key": ["AUTHSTATE_AWAITING_SIG", "new reveal-signature"],
    "Reveal Signature": ["AUTHSTATE_AWAITING_DHKEY", "nothing"],
    "Signature": ["AUTHSTATE_AWAITING_DHKEY", "nothing"],
  },
  AUTHSTATE_AWAITING_REVEALSIG: {
    "lower D-H Commit": ["AUTHSTATE_AWAITING_REVEALSIG", "dh-key again"],
    "higher D-H Commit": ["AUTHSTATE_AWAITING_REVEALSIG", "dh-key again"],
    "same D-H Key": ["AUTHSTATE_AWAITING_REVEALSIG", "nothing"],
    "other D-H Key": ["AUTHSTATE_AWAITING_REVEALSIG", "nothing"],
    "Reveal Signature": ["AUTHSTATE_NONE", "new signature"],
    "Signature": ["AUTHSTATE_AWAITING_REVEALSIG", "nothing"],
  },
  AUTHSTATE_AWAITING_SIG: {
    "lower D-H Commit": ["AUTHSTATE_AWAITING_REVEALSIG", "new dh-key"],
    "higher D-H Commit": ["AUTHSTATE_AWAITING_REVEALSIG", "new dh-key"],
    "same D-H Key": ["AUTHSTATE_AWAITING_SIG", "reveal-signature again"],
    "other D-H Key": ["AUTHSTATE_AWAITING_SIG", "nothing"],
    "Reveal Signature": ["AUTHSTATE_AWAITING_SIG", "nothing"],
    "Signature": ["AUTHSTATE_NONE", "nothing"],
  },
};

/** A side in the wanted state, what it sent to get there, and the honest messages for it. */
function prepare(name: StateName) {
  const run = runAke(1);
  const other = runAke(50);
  const honest: Record<MessageName, AkeBody> = {
    "lower D-H Commit": {
      type: "dh-commit",
      encryptedGx: new Uint8Array(196),
      hashedGx: new Uint8Array(32),
    },
    "higher D-H Commit": {
      type: "dh-commit",
      encryptedGx: new Uint8Array(196),
      hashedGx: new Uint8Array(32).fill(0xff),
    },
    "same D-H Key": sentBy(run.answered),
    "other D-H Key": sentBy(other.answered),
    "Reveal Signature": sentBy(run.revealed),
    "Signature": sentBy(run.signed),
  };
  // The run is over and its secrets are gone: the same randomness makes the state anew.
  const bob = akeContext("bob", 1);
  const alice = akeContext("alice", 1001);
  switch (name) {
    case "AUTHSTATE_NONE":
      return { state: AUTH_NONE as AkeState, context: bob, honest, before: [] as AkeBody[] };
    case "AUTHSTATE_AWAITING_DHKEY": {
      const { next, send } = startAke(3, bob);
      return { state: next, context: bob, honest, before: send ? [send.body] : [] };
    }
    case "AUTHSTATE_AWAITING_REVEALSIG": {
      const { next, send } = step(AUTH_NONE, sentBy(run.committed), alice);
      return { state: next, context: alice, honest, before: send ? [send.body] : [] };
    }
    case "AUTHSTATE_AWAITING_SIG": {
      const { next, send } = step(startAke(3, bob).next, honest["same D-H Key"], bob);
      return { state: next, context: bob, honest, before: send ? [send.body] : [] };
    }
  }
}

for (const [state, row] of Object.entries(EXPECTED)) {
  for (const message of MESSAGES) {
    const [next, sent] = row[message];
    Deno.test(`receiveAkeMessage() in ${state} given a ${message}: ${next}, ${sent}`, () => {
      const { state: from, context, honest, before } = prepare(state as StateName);
      const transition = receiveAkeMessage(from, honest[message], 3, context);
      assertEquals(transition?.next.name ?? from.name, next);
      const body = transition?.send?.body;
      if (sent === "nothing") return assertEquals(body, undefined);
      const isAgain = sent.endsWith(" again");
      assertEquals(body?.type, sent.replace(/^new | again$/g, ""));
      assertEquals(before.some((it) => Deno.inspect(it) === Deno.inspect(body)), isAgain);
    });
  }
}

Deno.test("AKE_TRANSITIONS has a cell for every state and message", () => {
  assertEquals(Object.keys(AKE_TRANSITIONS), Object.keys(EXPECTED));
  for (const cells of Object.values(AKE_TRANSITIONS)) {
    assertEquals(Object.keys(cells), ["dh-commit", "dh-key", "reveal-signature", "signature"]);
  }
});

Deno.test("receiveAkeMessage() ends with the same session and each other's identity on both sides", () => {
  for (const version of [2, 3] as const) {
    const { signed, completed } = runAke(3, version);
    const [a, b] = [signed.result, completed.result];
    assert(a !== undefined && b !== undefined);
    assertEquals([a.version, b.version], [version, version]);
    assertEquals(a.ssid, b.ssid);
    assertEquals([a.ssidHalf, b.ssidHalf], ["second", "first"]);
    assertEquals(a.theirs, b.ours.publicKey);
    assertEquals(b.theirs, a.ours.publicKey);
    assertEquals([a.theirKeyId, b.theirKeyId], [1, 1]);
  }
});

Deno.test("receiveAkeMessage() resends the Commit of a tie unchanged and stays", () => {
  const context = akeContext("alice", 9);
  const { next, send } = startAke(3, context);
  const low: AkeBody = {
    type: "dh-commit",
    encryptedGx: new Uint8Array(1),
    hashedGx: new Uint8Array(32),
  };
  const transition = step(next, low, context);
  assertStrictEquals(transition.next, next);
  assertEquals(transition.send?.body, send?.body);
});

Deno.test("receiveAkeMessage() answers a Commit of another version instead of comparing hashes", () => {
  const context = akeContext("alice", 9);
  const low: AkeBody = {
    type: "dh-commit",
    encryptedGx: new Uint8Array(1),
    hashedGx: new Uint8Array(32),
  };
  const transition = step(startAke(3, context).next, low, context, 2);
  assertEquals(transition.send?.body.type, "dh-key");
  assertEquals(transition.send?.version, 2);
  const repeated = step(transition.next, low, context, 3);
  assertNotEquals(repeated.send?.body, transition.send?.body);
});

Deno.test("receiveAkeMessage() takes the last Commit while it waits for the Reveal Signature", () => {
  const alice = akeContext("alice", 1);
  const bob = akeContext("bob", 2);
  const first = startAke(3, bob);
  const answered = step(AUTH_NONE, sentBy(first), alice);
  const second = startAke(3, bob);
  const repeated = step(answered.next, sentBy(second), alice);
  assertEquals(repeated.send, answered.send);
  const revealed = step(second.next, sentBy(repeated), bob);
  assert(step(repeated.next, sentBy(revealed), alice).result !== undefined);
});

/** What `run` is refused for. */
function codeOf(run: () => unknown): string {
  return assertThrows(run, PeerError).code;
}

Deno.test("receiveAkeMessage() refuses D-H keys that are out of range or our own", () => {
  const context = akeContext("alice", 4);
  const { next } = startAke(3, context);
  assert(next.name === "AUTHSTATE_AWAITING_DHKEY");
  const p = DH_MODULUS;
  for (const gy of [0n, 1n, p - 1n, p, p + 1n, next.x.publicKey]) {
    const body = { type: "dh-key", gy: fromBigInt(gy) } as const;
    assertEquals(codeOf(() => receiveAkeMessage(next, body, 3, context)), "otr/bad-dh-key");
  }
});

Deno.test("receiveAkeMessage() refuses a Reveal Signature that does not open the Commit", () => {
  const context = akeContext("alice", 1001);
  const run = runAke(1);
  const { next } = step(AUTH_NONE, sentBy(run.committed), context);
  const reveal = sentBy(run.revealed);
  assert(reveal.type === "reveal-signature");
  for (const revealedKey of [new Uint8Array(16), new Uint8Array(15), new Uint8Array(0)]) {
    const body = { ...reveal, revealedKey };
    assertEquals(codeOf(() => receiveAkeMessage(next, body, 3, context)), "otr/ake-hash-mismatch");
  }
  const mac = new Uint8Array(20);
  assertEquals(
    codeOf(() => receiveAkeMessage(next, { ...reveal, mac }, 3, context)),
    "otr/ake-mac-mismatch",
  );
  // Whatever was wrong before, the right message still completes.
  assert(step(next, reveal, context).result !== undefined);
});

Deno.test("receiveAkeMessage() refuses a committed g^x out of range, or with octets behind it", () => {
  const r = new Uint8Array(16).fill(3);
  const committed = (gxmpi: Uint8Array): AkeBody => ({
    type: "dh-commit",
    encryptedGx: aesCtr(r, ZERO_COUNTER, gxmpi),
    hashedGx: sha256(gxmpi),
  });
  const reveal: AkeBody = {
    type: "reveal-signature",
    revealedKey: r,
    encryptedSignature: new Uint8Array(1),
    mac: new Uint8Array(20),
  };
  for (
    const [gxmpi, code] of [
      [mpi(0n), "otr/bad-dh-key"],
      [mpi(1n), "otr/bad-dh-key"],
      [mpi(DH_MODULUS - 1n), "otr/bad-dh-key"],
      [mpi(DH_MODULUS), "otr/bad-dh-key"],
      [mpi(DH_MODULUS + 1n), "otr/bad-dh-key"],
      [new Uint8Array(), "otr/truncated"],
      [Uint8Array.of(0xff, 0xff, 0xff, 0xff), "otr/truncated"],
      [concatBytes(mpi(4n), Uint8Array.of(0)), "otr/trailing-octets"],
    ] as const
  ) {
    const context = akeContext("alice", 5);
    const { next } = step(AUTH_NONE, committed(gxmpi), context);
    assertEquals(codeOf(() => receiveAkeMessage(next, reveal, 3, context)), code);
  }
});

Deno.test("receiveAkeMessage() refuses a Signature of somebody else's exchange", () => {
  const context = akeContext("bob", 1);
  const run = runAke(1);
  const { next } = step(startAke(3, context).next, sentBy(run.answered), context);
  const stranger = sentBy(runAke(70).signed);
  assertEquals(codeOf(() => receiveAkeMessage(next, stranger, 3, context)), "otr/ake-mac-mismatch");
  assert(step(next, sentBy(run.signed), context).result !== undefined);
});

Deno.test("receiveAkeMessage() refuses answers of another version", () => {
  const context = akeContext("bob", 1);
  const run = runAke(1);
  const { next } = startAke(3, context);
  assertEquals(
    codeOf(() => receiveAkeMessage(next, sentBy(run.answered), 2, context)),
    "otr/ake-version-mismatch",
  );
});

Deno.test("copyAwaitingDhKey() survives the original's wiping", () => {
  const { next } = startAke(3, akeContext("bob", 1));
  assert(next.name === "AUTHSTATE_AWAITING_DHKEY");
  const copy = copyAwaitingDhKey(next);
  wipeAkeState(next);
  assertEquals(next.r, new Uint8Array(16));
  assertEquals(next.x.privateKey, new Uint8Array(40));
  assertNotEquals(copy.r, new Uint8Array(16));
  assertNotEquals(copy.x.privateKey, new Uint8Array(40));
});

Deno.test("wipeAkeState() overwrites the secrets of every state", () => {
  const alice = akeContext("alice", 1001);
  const bob = akeContext("bob", 1);
  const committed = startAke(3, bob);
  const answered = step(AUTH_NONE, sentBy(committed), alice);
  const revealed = step(committed.next, sentBy(answered), bob);
  assert(answered.next.name === "AUTHSTATE_AWAITING_REVEALSIG");
  assert(revealed.next.name === "AUTHSTATE_AWAITING_SIG");
  for (const state of [AUTH_NONE, answered.next, revealed.next]) wipeAkeState(state);
  assertEquals(answered.next.y.privateKey, new Uint8Array(40));
  assertEquals(revealed.next.x.privateKey, new Uint8Array(40));
  assertEquals(revealed.next.keys.reveal.encryption, new Uint8Array(16));
});
