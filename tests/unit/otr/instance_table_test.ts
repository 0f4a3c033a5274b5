import {
  assert,
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { settle } from "../../../lib/otr/conversation_options.ts";
import { InstanceTable } from "../../../lib/otr/instance_table.ts";
import { type ConversationOutput, DEFAULT_POLICY, parseOtrMessage } from "../../../lib/otr/mod.ts";
import type { PeerInstance } from "../../../lib/otr/peer_instance.ts";
import { runAke, sentBy } from "../../helpers/otr_ake.ts";
import { Pair, sent, testKey } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

function table(): InstanceTable {
  return new InstanceTable(settle({
    key: testKey("alice"),
    instanceTag: 0x1000,
    policy: DEFAULT_POLICY,
    random: seededRandom(1),
    limits: { instances: 2 },
  }));
}

const run = runAke(30);
const COMMIT = sentBy(run.committed);
const KEY = sentBy(run.answered);
const REVEAL = sentBy(run.revealed);

Deno.test("InstanceTable.forAke() makes an instance for a Commit only", () => {
  const instances = table();
  assertEquals(instances.forAke(0x100, KEY, 0), undefined);
  assertEquals(instances.forAke(0x100, REVEAL, 0), undefined);
  const made = instances.forAke(0x100, COMMIT, 0);
  assertEquals(made?.tag, 0x100);
  assertStrictEquals(instances.find(0x100), made);
  assertStrictEquals(instances.forAke(0x100, REVEAL, 0), made);
});

Deno.test("InstanceTable.forAke() lets every instance answer our Commit to nobody, once", () => {
  const instances = table();
  instances.anybody.commit(3, 0);
  const one = instances.forAke(0x100, KEY, 0);
  const two = instances.forAke(0x101, COMMIT, 0);
  assertEquals(one?.auth, instances.anybody.auth);
  assertEquals(two?.auth, instances.anybody.auth);
  one?.end(0);
  assertEquals(instances.forAke(0x100, KEY, 0)?.auth.name, "AUTHSTATE_NONE");
  assertEquals(instances.anybody.auth.name, "AUTHSTATE_AWAITING_DHKEY");
  instances.forgetAnswers();
  assertEquals(instances.forAke(0x100, KEY, 0)?.auth.name, "AUTHSTATE_AWAITING_DHKEY");
});

Deno.test("InstanceTable.forAke() copies: one instance's end does not wipe another's secrets", () => {
  const instances = table();
  instances.anybody.commit(3, 0);
  const one = instances.forAke(0x100, KEY, 0);
  one?.end(0);
  const { auth } = instances.anybody;
  assert(auth.name === "AUTHSTATE_AWAITING_DHKEY");
  assertNotEquals(auth.r, new Uint8Array(16));
});

Deno.test("InstanceTable.forAke() does not let version 3 instances answer a version 2 Commit", () => {
  const instances = table();
  instances.anybody.commit(2, 0);
  assertEquals(instances.forAke(0x100, KEY, 0), undefined);
  assertStrictEquals(instances.forAke(0, KEY, 0), instances.anybody);
});

Deno.test("InstanceTable forgets the oldest instance without a session", () => {
  const instances = table();
  for (const tag of [0x100, 0x101, 0x102]) instances.forAke(tag, COMMIT, 0);
  assertEquals(instances.all().map((it) => it.tag), [0, 0x101, 0x102]);
});

Deno.test("InstanceTable refuses a further instance when none can be forgotten", () => {
  const instances = table();
  const one = instances.forAke(0x100, COMMIT, 0);
  assert(one !== undefined);
  instances.current = one;
  instances.forAke(0x101, COMMIT, 0);
  instances.forAke(0x102, COMMIT, 0);
  assertEquals(instances.all().map((it) => it.tag), [0, 0x100, 0x102]);
  const two = instances.find(0x102);
  assert(two !== undefined);
  // Both places are taken: one by the current instance, one by an encrypted one.
  const bob = new InstanceTable(settle({
    key: testKey("bob"),
    instanceTag: 0x102,
    policy: DEFAULT_POLICY,
    random: seededRandom(2),
  }));
  secure(two, bob);
  const error = assertThrows(() => instances.forAke(0x103, COMMIT, 0), PeerError);
  assertEquals(error.code, "otr/too-many-instances");
});

/** Runs an AKE that `them` begins. */
function secure(us: PeerInstance, them: InstanceTable): void {
  const say = (to: PeerInstance, outputs: readonly ConversationOutput[]) => {
    const message = parseOtrMessage(sent(outputs)[0] ?? "");
    assert("senderTag" in message && message.type !== "fragment" && message.type !== "data");
    return to.receiveAke(message.version, message, 0).outputs;
  };
  const reveal = say(them.anybody, say(us, them.anybody.commit(3, 0)));
  say(us, reveal);
  assertEquals(us.message.name, "MSGSTATE_ENCRYPTED");
}

Deno.test("InstanceTable lets a new D-H Commit replace an exchange of ours that got stuck", () => {
  // The peer lost our Reveal Signature (or could not read it) and asks again: what it answers
  // is the new Commit, although its D-H Key may be the one that it sent before.
  const pair = new Pair();
  pair.does("bob", (it, now) => it.query(now));
  pair.deliver("alice"); // The query; the Commit is on its way.
  pair.deliver("bob");
  pair.deliver("alice"); // The D-H Key; the Reveal Signature is on its way.
  const [lost] = pair.intercept("alice");
  assertEquals(parseOtrMessage(lost ?? "").type, "reveal-signature");

  pair.does("bob", (it, now) => it.query(now));
  pair.deliver("alice");
  pair.deliver("bob");
  pair.deliver("alice");
  const [again] = pair.intercept("alice");
  assertEquals(parseOtrMessage(again ?? "").type, "reveal-signature");
  assertNotEquals(again, lost);
  pair.hears("bob", again ?? "").run();
  assertEquals([pair.alice.messageState, pair.bob.messageState], ["encrypted", "encrypted"]);
});
