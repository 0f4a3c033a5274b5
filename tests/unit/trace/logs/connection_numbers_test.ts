import { assertEquals } from "@std/assert";
import { ConnectionNumbers } from "../../../../lib/trace/logs/connection_numbers.ts";

Deno.test("ConnectionNumbers gives each key a number that no other key ever had", () => {
  const numbers = new ConnectionNumbers(2);
  const told = ["a", "b", "a", "c", "a"].map((it) => numbers.numberOf(it));
  assertEquals(told, [1, 2, 1, 3, 4]); // the third key made it forget the others
});
