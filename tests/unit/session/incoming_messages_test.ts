import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { IMDN_TYPE, IS_COMPOSING_TYPE, writeIsComposing } from "../../../lib/im/mod.ts";
import { IncomingMessages } from "../../../lib/session/incoming_messages.ts";
import type { Content } from "../../../lib/session/secure_chat_events.ts";

function way(isFocus = false) {
  const done: string[] = [];
  const it = new IncomingMessages({
    parties: { self: "alice@example.com", peer: "bob@example.net" },
    teller: {
      tell: (event) =>
        done.push(
          event.type === "message"
            ? `message ${event.id} from ${event.from}: ${event.body} [${event.encryption}]`
            : event.type === "error"
            ? `${event.code} ${event.side}`
            : event.type,
        ),
      peerFault: (error) => done.push(`fault ${error.code}`),
    },
    composing: {
      heard: (status) => done.push(`composing ${status.state}`),
      received: () => done.push("no longer composing"),
    },
    dispositions: {
      receive: (_body, from) => ({
        type: "imdn",
        id: "1",
        notification: "display",
        status: "displayed",
        from,
      }),
      delivered: () => ({ content: text("delivered"), to: undefined }),
      failed: () => ({ content: text("failed"), to: undefined }),
    },
    report: (id, status, comment) => done.push(`report ${id} ${status} ${comment}`),
    notify: (notification) =>
      done.push(`notify ${new TextDecoder().decode(notification?.content.body)}`),
    isFocus: () => isFocus,
    newId: () => "new-1",
  });
  const receive = (
    content: Content,
    arrival?: Parameters<IncomingMessages["receive"]>[1],
  ) => it.receive({ type: "message-received", content, encryption: "verified" }, arrival);
  return { it, done, receive };
}

function text(body: string, contentType = "text/plain"): Content {
  return { contentType, body: utf8(body) };
}

Deno.test("IncomingMessages.unwrap() takes content out of its CPIM, and what the wrapper says", () => {
  const { it } = way();
  const plain = it.unwrap({ ...text("hi"), messageId: "m1" });
  assertEquals([plain?.content, plain?.arrival], [text("hi"), { id: "m1" }]);
  const cpim = [
    "From: <sip:carol@example.org>",
    "To: <sip:alice@example.com>",
    "",
    "Content-Type: text/plain",
    "",
    "hello",
  ].join("\r\n");
  const wrapped = it.unwrap({ ...text(cpim, "message/cpim"), messageId: "m2" });
  assertEquals(wrapped?.content, text("hello"));
  assertEquals([wrapped?.arrival.id, wrapped?.arrival.from, wrapped?.arrival.to], [
    "m2",
    "sip:carol@example.org",
    ["sip:alice@example.com"],
  ]);
});

Deno.test("IncomingMessages.unwrap() reports what is no CPIM with 400, and tells of it", () => {
  const { it, done } = way();
  assertEquals(it.unwrap({ ...text("no header", "message/cpim"), messageId: "m1" }), undefined);
  assertEquals(done[0], "report m1 400 CPIM parser error");
  assertEquals([done.length, done[1]?.startsWith("fault im/")], [2, true]);
});

Deno.test("IncomingMessages.receive() tells words, ends the peer's typing, and notifies who wrote", () => {
  const { done, receive } = way();
  receive(text("hi", "Text/Plain; charset=utf-8"), { id: "m1", from: "sip:carol@example.org" });
  assertEquals(done, [
    "no longer composing",
    "message m1 from bob@example.net: hi [verified]",
    "notify delivered",
  ]);
});

Deno.test("IncomingMessages.receive() names words that came in no message, and notifies nobody", () => {
  const { done, receive } = way();
  receive(text("hi"));
  assertEquals(done.at(-1), "message new-1 from bob@example.net: hi [verified]");
});

Deno.test("IncomingMessages.receive(): in a conference the member is named, not the room", () => {
  const { done, receive } = way(true);
  receive(text("hi"), { id: "m1", from: "sip:carol@example.org" });
  assertEquals(done[1], "message m1 from carol@example.org: hi [verified]");
});

Deno.test("IncomingMessages.receive() hears typing and notifications, and shows no other type", () => {
  const { done, receive } = way();
  const body = writeIsComposing({ state: "active", contentType: "text/plain", refresh: 60 });
  receive({ contentType: IS_COMPOSING_TYPE, body }, { id: "m1" });
  receive(text("<no status", IS_COMPOSING_TYPE), { id: "m2" });
  receive(text("a notification", IMDN_TYPE), { id: "m3" });
  receive(text("private", "application/x-blink"), { id: "m4" });
  assertEquals(done, ["composing active", "imdn"]);
});

Deno.test("IncomingMessages.unreadable() reports, notifies and tells; the sender only of what came", () => {
  const { it, done } = way();
  it.unreadable("a bad MAC", { id: "m1" });
  it.unreadable("a bad MAC", undefined);
  assertEquals(done, [
    "report m1 400 undecryptable OTR message",
    "notify failed",
    "otr/unreadable remote",
    "otr/unreadable remote",
  ]);
});
