import { assertEquals } from "@std/assert";
import { createPainter, wantsColour } from "../../../../cli/output/colours.ts";

Deno.test("wantsColour() follows the flag, then NO_COLOR, then the terminal", () => {
  assertEquals(wantsColour("always", false, "1"), true);
  assertEquals(wantsColour("never", true, undefined), false);
  assertEquals(wantsColour("auto", true, undefined), true);
  assertEquals(wantsColour("auto", true, ""), true);
  assertEquals(wantsColour("auto", true, "1"), false);
  assertEquals(wantsColour("auto", false, undefined), false);
});

Deno.test("createPainter() paints, or leaves text alone", () => {
  assertEquals(createPainter(true)("green", "ok"), "\x1b[32mok\x1b[0m");
  assertEquals(createPainter(false)("green", "ok"), "ok");
});
