/**
 * The key exchange, both sides, from the query on, and what its laziness leaves to the first
 * messages: a shared secret is computed when it is first used.
 */
import { ConversationPair } from "../tools/bench/conversation_pair.ts";

ConversationPair.settled(); // Makes the keys, which are not part of it.

Deno.bench("version 2", () => {
  new ConversationPair(2).exchangeKeys();
});
Deno.bench("version 3", { baseline: true }, () => {
  new ConversationPair(3).exchangeKeys();
});
Deno.bench("version 3, then a message each way", () => {
  ConversationPair.settled();
});
