import { assert, assertEquals } from "@std/assert";
import { settle } from "../../../lib/otr/conversation_options.ts";
import { KeptMessages } from "../../../lib/otr/data/kept_messages.ts";
import { InstanceTable } from "../../../lib/otr/instance_table.ts";
import { MessageReceiver } from "../../../lib/otr/message_receiver.ts";
import { DEFAULT_POLICY, type OtrPolicy } from "../../../lib/otr/mod.ts";
import { eventsOf, kinds, Pair, sent, testKey } from "../../helpers/otr_pair.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

function receiver(policy: Partial<OtrPolicy> = {}, limits = {}): MessageReceiver {
  const settings = settle({
    key: testKey("alice"),
    instanceTag: 0x1000,
    policy: { ...DEFAULT_POLICY, ...policy },
    random: seededRandom(1),
    limits,
  });
  return new MessageReceiver(
    settings,
    new InstanceTable(settings),
    new KeptMessages(settings.limits),
  );
}

Deno.test("MessageReceiver.receive() shows plaintext and remembers that it came", () => {
  const it = receiver();
  assertEquals(it.hasHeardPlaintext, false);
  const [event] = eventsOf(it.receive("hello", 0, {}));
  assert(event?.type === "message-received");
  assertEquals([event.text, event.encrypted, event.instance], ["hello", false, 0]);
  assertEquals(it.hasHeardPlaintext, true);
  it.forgetPlaintext();
  assertEquals(it.hasHeardPlaintext, false);
});

Deno.test("MessageReceiver.receive() answers a query it can agree to, and reports the others", () => {
  const outputs = receiver().receive("Hi ?OTRv3? there", 0, {});
  assertEquals(eventsOf(outputs), [{ type: "query-received", agreed: 3, text: "Hi  there" }]);
  assertEquals(kinds(sent(outputs)), ["dh-commit"]);
  const none = receiver({ versions: [2] }).receive("?OTRv3?", 0, {});
  assertEquals(none, [{
    type: "event",
    event: { type: "query-received", agreed: undefined, text: "" },
  }]);
});

Deno.test("MessageReceiver.receive() ignores AKE messages that nobody waits for", () => {
  const pair = new Pair().does("alice", (it, now) => it.query(now)).run();
  for (const { message } of pair.wire.slice(2)) {
    const outputs = receiver().receive(message, 0, {});
    assert(sent(outputs).length === 0);
    assert(eventsOf(outputs).every((it) => it.type === "other-instance"));
  }
});

Deno.test("MessageReceiver.receive() says that unreadable messages could not be read, so often and no more", () => {
  const policy = { versions: [2] } as const;
  const [data = ""] = Pair.encrypted({ policy }).says("alice", "x").intercept("alice");
  const it = receiver({}, { errorReplies: 1, rateWindow: 100 });
  const answers = [0, 1, 99, 100].map((now) => kinds(sent(it.receive(data, now, {}))));
  assertEquals(answers, [["error"], [], [], ["error"]]);
});

Deno.test("MessageReceiver.deadline is that of unfinished fragments", () => {
  const it = receiver({}, { fragmentTimeout: 50 });
  it.receive("?OTR|2000|1000,1,2,x,", 1000, {});
  assertEquals(it.deadline, 1050);
  it.handleTimeout(1050);
  assertEquals(it.deadline, undefined);
});

Deno.test("MessageReceiver.receive() reports fragments beyond the limit and goes on", () => {
  const it = receiver({}, { fragmentCharacters: 10 });
  const [event] = eventsOf(it.receive("?OTR|2000|1000,1,2,12345678901,", 0, {}));
  assert(event?.type === "peer-error");
  assertEquals([event.error.code, event.instance], ["otr/fragments-too-long", 0x2000]);
  assertEquals(eventsOf(it.receive("hello", 0, {}))[0]?.type, "message-received");
});

Deno.test("MessageReceiver.receive() passes everything untouched when no version is allowed", () => {
  const it = receiver({ versions: [] });
  for (const text of ["?OTRv3?", "?OTR:===.", "x".repeat(5_000_000)]) {
    const [event] = eventsOf(it.receive(text, 0, {}));
    assert(event?.type === "message-received");
    assertEquals(event.text, text);
  }
});
