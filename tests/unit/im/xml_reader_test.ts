import { assertEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  childOf,
  escapeXml,
  parseXml,
  type XmlElement,
  type XmlLimits,
} from "../../../lib/im/xml_reader.ts";

function parse(text: string, limits?: XmlLimits): XmlElement {
  return parseXml(utf8(text), limits);
}

function refused(text: string, code = "im/bad-xml", limits?: XmlLimits): void {
  const error = assertThrows(() => parse(text, limits), PeerError);
  assertEquals([text, error.code], [text, code] as never);
}

Deno.test("parseXml() reads elements, text, CDATA, references and comments", () => {
  const it = parse(
    '<?xml version="1.0" encoding="utf-8"?>\n<!-- c --><a x="1" y=\'2\'>t&amp;&#65;&#x42;<b/><![CDATA[<&>]]><?pi x?></a>\n',
  );
  assertEquals(it, {
    namespace: "",
    name: "a",
    children: [{ namespace: "", name: "b", children: [], text: "" }],
    text: "t&AB<&>",
  });
});

Deno.test("parseXml() resolves namespaces by their scope", () => {
  const it = parse(
    '<a xmlns="urn:1" xmlns:p="urn:2"><p:b/><c xmlns="urn:3"><d/></c><e xmlns=""/></a>',
  );
  const names = (
    e: XmlElement,
  ): string[] => [`${e.namespace} ${e.name}`, ...e.children.flatMap(names)];
  assertEquals(names(it), ["urn:1 a", "urn:2 b", "urn:3 c", "urn:3 d", " e"]);
});

Deno.test("parseXml() refuses what is not well-formed", () => {
  const bad = [
    "",
    "text",
    "<a>",
    "</a>",
    "<a></b>",
    "<a/><b/>",
    "<a/>x",
    "<a b></a>",
    "<a b=c/>",
    '<a b="1" b="2"/>',
    '<a b="<"/>',
    "<a>&nbsp;</a>",
    "<a>&</a>",
    "<a>&#0;</a>",
    "<a>&#xD800;</a>",
    "<a>&#x110000;</a>",
    "<p:a/>",
    "<a",
    "<a><!-- </a>",
    "<a><![CDATA[</a>",
    "<a><?x</a>",
    "<a ></ a>",
    "< a/>",
    '<?xml version="1.0" encoding="utf-16"?><a/>',
  ];
  for (const text of bad) refused(text);
  assertThrows(() => parseXml(Uint8Array.of(0x3c, 0x61, 0xff)), PeerError, "UTF-8");
});

Deno.test("parseXml() refuses every document type: no entities, nothing to fetch", () => {
  refused("<!DOCTYPE a><a/>");
  refused('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>');
  refused('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>');
  const laughs = Deno.readFileSync(
    new URL("../../../fixtures/im/billion-laughs.xml", import.meta.url),
  );
  assertThrows(() => parseXml(laughs), PeerError);
});

Deno.test("parseXml() keeps its limits, each at its very edge", () => {
  parse("<a></a>", { length: 7 });
  refused("<a></a>", "im/xml-too-large", { length: 6 });
  parse("<a><b><c/></b></a>", { depth: 3 });
  refused("<a><b><c/></b></a>", "im/xml-too-large", { depth: 2 });
  parse("<a><b/><b/></a>", { elements: 3 });
  refused("<a><b/><b/></a>", "im/xml-too-large", { elements: 2 });
});

Deno.test("childOf() wants the parent's own namespace", () => {
  const it = parse('<a xmlns="urn:1" xmlns:p="urn:2"><p:b>no</p:b><b>yes</b></a>');
  assertEquals(childOf(it, "b")?.text, "yes");
  assertEquals(childOf(it, "c"), undefined);
});

Deno.test("escapeXml() makes any text readable again", () => {
  const text = `<a b="c" d='e'>&]]>\r\n\t\u{1f600}`;
  assertEquals(parse(`<x y="${escapeXml(text)}">${escapeXml(text)}</x>`).text, text);
  assertEquals(escapeXml("\0\x1b\uffff"), "\ufffd\ufffd\ufffd");
});
