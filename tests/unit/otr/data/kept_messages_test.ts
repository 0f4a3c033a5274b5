import { assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { SottoError } from "../../../../lib/base/errors.ts";
import { KeptMessages } from "../../../../lib/otr/data/kept_messages.ts";
import { DEFAULT_LIMITS } from "../../../../lib/otr/limits.ts";

const limits = { ...DEFAULT_LIMITS, storedMessages: 2, storedOctets: 10, resendWindow: 60_000 };
const message = (text: string) => ({ content: utf8(text), plainContent: false });

Deno.test("KeptMessages.take() gives what waited, once, in order", () => {
  const kept = new KeptMessages(limits);
  kept.store(message("one"));
  kept.store(message("two"));
  assertEquals(kept.take("anybody", 0), [message("one"), message("two")]);
  assertEquals(kept.take("anybody", 0), []);
});

Deno.test("KeptMessages.store() keeps a copy, and no more than its limits", () => {
  const kept = new KeptMessages(limits);
  const first = message("one");
  kept.store(first);
  first.content.fill(0);
  const error = assertThrows(() => kept.store(message("x".repeat(8))), SottoError);
  assertEquals(error.code, "otr/too-many-stored");
  kept.store(message("two"));
  assertThrows(() => kept.store(message("")), SottoError);
  assertEquals(kept.take("anybody", 0), [message("one"), message("two")]);
});

Deno.test("KeptMessages.take() gives the last message again only if the peer could not read it", () => {
  const kept = new KeptMessages(limits);
  kept.sent(message("hi"), "fp", 0);
  assertEquals(kept.take("fp", 1), []);
  kept.peerFailedToRead();
  assertEquals(kept.take("fp", 1), [message("hi")]);
  assertEquals(kept.take("fp", 1), []);
});

Deno.test("KeptMessages.take() never gives it to another fingerprint, nor after the window", () => {
  const kept = new KeptMessages(limits);
  kept.sent(message("hi"), "fp", 1000);
  kept.peerFailedToRead();
  assertEquals(kept.take("other", 1000), []);
  assertEquals(kept.deadline, 61_000);
  assertEquals(kept.take("fp", 61_000), []);
});

Deno.test("KeptMessages forgets the last message when its time is over or it is too long", () => {
  const kept = new KeptMessages(limits);
  kept.sent(message("hi"), "fp", 0);
  kept.handleTimeout(59_999);
  assertEquals(kept.deadline, 60_000);
  kept.handleTimeout(60_000);
  assertEquals(kept.deadline, undefined);
  kept.sent(message("x".repeat(11)), "fp", 0);
  assertEquals(kept.deadline, undefined);
});

Deno.test("KeptMessages.peerFailedToRead() needs nothing to have been sent", () => {
  const kept = new KeptMessages(limits);
  kept.peerFailedToRead();
  assertEquals(kept.take("fp", 0), []);
});
