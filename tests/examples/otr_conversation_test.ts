import { assertEquals } from "@std/assert";
import { tell } from "../../examples/otr_conversation.ts";

Deno.test("the example otr_conversation ends verified on the side that asked", () => {
  assertEquals([...tell()], [
    "bob: query-received",
    "alice: encrypted",
    "bob: encrypted",
    "alice: encrypted “is that you?”",
    "bob: smp asked (where did we meet?)",
    "bob: smp in-progress (where did we meet?)",
    "alice: smp in-progress (where did we meet?)",
    "bob: smp success (where did we meet?)",
    "alice: smp success (where did we meet?), verified",
    "alice: plaintext",
    "bob: finished",
    "bob: session-ended-by-peer",
  ]);
});
