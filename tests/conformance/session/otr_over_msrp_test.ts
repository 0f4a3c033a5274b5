/** OTR inside MSRP as Blink's family does it, within our own rules (docs/spec_notes/session.md). */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import { parseCpim } from "../../../lib/im/mod.ts";
import { parseOtrMessage, writeFragments, writeWhitespaceTag } from "../../../lib/otr/mod.ts";
import { wrapMessage } from "../../../lib/session/message_wrapping.ts";
import { ChatPair, testChat, text } from "../../helpers/secure_chat_pair.ts";

/** Bodies of one side after the key exchange has begun. */
function dataOf(pair: ChatPair, from: "alice" | "bob"): ChatPair["sent"] {
  return pair.sent.filter((it) => it.from === from && parseOtrMessage(it.text).type === "data");
}

Deno.test("MSRP-200 OTR is the inner content of message/cpim, whose headers stay in clear", () => {
  const pair = new ChatPair().start().say("alice", "hello");
  const [message] = dataOf(pair, "alice");
  assert(message !== undefined);
  const wrapped = wrapMessage(
    { contentType: message.contentType, body: utf8(message.text) },
    {
      carriage: "cpim",
      from: { aor: "alice@example.com" },
      to: "bob@example.net",
      at: Date.UTC(2026, 1, 3),
    },
  );
  const cpim = parseCpim(wrapped.body);
  const shown = decodeUtf8Lossy(wrapped.body);
  assertMatch(shown, /^From: [^\r\n]*<sip:alice@example\.com>\r\n/);
  // Blink compares the whole body: nothing may follow the OTR message, not even a line end.
  assertEquals(decodeUtf8Lossy(cpim.body), message.text);
  assertMatch(message.text, /^\?OTR:[A-Za-z0-9+/=]+\.$/);
});

Deno.test("MSRP-201 control messages are text/plain, user messages keep their media type", () => {
  const pair = new ChatPair().start();
  pair.act("alice", (chat, now) => chat.send("1", text("<b>hi</b>", "text/html"), now));
  for (const { purpose, contentType } of pair.sent) {
    assertEquals(contentType.split(";")[0], purpose === "user" ? "text/html" : "text/plain");
  }
  // The driver asks for no report where the purpose is not a user's message.
  assertEquals(new Set(pair.sent.map((it) => it.purpose)), new Set(["otr", "user"]));
});

Deno.test("MSRP-202 isComposing documents are encrypted too", () => {
  const pair = new ChatPair().start();
  const type = "application/im-iscomposing+xml";
  pair.act("alice", (chat, now) => chat.sendControl(text("<isComposing/>", type), now));
  const [sent] = dataOf(pair, "alice");
  assertEquals([sent?.purpose, sent?.contentType], ["control", type]);
  assertEquals(pair.received("bob"), [["<isComposing/>", "unverified"]]);
});

Deno.test("MSRP-203 both versions are offered when the stream starts, and a later query refreshes", () => {
  const pair = new ChatPair().start();
  assertMatch(pair.sent[0]?.text ?? "", /^\?OTRv23\? /);
  const before = pair.states("bob").length;
  // One family ignores a query during a session; we start a new key exchange and stay encrypted.
  pair.act("bob", (chat, now) => chat.receive(text("?OTRv3?"), now));
  pair.say("alice", "still private");
  assertEquals(pair.received("bob"), [["still private", "unverified"]]);
  assert(pair.states("bob").slice(before).every((it) => it === "encrypted orange"));
});

Deno.test("MSRP-204 whitespace tags are looked for only in text", () => {
  const tagged = `hello${writeWhitespaceTag(["2", "3"])}`;
  for (
    const [type, answers] of [["text/plain", true], ["text/html", true], [
      "application/blink-icon",
      false,
    ]] as const
  ) {
    const bob = testChat("bob");
    bob.start(0);
    const outputs = bob.receive(text(tagged, type), 10);
    const isAnswered = outputs.some((it) => it.type === "transmit");
    assertEquals(isAnswered, answers, type);
    const [shown] = outputs.flatMap((it) =>
      it.type === "event" && it.event.type === "message-received"
        ? [decodeUtf8Lossy(it.event.content.body)]
        : []
    );
    assertEquals(shown, answers ? "hello" : tagged, type);
  }
});

Deno.test("MSRP-205 a message that cannot be decrypted is told apart, so that it is reported with 400", () => {
  const pair = new ChatPair().start();
  pair.hold = true;
  pair.say("alice", "hello");
  const [message] = pair.waiting.splice(0);
  // A changed character inside the ciphertext: the MAC does not hold any more.
  const at = Math.floor((message?.text.length ?? 0) * 0.8);
  const flipped = message?.text[at] === "A" ? "B" : "A";
  const damaged = `${message?.text.slice(0, at)}${flipped}${message?.text.slice(at + 1)}`;
  pair.act("bob", (chat, now) => chat.receive(text(damaged), now));
  assertEquals(pair.received("bob"), []);
  assertEquals(pair.only("bob", "message-unreadable").length, 1);
  // Other faults of OTR are no undelivered message.
  pair.act("bob", (chat, now) => chat.receive(text("?OTR Error: none"), now));
  assertEquals(pair.only("bob", "message-unreadable").length, 1);
});

Deno.test("MSRP-206 MSRP does the chunking, and fragments of others are joined all the same", () => {
  const pair = new ChatPair().start();
  pair.hold = true;
  const long = "x".repeat(100_000);
  pair.say("alice", long);
  const [message] = pair.waiting.splice(0);
  assert(message !== undefined);
  assertMatch(message.text, /^\?OTR:.{130000,}\.$/);
  const otr = parseOtrMessage(message.text);
  assert(otr.type === "data" && otr.version === 3);
  const { senderTag, receiverTag } = otr;
  const pieces = writeFragments(message.text, { version: 3, senderTag, receiverTag }, 2_000);
  assert(pieces.length > 60);
  for (const piece of pieces) pair.act("bob", (chat, now) => chat.receive(text(piece), now));
  assertEquals(pair.received("bob").map(([body]) => body.length), [long.length]);
});
