import { assertEquals } from "@std/assert";
import { tell } from "../../../lib/otr/events.ts";

Deno.test("tell() wraps an event as an output", () => {
  const event = { type: "error-received", text: "x" } as const;
  assertEquals(tell(event), { type: "event", event });
});
