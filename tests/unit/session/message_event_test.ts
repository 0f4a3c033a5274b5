import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { messageEvent } from "../../../lib/session/message_event.ts";

const PARTIES = { self: "alice@example.com", peer: "bob@example.net" };

Deno.test("messageEvent() says who spoke to whom, and reads the body by its type", () => {
  const message = {
    id: "1",
    content: {
      contentType: "text/plain; charset=iso-8859-1",
      body: new Uint8Array([0x63, 0x61, 0x66, 0xe9]),
    },
    encryption: "verified",
  } as const;
  const shown = {
    type: "message",
    id: "1",
    contentType: "text/plain; charset=iso-8859-1",
    body: "café",
    encryption: "verified",
  };
  assertEquals(messageEvent("in", PARTIES, message), {
    ...shown,
    direction: "in",
    from: "bob@example.net",
    to: "alice@example.com",
  } as ReturnType<typeof messageEvent>);
  assertEquals(messageEvent("out", PARTIES, message), {
    ...shown,
    direction: "out",
    from: "alice@example.com",
    to: "bob@example.net",
  } as ReturnType<typeof messageEvent>);
});

Deno.test("messageEvent() passes a warning on", () => {
  const content = { contentType: "text/plain", body: utf8("hi") };
  const warning = "the message was not encrypted";
  const event = messageEvent("in", PARTIES, { id: "2", content, encryption: "failed", warning });
  assertEquals([event.encryption, event.warning], ["failed", warning]);
});
