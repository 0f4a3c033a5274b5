/**
 * As much XML 1.0 with namespaces as small documents of peers need, and no more: no
 * document type, hence no entities to expand and nothing to fetch; limits on everything.
 */

import { decodeUtf8 } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";

/** An element. */
export interface XmlElement {
  /** Namespace URI, `""` for none. */
  readonly namespace: string;
  /** Local name. */
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** All character data directly inside, joined. */
  readonly text: string;
}

/** How much a peer may make us read. */
export interface XmlLimits {
  /** Octets of the document. Default 16,384. */
  readonly length?: number | undefined;
  /** Elements inside each other. Default 16. */
  readonly depth?: number | undefined;
  /** Elements in all. Default 256. */
  readonly elements?: number | undefined;
}

/**
 * The root element of a well-formed document.
 *
 * @throws {PeerError} `im/bad-xml` with the offset in characters, `im/xml-too-large`.
 */
export function parseXml(input: Uint8Array, limits: XmlLimits = {}): XmlElement {
  const { length = 16_384 } = limits;
  if (input.length > length) throw tooLarge(`expected at most ${length} octets`);
  const text = decodeUtf8(input);
  if (text === undefined) throw badXml("expected UTF-8", 0);
  return new XmlReader(text, limits).document();
}

/** The first child of this name in the parent's own namespace. */
export function childOf(parent: XmlElement, name: string): XmlElement | undefined {
  return parent.children.find((it) => it.name === name && it.namespace === parent.namespace);
}

/** Replaces what may not stand in character data (and in attribute values) by references. */
export function escapeXml(text: string): string {
  // Characters that XML 1.0 cannot carry at all become U+FFFD.
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"'\r]/g, (it) => `&#${it.charCodeAt(0)};`);
}

interface OpenElement {
  readonly qualifiedName: string;
  readonly namespace: string;
  readonly name: string;
  readonly children: XmlElement[];
  readonly namespaces: ReadonlyMap<string, string>;
  text: string;
}

class XmlReader {
  readonly #text: string;
  readonly #limits: XmlLimits;
  readonly #open: OpenElement[] = [];
  #at = 0;
  #elements = 0;
  #root: XmlElement | undefined;

  constructor(text: string, limits: XmlLimits) {
    this.#text = text.replace(/^\ufeff/, "");
    this.#limits = limits;
  }

  document(): XmlElement {
    this.#declaration();
    while (this.#at < this.#text.length) this.#content();
    if (this.#open.length > 0) throw badXml("expected an end tag", this.#at);
    if (this.#root === undefined) throw badXml("expected an element", this.#at);
    return this.#root;
  }

  #declaration(): void {
    const match = this.#match(/<\?xml\s[^?<>]*\?>/y);
    const encoding = /\sencoding\s*=\s*["']([^"']*)["']/.exec(match?.[0] ?? "")?.[1];
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) throw badXml("expected UTF-8", 0);
  }

  #content(): void {
    const data = this.#match(/[^<]+/y)?.[0];
    if (data !== undefined) return this.#characters(decodeReferences(data, this.#at));
    if (this.#skipTo("<!--", "-->") || this.#skipTo("<?", "?>")) return;
    const cdata = this.#match(/<!\[CDATA\[/y);
    if (cdata !== null) return this.#characters(this.#until("]]>"));
    const end = this.#match(/<\/([^\s<>&]+)\s*>/y);
    if (end !== null) return this.#close(end[1] ?? "");
    const start = this.#match(
      /<([^\s<>&/!?="']+)((?:\s+[^\s<>&/="']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y,
    );
    if (start === null) throw badXml("expected a tag, without a document type", this.#at);
    const [, name = "", attributes = "", empty = ""] = start;
    this.#start(name, attributes);
    if (empty !== "") this.#close(name);
  }

  #characters(text: string): void {
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.text += text;
    else if (/[^ \t\r\n]/.test(text)) throw badXml("expected nothing outside the root", this.#at);
  }

  #start(qualifiedName: string, written: string): void {
    const { depth = 16, elements = 256 } = this.#limits;
    if (this.#root !== undefined) throw badXml("expected one root element", this.#at);
    if (++this.#elements > elements) throw tooLarge(`expected at most ${elements} elements`);
    if (this.#open.length >= depth) throw tooLarge(`expected at most ${depth} nested elements`);
    const namespaces = new Map(this.#open.at(-1)?.namespaces ?? PREDEFINED);
    const seen = new Set<string>();
    for (const [, name = "", quoted = ""] of written.matchAll(ATTRIBUTE)) {
      if (seen.has(name)) throw badXml("expected every attribute once", this.#at);
      seen.add(name);
      const value = decodeReferences(quoted.slice(1, -1), this.#at);
      if (name === "xmlns") namespaces.set("", value);
      else if (name.startsWith("xmlns:")) namespaces.set(name.slice(6), value);
    }
    const [prefix = "", name = ""] = qualifiedName.includes(":")
      ? qualifiedName.split(":", 2)
      : ["", qualifiedName];
    const namespace = namespaces.get(prefix);
    if (namespace === undefined) throw badXml("expected a declared namespace prefix", this.#at);
    this.#open.push({ qualifiedName, namespace, name, children: [], namespaces, text: "" });
  }

  #close(qualifiedName: string): void {
    const element = this.#open.pop();
    if (element?.qualifiedName !== qualifiedName) {
      throw badXml("expected the end tag of the innermost element", this.#at);
    }
    const { namespace, name, children, text } = element;
    const closed: XmlElement = { namespace, name, children, text };
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = closed;
    else parent.children.push(closed);
  }

  #skipTo(start: string, end: string): boolean {
    if (!this.#text.startsWith(start, this.#at)) return false;
    this.#at += start.length;
    this.#until(end);
    return true;
  }

  #until(end: string): string {
    const stop = this.#text.indexOf(end, this.#at);
    if (stop < 0) throw badXml(`expected ${end}`, this.#at);
    const text = this.#text.slice(this.#at, stop);
    this.#at = stop + end.length;
    return text;
  }

  /** @param pattern Sticky. */
  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at += match[0].length;
    return match;
  }
}

/** Character references and the five predefined entities; any other entity is a fault (XML 1.0 §4.6). */
function decodeReferences(text: string, at: number): string {
  return text.replace(
    /&(?:#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6})|([a-z]+));|&/g,
    (_, decimal, hex, name) => {
      const known: string | undefined = typeof name === "string" ? ENTITIES[name] : undefined;
      if (known !== undefined) return known;
      const code = typeof decimal === "string"
        ? Number.parseInt(decimal, 10)
        : typeof hex === "string"
        ? Number.parseInt(hex, 16)
        : -1;
      if (!isXmlCharacter(code)) throw badXml("expected a predefined entity", at);
      return String.fromCodePoint(code);
    },
  );
}

// Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]
function isXmlCharacter(code: number): boolean {
  return code === 0x9 || code === 0xa || code === 0xd || (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}

function badXml(message: string, offset: number): PeerError {
  return new PeerError("im/bad-xml", "XML 1.0", message, { offset });
}

function tooLarge(message: string): PeerError {
  return new PeerError("im/xml-too-large", "XML 1.0", message);
}

const ATTRIBUTE = /\s([^\s<>&/="']+)\s*=\s*("[^"<]*"|'[^'<]*')/g;
const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ["", ""],
  ["xml", "http://www.w3.org/XML/1998/namespace"],
]);
const ENTITIES: Readonly<Record<string, string | undefined>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};
