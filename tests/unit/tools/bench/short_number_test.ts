import { assertEquals } from "@std/assert";
import { shortNumber, shortTime } from "../../../../tools/bench/short_number.ts";

Deno.test("shortNumber() keeps three digits and never speaks of powers of ten", () => {
  assertEquals([0.01234, 1.5, 12.34, 99.96, 123.4, 2634.4].map(shortNumber), [
    "0.0123",
    "1.50",
    "12.3",
    "100",
    "123",
    "2,634",
  ]);
});

Deno.test("shortTime() chooses the unit", () => {
  assertEquals([0.002, 0.9996, 1, 61].map(shortTime), [
    "2.00 µs",
    "1,000 µs",
    "1.00 ms",
    "61.0 ms",
  ]);
});
