import { assertEquals, assertRejects } from "@std/assert";
import { measureStarts, runToEnd } from "../../../../tools/bench/start_up.ts";

const shell = (name: string, script: string) => ({
  name,
  program: "/bin/sh",
  args: ["-c", script],
});

Deno.test("measureStarts() counts every round but the first", async () => {
  const times = await measureStarts([shell("a", "true"), shell("b", "exit 0")], 3);
  assertEquals(times.map(({ name, n }) => ({ name, n })), [{ name: "a", n: 3 }, {
    name: "b",
    n: 3,
  }]);
});

Deno.test("runToEnd() does not take a failure for a fast start", async () => {
  await assertRejects(() => runToEnd(shell("bad", "echo why >&2; exit 1")), Error, "why");
});
