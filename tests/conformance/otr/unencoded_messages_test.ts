/** "Unencoded messages": query, whitespace tag, errors, plaintext. */
import { assert, assertEquals } from "@std/assert";
import { parseOtrMessage } from "../../../lib/otr/mod.ts";
import { kinds, Pair, sent, testConversation } from "../../helpers/otr_pair.ts";

const BASE = "\x20\x09\x20\x20\x09\x09\x09\x09\x20\x09\x20\x09\x20\x09\x20\x20";
const V1 = "\x20\x09\x20\x09\x20\x20\x09\x20";
const V2 = "\x20\x20\x09\x09\x20\x20\x09\x20";
const V3 = "\x20\x20\x09\x09\x20\x20\x09\x09";

/** The version of the D-H Commit that answers `text`, if one does. */
function committed(text: string, policy = {}): number | undefined {
  const outputs = testConversation("alice", 0x1000, { policy }).receiveMessage(text, 0);
  const [message] = sent(outputs).map((it) => parseOtrMessage(it));
  return message?.type === "dh-commit" ? message.version : undefined;
}

Deno.test("OTR-001 a query lists versions; unknown identifiers are ignored", () => {
  const versions = (text: string) => {
    const message = parseOtrMessage(text);
    return message.type === "query" ? message.versions : undefined;
  };
  assertEquals(versions("?OTR?"), ["1"]);
  assertEquals(versions("?OTRv23?"), ["2", "3"]);
  assertEquals(versions("?OTR?v2?"), ["1", "2"]);
  assertEquals(versions("?OTRv24x?"), ["2", "4", "x"]);
  assertEquals(versions("?OTRv?"), []);
  assertEquals(committed("?OTRv24x?"), 2);
  assertEquals(committed("?OTRv4x?"), undefined);
});

Deno.test("OTR-002 a query may stand anywhere and be followed by text for people", () => {
  assertEquals(committed("Hello. ?OTRv3? I would like a private conversation."), 3);
  assertEquals(committed("<b>?OTRv2?</b>"), 2);
  const [query = ""] = sent(testConversation("alice", 0x1000).query(0));
  assert(/^\?OTRv23\? \S/.test(query));
});

Deno.test("OTR-003 the highest version that both allow is chosen, or none", () => {
  assertEquals(committed("?OTRv23?"), 3);
  assertEquals(committed("?OTRv32?"), 3);
  assertEquals(committed("?OTRv23?", { versions: [2] }), 2);
  assertEquals(committed("?OTRv3?", { versions: [2] }), undefined);
  assertEquals(committed("?OTR?"), undefined);
  assertEquals(committed("?OTRv?"), undefined);
});

Deno.test("OTR-004 the whitespace tag is found anywhere and removed before the text is shown", () => {
  for (const text of [`${BASE}${V3}Hello`, `Hel${BASE}${V3}lo`, `Hello${BASE}${V3}`]) {
    const pair = new Pair().hears("bob", text);
    assertEquals(pair.heard("bob"), ["Hello"]);
    assertEquals(kinds(pair.intercept("bob")), ["dh-commit"]);
  }
});

Deno.test("OTR-005 version groups come in any order, unknown ones are skipped", () => {
  const v4 = "\x20\x20\x09\x09\x20\x09\x20\x20";
  assertEquals(committed(BASE + V1 + V2 + V3), 3);
  assertEquals(committed(BASE + V3 + V2), 3);
  assertEquals(committed(BASE + v4 + V2), 2);
  assertEquals(committed(BASE + V1), undefined);
  assertEquals(committed(BASE), undefined);
  const pair = new Pair().hears("bob", `Hi${BASE}${v4}${V2}`);
  assertEquals(pair.heard("bob"), ["Hi"]);
});

Deno.test("OTR-006 the tag is sent in PLAINTEXT until the peer answers in plaintext", () => {
  const policy = { sendWhitespaceTag: true };
  const pair = new Pair({ policy }, { policy: { whitespaceStartAke: false } });
  pair.says("alice", "one");
  assertEquals(pair.intercept("alice"), [`one${BASE}${V2}${V3}`]);
  pair.hears("alice", "an answer").says("alice", "two");
  assertEquals(pair.intercept("alice"), ["two"]);
  // Entering PLAINTEXT anew offers anew.
  pair.does("alice", (it, now) => it.endSession(now)).says("alice", "three");
  assertEquals(pair.intercept("alice"), [`three${BASE}${V2}${V3}`]);
  // Never without the policy, never when encrypted.
  const plain = new Pair().says("alice", "hi");
  assertEquals(plain.intercept("alice"), ["hi"]);
  const secure = Pair.encrypted({ policy }).says("alice", "hi");
  assertEquals(kinds(secure.intercept("alice")), ["data"]);
});

Deno.test("OTR-007 a received tag starts the AKE only with WHITESPACE_START_AKE", () => {
  assertEquals(committed(`Hi${BASE}${V2}${V3}`), 3);
  assertEquals(committed(`Hi${BASE}${V2}${V3}`, { whitespaceStartAke: false }), undefined);
  const pair = new Pair({ policy: { sendWhitespaceTag: true } });
  pair.says("alice", "hi").run();
  assertEquals([pair.alice.messageState, pair.bob.messageState], ["encrypted", "encrypted"]);
  assertEquals(pair.heard("bob"), ["hi"]);
});

Deno.test("OTR-008 an error message is shown; ERROR_START_AKE answers with a query", () => {
  for (const errorStartAke of [false, true]) {
    const pair = new Pair({ policy: { errorStartAke } }).hears("alice", "?OTR Error: no key here");
    assertEquals(pair.take("alice"), [{ type: "error-received", text: "no key here" }]);
    assertEquals(kinds(pair.intercept("alice")), errorStartAke ? ["query"] : []);
  }
});

Deno.test("OTR-009 an error never triggers an error, and automatic answers are rate-limited", () => {
  const policy = { errorStartAke: true };
  const pair = new Pair({ policy }, { policy });
  const data = Pair.encrypted().says("alice", "x").intercept("alice")[0] ?? "";
  // Bob cannot read it, Alice answers his error with a query: one session, and then silence.
  pair.hears("bob", data).run();
  assertEquals(pair.wire.filter((it) => it.kind === "error").length, 1);
  assertEquals(pair.alice.messageState, "encrypted");
  const lonely = testConversation("alice", 0x1000, { policy });
  const queries = Array.from(
    { length: 50 },
    (_, now) => sent(lonely.receiveMessage("?OTR Error: x", now)),
  );
  assertEquals(queries.flat().length, 2);
  const errors = Array.from({ length: 50 }, (_, now) => sent(lonely.receiveMessage(v2Data, now)));
  assertEquals(errors.flat().length, 5);
  assertEquals(sent(lonely.receiveMessage(v2Data, 60_000)).length, 1);
  const mute = testConversation("alice", 0x1000, { limits: { errorReplies: 0 } });
  assertEquals(sent(mute.receiveMessage(v2Data, 0)), []);
});

/** A version 2 data message for nobody. */
const v2Data = (() => {
  const versions = [2] as const;
  return Pair.encrypted({ policy: { versions } }).says("alice", "x").intercept("alice")[0] ?? "";
})();

Deno.test("OTR-010 plaintext is shown with a warning where encryption was to be expected", () => {
  const warnings = (pair: Pair) =>
    pair.hears("bob", "hello").taken("bob", "message-received").map((
      it,
    ) => [it.text, it.encrypted, it.warning]);
  assertEquals(warnings(new Pair()), [["hello", false, undefined]]);
  assertEquals(warnings(new Pair({}, { policy: { requireEncryption: true } })), [
    ["hello", false, "unencrypted"],
  ]);
  const pair = Pair.encrypted();
  assertEquals(warnings(pair), [["hello", false, "unencrypted"]]);
  pair.hears("bob", `tagged${BASE}${V3}`);
  assertEquals(pair.taken("bob", "message-received")[0]?.warning, "unencrypted");
  pair.intercept("bob");
  pair.does("alice", (it, now) => it.endSession(now)).run();
  pair.take("bob");
  assertEquals(pair.bob.messageState, "finished");
  assertEquals(warnings(pair), [["hello", false, "unencrypted"]]);
});

Deno.test("OTR-003 nobody is talked down to version 2 while a version 3 session is open", () => {
  const pair = Pair.encrypted();
  const stranger = testConversation("carol", 0x3000, { policy: { versions: [2] } });
  pair.hears("alice", "?OTRv2?");
  assertEquals(pair.taken("alice", "query-received").map((it) => it.agreed), [undefined]);
  const [commit = ""] = sent(stranger.receiveMessage("?OTRv2?", 0));
  pair.hears("alice", commit);
  assertEquals(pair.taken("alice", "peer-error").map((it) => it.error.code), ["otr/downgrade"]);
  assertEquals(pair.intercept("alice"), []);
  assertEquals(pair.alice.version, 3);
  pair.does("alice", (it, now) => it.endSession(now)).hears("alice", "?OTRv2?");
  assertEquals(kinds(pair.intercept("alice")).at(-1), "dh-commit");
});
