import { assertEquals } from "@std/assert";
import { WORKS } from "../../../../tools/bench/works.ts";

Deno.test("WORKS has no name twice", () => {
  const names = WORKS.map((it) => it.name);
  assertEquals([...new Set(names)], names);
});

Deno.test("WORKS names are one word of a driver's command line", () => {
  assertEquals(WORKS.filter((it) => !/^[a-z0-9-]{1,63}$/.test(it.name)), []);
});
