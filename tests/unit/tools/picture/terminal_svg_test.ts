import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { renderTerminal } from "../../../../tools/picture/terminal_svg.ts";

Deno.test("renderTerminal() escapes what the transcript says", () => {
  const svg = renderTerminal([[{ text: `<b> & "c"`, style: { color: "red" } }]], { title: "<t>" });
  assertStringIncludes(svg, "&lt;b&gt; &amp; &quot;c&quot;");
  assertStringIncludes(svg, 'style="fill:red"');
  assertEquals(svg.includes("<t>"), false);
});

Deno.test("renderTerminal() cuts long lines and scrolls long transcripts", () => {
  const lines = Array.from({ length: 5 }, () => [{ text: "0123456789", style: {} }]);
  const svg = renderTerminal(lines, { title: "t", columns: 6, rows: 3 });
  assertStringIncludes(svg, ">01234</tspan>");
  assertStringIncludes(svg, ">…</tspan>");
  assert(/@keyframes s\{0%.*translateY\(-19px\).*translateY\(-38px\)/.test(svg));
});
