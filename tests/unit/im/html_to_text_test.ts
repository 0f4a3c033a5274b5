import { assert, assertEquals } from "@std/assert";
import { htmlToText } from "../../../lib/im/html_to_text.ts";

Deno.test("htmlToText() reads what Blink Qt sends", () => {
  const html = Deno.readTextFileSync(
    new URL("../../../fixtures/im/blink-qt.html", import.meta.url),
  );
  assertEquals(
    htmlToText(html),
    'Hello Bob,\n\n1 < 2 && "so on" …\nsee this page <https://example.org/x?a=1&b=2>',
  );
});

Deno.test("htmlToText() breaks lines where a browser would", () => {
  const cases: [string, string][] = [
    ["plain", "plain"],
    ["a<br>b<br/>c<BR />d", "a\nb\nc\nd"],
    ["a<br><br>b", "a\n\nb"],
    ["<p>a</p><p>b</p>", "a\n\nb"],
    ["<div>a</div><div>b</div>", "a\nb"],
    ["a\n  b\tc", "a b c"],
    ["<b>bo</b>ld", "bold"],
    ["<ul><li>one</li><li>two</li></ul>after", "- one\n- two\n\nafter"],
    ["<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"],
    ["<pre>a\n  b</pre>c", "a\n  b\nc"],
    ["a&nbsp;&nbsp;b", "a  b"],
    ["<p> </p>", ""],
    ["<p>  a  </p>  ", "a"],
    ["", ""],
  ];
  for (const [html, text] of cases) assertEquals([html, htmlToText(html)], [html, text]);
});

Deno.test("htmlToText() drops scripts, styles, heads, comments and declarations", () => {
  assertEquals(
    htmlToText(
      '<!DOCTYPE html><?x y?><head><title>t</title></head><script>a<b>"</script><STYLE>x</style >b<!-- c > d -->e<![CDATA[f]]>',
    ),
    "be",
  );
  assertEquals(htmlToText("a<script>never ends"), "a");
  assertEquals(htmlToText("a<!-- never ends"), "a");
  assertEquals(htmlToText("a<script>x</scripty>y</script>b"), "ab");
});

Deno.test("htmlToText() shows where a link leads when its text says something else", () => {
  assertEquals(
    htmlToText('<a href="https://x.example">https://x.example</a>'),
    "https://x.example",
  );
  assertEquals(
    htmlToText("<a class=q href=https://evil.example/?a=1&amp;b>https://bank.example</a>."),
    "https://bank.example <https://evil.example/?a=1&b>.",
  );
  assertEquals(htmlToText("<a href='mailto:a@b'>a@b</a>"), "a@b");
  assertEquals(htmlToText("<a name=x>y</a>"), "y");
  assertEquals(htmlToText('<a href="u">never closed'), "never closed <u>");
});

Deno.test("htmlToText() shows the alternative text of pictures", () => {
  assertEquals(htmlToText('a <img src="x.png" alt="smile &gt;"> b<img>'), "a smile > b");
});

Deno.test("htmlToText() keeps a lone less-than sign and tags that never end as text", () => {
  assertEquals(htmlToText("1 < 2 <3"), "1 < 2 <3");
  assertEquals(htmlToText("a <b never ends"), "a <b never ends");
  assertEquals(htmlToText('<a title="a > b" href="u">x</a>'), "x <u>");
  assertEquals(htmlToText("<b'>x"), "x");
});

Deno.test("htmlToText() does not let references make tags", () => {
  assertEquals(htmlToText("&lt;script&gt;x&lt;/script&gt;"), "<script>x</script>");
});

Deno.test("htmlToText() reads so much and no more", () => {
  assertEquals(htmlToText("abcdef", { length: 3 }), "abc");
});

Deno.test("htmlToText() takes linear time for inputs made to take more", () => {
  const count = 100_000;
  const evil = [
    "<",
    "<a ",
    "<a b='",
    "<!--",
    "&",
    " ",
    "<pre> ",
    "<br> ",
    "</",
    "<script>",
    "<a href=x>",
    "\n",
    '="',
    "<p>",
  ];
  for (const piece of evil) {
    const start = performance.now();
    htmlToText(piece.repeat(count));
    const took = performance.now() - start;
    assert(took < 3000, `${JSON.stringify(piece)} × ${count} took ${took} ms`);
  }
});
