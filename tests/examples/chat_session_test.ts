import { assertEquals } from "@std/assert";
import { tell } from "../../examples/chat_session.ts";

Deno.test("the example chat_session sends one message, encrypted", async () => {
  assertEquals(await Array.fromAsync(tell()), [
    "alice sends: delivered",
    "gray: negotiating",
    "orange: encrypted",
    "out: hello bob (unverified)",
  ]);
});
