/** SMP without a question, both sides, from the first message to both verdicts. */
import { ConversationPair } from "../tools/bench/conversation_pair.ts";

const pair = ConversationPair.settled();

Deno.bench("both sides of SMP", { n: 50, warmup: 5 }, () => pair.verify());
