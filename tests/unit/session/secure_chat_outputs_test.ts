import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import {
  bodyOf,
  encryptedWith,
  plaintextReceived,
} from "../../../lib/session/secure_chat_outputs.ts";

Deno.test("bodyOf() gives encrypted content the type, purpose and id of what it was", () => {
  const html = { purpose: "user", id: "1", contentType: "text/html" } as const;
  assertEquals(bodyOf({ kind: "data", message: "?OTR:AAMD." }, html), {
    type: "transmit",
    purpose: "user",
    id: "1",
    content: { contentType: "text/html", body: utf8("?OTR:AAMD.") },
  });
});

Deno.test("bodyOf(): what the engine says of its own is OTR's, whatever it was given", () => {
  const origin = { purpose: "user", id: "1", contentType: "text/html" } as const;
  const own = {
    type: "transmit",
    purpose: "otr",
    content: { contentType: "text/plain", body: utf8("?OTR:AAMC.") },
  } as const;
  for (const kind of ["ake", "query", "smp"] as const) {
    assertEquals(bodyOf({ kind, message: "?OTR:AAMC." }, origin), own);
  }
  // A heartbeat is data that nobody gave it.
  assertEquals(bodyOf({ kind: "data", message: "?OTR:AAMC." }, {}), own);
});

Deno.test("plaintextReceived() warns of plaintext where there should be none", () => {
  const content = { contentType: "text/plain", body: utf8("hi") };
  const event = { type: "message-received", content } as const;
  assertEquals(plaintextReceived(content, false), {
    type: "event",
    event: { ...event, encryption: "" },
  });
  assertEquals(plaintextReceived(content, true), {
    type: "event",
    event: { ...event, encryption: "failed", warning: "the message was not encrypted" },
  });
});

Deno.test("encryptedWith() shows the lock of the peer's trust, and what is known of the session", () => {
  const fingerprint = "a".repeat(40);
  const session = { version: 3, ssid: "0123456789abcdef" } as const;
  assertEquals(encryptedWith({ trust: "verified", fingerprint }, session), {
    type: "event",
    event: {
      type: "otr",
      state: "encrypted",
      lock: "green",
      trust: "verified",
      fingerprint,
      ...session,
    },
  });
  assertEquals(encryptedWith({ trust: undefined, fingerprint: undefined }), {
    type: "event",
    event: { type: "otr", state: "encrypted", lock: "orange", trust: "unverified" },
  });
});
