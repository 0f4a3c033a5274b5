import { assert, assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import { settle } from "../../../lib/otr/conversation_options.ts";
import { type ConversationOutput, DEFAULT_POLICY, parseOtrMessage } from "../../../lib/otr/mod.ts";
import { PeerInstance, STATE_NAMES } from "../../../lib/otr/peer_instance.ts";
import { eventsOf, kinds, sent, testKey } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

function instance(name: "alice" | "bob"): PeerInstance {
  const [ours, theirs, seed] = name === "alice" ? [0x1000, 0x2000, 1] : [0x2000, 0x1000, 2];
  const settings = settle({
    key: testKey(name),
    instanceTag: ours,
    policy: DEFAULT_POLICY,
    random: seededRandom(seed),
  });
  return new PeerInstance(theirs, settings);
}

/** Feeds the only message among `outputs`. */
function feed(
  to: PeerInstance,
  outputs: readonly ConversationOutput[],
  now = 0,
): ConversationOutput[] {
  const [text = ""] = sent(outputs);
  const message = parseOtrMessage(text);
  switch (message.type) {
    case "dh-commit":
    case "dh-key":
    case "reveal-signature":
    case "signature":
      return to.receiveAke(message.version, message, now).outputs;
    case "data":
      assert(to.session !== undefined);
      return to.receiveData(to.session, message, message, now, false);
    default:
      throw new Error(`unexpected ${message.type}`);
  }
}

function encrypted(): { alice: PeerInstance; bob: PeerInstance } {
  const [alice, bob] = [instance("alice"), instance("bob")];
  const reveal = feed(bob, feed(alice, bob.commit(3, 0)));
  feed(bob, feed(alice, reveal));
  return { alice, bob };
}

Deno.test("PeerInstance goes from PLAINTEXT to ENCRYPTED by an AKE", () => {
  const [alice, bob] = [instance("alice"), instance("bob")];
  assertEquals(alice.message.name, "MSGSTATE_PLAINTEXT");
  const commit = bob.commit(3, 0);
  assertEquals(bob.auth.name, "AUTHSTATE_AWAITING_DHKEY");
  const key = feed(alice, commit);
  const reveal = feed(bob, key);
  const signature = feed(alice, reveal);
  assertEquals(kinds(sent([...commit, ...key, ...reveal, ...signature])), [
    "dh-commit",
    "dh-key",
    "reveal-signature",
    "signature",
  ]);
  const [event] = eventsOf(feed(bob, signature));
  assert(event?.type === "state-changed");
  assertEquals([event.state, event.fingerprint], ["encrypted", testKey("alice").fingerprint]);
  assertEquals(alice.message.name, "MSGSTATE_ENCRYPTED");
  assertEquals(alice.auth.name, "AUTHSTATE_NONE");
});

Deno.test("PeerInstance reports an AKE message that does not check out and stays", () => {
  const { alice, bob } = encrypted();
  feed(alice, bob.commit(3, 0));
  const before = alice.auth;
  const forged = {
    type: "reveal-signature",
    revealedKey: new Uint8Array(16),
    encryptedSignature: new Uint8Array(),
    mac: new Uint8Array(20),
  } as const;
  const { outputs, isSecured } = alice.receiveAke(3, forged, 0);
  assertEquals(isSecured, false);
  assertEquals(eventsOf(outputs).map((it) => it.type), ["peer-error"]);
  assertEquals(sent(outputs), []);
  assertEquals(alice.auth, before);
});

Deno.test("PeerInstance goes to FINISHED when the peer ends, and to PLAINTEXT when we do", () => {
  const { alice, bob } = encrypted();
  const outputs = feed(bob, alice.end(0));
  assertEquals(alice.message.name, "MSGSTATE_PLAINTEXT");
  assertEquals(bob.message.name, "MSGSTATE_FINISHED");
  assertEquals(eventsOf(outputs).map((it) => it.type), ["state-changed", "session-ended-by-peer"]);
  assertEquals(sent(bob.end(0)), []);
  assertEquals(bob.message.name, "MSGSTATE_PLAINTEXT");
  assertEquals(bob.end(0), []);
});

Deno.test("PeerInstance calls a new session with the same fingerprint a refresh", () => {
  const { alice, bob } = encrypted();
  const ssid = bob.session?.ssid;
  const reveal = feed(bob, feed(alice, bob.commit(3, 0)));
  const [event] = eventsOf(feed(bob, feed(alice, reveal)));
  assert(event?.type === "state-changed");
  assertEquals(event.isRefresh, true);
  assert(bob.session?.ssid !== ssid);
  const [received] = eventsOf(feed(alice, bob.session?.send(utf8("still here"), 0) ?? []));
  assertEquals(received?.type, "message-received");
});

Deno.test("PeerInstance forgets an unfinished AKE after its time", () => {
  const bob = instance("bob");
  bob.commit(3, 1000);
  const { auth } = bob;
  assert(auth.name === "AUTHSTATE_AWAITING_DHKEY");
  assertEquals(bob.deadline, 71_000);
  assertEquals(bob.handleTimeout(70_999), []);
  assertEquals(eventsOf(bob.handleTimeout(71_000)), [{ type: "ake-expired", instance: 0x1000 }]);
  assertEquals(bob.auth.name, "AUTHSTATE_NONE");
  assertEquals(bob.deadline, undefined);
  assertEquals(auth.x.privateKey, new Uint8Array(40));
});

Deno.test("PeerInstance.receiveData() throws what cannot be read", () => {
  const { alice, bob } = encrypted();
  const [text = ""] = sent(alice.session?.send(utf8("x"), 0) ?? []);
  const message = parseOtrMessage(text);
  assert(message.type === "data" && bob.session !== undefined);
  const { session } = bob;
  const forged = { ...message, senderKeyId: 9 };
  const error = assertThrows(() => bob.receiveData(session, forged, forged, 0, false), PeerError);
  assertEquals(error.code, "otr/unknown-key-id");
});

Deno.test("PeerInstance.adopt() and forget() take over and wipe an AKE", () => {
  const bob = instance("bob");
  bob.commit(3, 0);
  const other = instance("bob");
  other.adopt(bob.auth, 0);
  assertEquals(other.auth, bob.auth);
  const { auth } = bob;
  bob.forget();
  assert(auth.name === "AUTHSTATE_AWAITING_DHKEY");
  assertEquals(auth.r, new Uint8Array(16));
  assertEquals(bob.auth.name, "AUTHSTATE_NONE");
});

Deno.test("STATE_NAMES has a short name for every state", () => {
  assertEquals(STATE_NAMES, {
    MSGSTATE_PLAINTEXT: "plaintext",
    MSGSTATE_ENCRYPTED: "encrypted",
    MSGSTATE_FINISHED: "finished",
  });
});
