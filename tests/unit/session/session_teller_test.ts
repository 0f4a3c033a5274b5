import { assert, assertEquals } from "@std/assert";
import { PeerError, SottoError } from "../../../lib/base/errors.ts";
import type { SessionEvent } from "../../../lib/session/session_event.ts";
import { asSottoError, SessionTeller } from "../../../lib/session/session_teller.ts";

async function told(story: (teller: SessionTeller) => void): Promise<SessionEvent[]> {
  const teller = new SessionTeller(() => {});
  story(teller);
  teller.close();
  return await Array.fromAsync(teller.events);
}

Deno.test("SessionTeller tells everything in order, and nothing after the end", async () => {
  const events = await told((teller) => {
    teller.tell({ type: "call", state: "calling", peer: "bob@example.net", callId: "" });
    teller.tell({ type: "composing", from: "bob@example.net", state: "active" });
    teller.close();
    teller.tell({ type: "composing", from: "bob@example.net", state: "idle" });
  });
  assertEquals(events, [
    { type: "call", state: "calling", peer: "bob@example.net", callId: "" },
    { type: "composing", from: "bob@example.net", state: "active" },
  ]);
});

Deno.test("SessionTeller says on whose side a fault was, and the peer's with its rule", async () => {
  const events = await told((teller) => {
    teller.fault(new SottoError("session/timeout", "too late"));
    teller.fault(new Error("odd"));
    teller.peerFault(new PeerError("im/bad-cpim-header", "RFC 3862 §2", "no empty line"));
  });
  assertEquals(events, [
    { type: "error", code: "session/timeout", message: "too late", side: "local" },
    { type: "error", code: "session/failed", message: "odd", side: "local" },
    {
      type: "error",
      code: "im/bad-cpim-header",
      message: "no empty line",
      side: "remote",
      rule: "RFC 3862 §2",
    },
  ]);
});

Deno.test("SessionTeller says when nobody reads any more, and keeps what is there", async () => {
  const deaf: string[] = [];
  const teller = new SessionTeller((error) => deaf.push(error.code), 1);
  teller.tell({ type: "composing", from: "bob@example.net", state: "active" });
  assertEquals(deaf, []);
  teller.tell({ type: "composing", from: "bob@example.net", state: "idle" });
  assertEquals(deaf, ["session/queue-full"]);
  teller.close();
  assertEquals((await Array.fromAsync(teller.events)).length, 1);
});

Deno.test("asSottoError() leaves ours as they are, and keeps the cause of others", () => {
  const ours = new SottoError("session/timeout", "too late");
  assert(asSottoError(ours) === ours);
  const theirs = new TypeError("odd");
  assertEquals(asSottoError(theirs).cause, theirs);
  assertEquals(asSottoError("words").message, "words");
});
