import { assertThrows } from "@std/assert";
import { ConversationPair } from "../../../../tools/bench/conversation_pair.ts";

Deno.test("ConversationPair does in both versions what the benchmark times", () => {
  for (const version of [2, 3] as const) {
    const pair = new ConversationPair(version);
    pair.exchangeKeys();
    pair.say("alice", "x".repeat(10_000));
    pair.say("bob", "hello");
    pair.verify();
    pair.verify();
    pair.end();
  }
});

Deno.test("ConversationPair does not take a failure for a fast success", () => {
  assertThrows(() => new ConversationPair().verify());
});
