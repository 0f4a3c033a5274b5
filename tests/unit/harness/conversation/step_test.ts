import { assertEquals, assertThrows } from "@std/assert";
import { compilePattern, parseDuration } from "../../../../lib/harness/conversation/step.ts";

Deno.test("parseDuration() reads ms, s, m, h and plain seconds", () => {
  assertEquals(
    ["250ms", "20s", "2m", "1h", "3", "0.5s"].map((it) => parseDuration(it, "--hold")),
    [250, 20_000, 120_000, 3_600_000, 3_000, 500],
  );
  assertThrows(
    () => parseDuration("5 parsecs", "--hold"),
    RangeError,
    "--hold: expected a duration",
  );
});

Deno.test("compilePattern() says where a bad pattern stood", () => {
  assertEquals(compilePattern("é+", "--expect").test("café"), true);
  assertThrows(() => compilePattern("[", "--expect"), RangeError, "--expect: not a regular");
});
