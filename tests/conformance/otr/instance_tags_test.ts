/** "Instance Tags". */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseOtrMessage, writeOtrMessage } from "../../../lib/otr/mod.ts";
import { makeInstanceTag } from "../../../lib/otr/mod.ts";
import { eventsOf, kinds, Pair, secret, sent, testConversation } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

/** A message with other tags than it was sent with. */
function retag(text: string, tags: { senderTag?: number; receiverTag?: number }): string {
  return writeOtrMessage(
    { ...parseOtrMessage(text), ...tags } as ReturnType<typeof parseOtrMessage>,
  );
}

Deno.test("OTR-026 our own tag is given from outside, at least 0x100, and in every message", () => {
  for (let seed = 0; seed < 50; seed++) assert(makeInstanceTag(seededRandom(seed)) >= 0x100);
  for (const tag of [0, 1, 0xff, 2 ** 32]) {
    assertThrows(() => testConversation("alice", tag), RangeError, "instance tag");
  }
  for (const tag of [0x100, 0xffffffff]) {
    const [text = ""] = sent(testConversation("alice", tag).receiveMessage("?OTRv3?", 0));
    const commit = parseOtrMessage(text);
    assertEquals(commit.type === "dh-commit" && commit.senderTag, tag);
  }
});

Deno.test("OTR-027 receiver tag 0 is for D-H Commits only; another's tag is discarded", () => {
  const pair = new Pair().does("alice", (it, now) => it.query(now));
  pair.deliver("bob");
  const [commit = ""] = pair.intercept("bob");
  const read = parseOtrMessage(commit);
  assertEquals(read.type === "dh-commit" && read.receiverTag, 0);
  pair.take("alice");
  pair.hears("alice", retag(commit, { receiverTag: 0x3000 }));
  assertEquals(pair.take("alice"), [
    { type: "other-instance", senderTag: 0x2000_0002, receiverTag: 0x3000 },
  ]);
  assertEquals(pair.intercept("alice"), []);
  pair.hears("alice", commit);
  const [key = ""] = pair.intercept("alice");
  for (const receiverTag of [0, 0x3000]) pair.hears("bob", retag(key, { receiverTag }));
  assertEquals(pair.intercept("bob"), []);
  assertEquals(pair.taken("bob", "other-instance").length, 2);
  pair.hears("bob", key);
  assertEquals(kinds(pair.intercept("bob")), ["reveal-signature"]);
});

Deno.test("OTR-028 sender tags below 0x100 and receiver tags from 1 to 0xff are discarded", () => {
  const pair = new Pair().does("alice", (it, now) => it.query(now));
  pair.deliver("bob");
  const [commit = ""] = pair.intercept("bob");
  for (
    const tags of [{ senderTag: 0 }, { senderTag: 0xff }, { receiverTag: 1 }, { receiverTag: 0xff }]
  ) {
    const outputs = pair.alice.receiveMessage(retag(commit, tags), 0);
    assertEquals(sent(outputs), []);
    const [event] = eventsOf(outputs);
    assert(event?.type === "peer-error");
    assertEquals(event.error.code, "otr/bad-instance-tag");
  }
});

Deno.test("OTR-029 several instances of one peer do not disturb each other", () => {
  const alice = testConversation("alice", 0x1000);
  const clients = [0x2000, 0x3000].map((tag) => testConversation("bob", tag));
  // Alice's query reaches both clients of Bob; each runs an AKE of its own, step by step.
  const [query = ""] = sent(alice.query(0));
  let toAlice = clients.flatMap((it) => sent(it.receiveMessage(query, 0)));
  for (let step = 0; step < 3; step++) {
    const toClients = toAlice.flatMap((it) => sent(alice.receiveMessage(it, 0)));
    // Every client hears everything, as on networks that copy.
    toAlice = toClients.flatMap((text) =>
      clients.flatMap((it) => sent(it.receiveMessage(text, 0)))
    );
  }
  assertEquals(clients.map((it) => it.messageState), ["encrypted", "encrypted"]);
  assertEquals(alice.instances().map((it) => [it.tag, it.state]), [[0x2000, "encrypted"], [
    0x3000,
    "encrypted",
  ]]);
  assertEquals(alice.instances().map((it) => it.ssid), clients.map((it) => it.ssid));
  // Text and SMP go to the selected one.
  for (const [at, tag] of [0x2000, 0x3000].entries()) {
    alice.selectInstance(tag);
    const [text = ""] = sent(alice.sendMessage(`to ${tag}`, 0));
    const heard = clients.map((it) =>
      eventsOf(it.receiveMessage(text, 0)).map((event) => event.type)
    );
    assertEquals(heard[at], ["message-received"]);
    assertEquals(heard[1 - at], ["other-instance"]);
    alice.startSmp(secret("s"), undefined, 0);
  }
  // One ends: the other goes on.
  const [ended] = clients.flatMap((it) => sent(it.endSession(0)));
  alice.receiveMessage(ended ?? "", 0);
  assertEquals(alice.instances().map((it) => it.state), ["finished", "encrypted"]);
  const [still = ""] = sent(alice.sendMessage("still", 0));
  assertEquals(parseOtrMessage(still).type, "data");
});

Deno.test("OTR-029 both clients of a peer may answer one D-H Commit of ours", () => {
  const alice = testConversation("alice", 0x1000);
  const clients = [0x2000, 0x3000].map((tag) => testConversation("bob", tag));
  const [commit = ""] = sent(alice.receiveMessage("?OTRv3?", 0));
  const keys = clients.flatMap((it) => sent(it.receiveMessage(commit, 0)));
  assertEquals(kinds(keys), ["dh-key", "dh-key"]);
  for (const [at, client] of clients.entries()) {
    const [reveal = ""] = sent(alice.receiveMessage(keys[at] ?? "", 0));
    const [signature = ""] = sent(client.receiveMessage(reveal, 0));
    alice.receiveMessage(signature, 0);
  }
  assertEquals(alice.instances().map((it) => [it.tag, it.state]), [[0x2000, "encrypted"], [
    0x3000,
    "encrypted",
  ]]);
  assertEquals(alice.instances().map((it) => it.ssid), clients.map((it) => it.ssid));
});
