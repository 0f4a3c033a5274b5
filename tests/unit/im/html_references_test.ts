import { assertEquals } from "@std/assert";
import { decodeHtmlReferences } from "../../../lib/im/html_references.ts";

Deno.test("decodeHtmlReferences() knows numbers and names, with and without semicolon", () => {
  assertEquals(
    decodeHtmlReferences("&lt;&gt;&amp;&quot;&apos;&#39;&#x41;&euro;&hellip;"),
    "<>&\"''A€…",
  );
  assertEquals(decodeHtmlReferences("a&nbsp;b&ampc"), "a\u00a0b&ampc");
  assertEquals(decodeHtmlReferences("R&amp D"), "R& D");
});

Deno.test("decodeHtmlReferences() leaves what nobody knows, and makes U+FFFD of what is no text", () => {
  assertEquals(decodeHtmlReferences("&unknown; & &; &#; &#x;"), "&unknown; & &; &#; &#x;");
  assertEquals(decodeHtmlReferences("&#0;&#xD800;&#99999999;"), "\ufffd\ufffd\ufffd");
  assertEquals(decodeHtmlReferences("&constructor;&__proto__;"), "&constructor;&__proto__;");
});

Deno.test("decodeHtmlReferences() decodes once only", () => {
  assertEquals(decodeHtmlReferences("&amp;lt;"), "&lt;");
});
