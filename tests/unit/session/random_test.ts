import { assertEquals, assertNotEquals } from "@std/assert";
import { platformRandom } from "../../../lib/session/random.ts";

Deno.test("platformRandom() gives fresh octets of the length that was asked for", () => {
  assertEquals(platformRandom(0).length, 0);
  assertEquals(platformRandom(65_536).length, 65_536);
  assertNotEquals(platformRandom(16), platformRandom(16));
});
