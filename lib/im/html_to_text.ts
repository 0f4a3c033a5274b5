/**
 * HTML of a peer's rich-text editor as text for a terminal. Tags are dropped, never
 * interpreted beyond line breaks, lists, links and alternative texts. Not a sanitizer for
 * browsers, and control characters stay: show the result through `escapeLines`.
 */

import { decodeHtmlReferences } from "./html_references.ts";

/** How much of a document is read. */
export interface HtmlLimits {
  /** Characters of HTML; what follows is dropped. Default 1,048,576. */
  readonly length?: number | undefined;
}

/**
 * The text of `html`. Total: whatever it is given, it answers. Spaces are collapsed outside
 * `<pre>`; a link is followed by its target in angle brackets unless its text is the target.
 */
export function htmlToText(html: string, { length = 1 << 20 }: HtmlLimits = {}): string {
  const input = html.slice(0, length);
  const output = new TextBuilder();
  for (let at = 0; at < input.length;) {
    const open = input.indexOf("<", at);
    const stop = open < 0 ? input.length : open;
    output.text(decodeHtmlReferences(input.slice(at, stop)));
    if (open < 0) break;
    at = readMarkup(input, open, output);
  }
  return output.finish();
}

/** Deals with the `<` at `at` and answers where to go on. */
function readMarkup(input: string, at: number, output: TextBuilder): number {
  if (input.startsWith("<!--", at)) return skipPast(input, "-->", at + 4);
  const next = input.charAt(at + 1);
  if (next === "!" || next === "?") return skipPast(input, ">", at + 2);
  if (!/[a-zA-Z/]/.test(next)) {
    output.text("<"); // A lone less-than sign, as in "a < b".
    return at + 1;
  }
  const end = endOfTag(input, at + 1);
  if (end === undefined) {
    // The tag never ends: what looks like one is text, and nothing after it can be a tag.
    output.text(decodeHtmlReferences(input.slice(at)));
    return input.length;
  }
  const tag = parseTag(input.slice(at + 1, end));
  if (!tag.isEnd && UNSEEN.includes(tag.name)) return skipElement(input, tag.name, end + 1);
  output.tag(tag);
  return end + 1;
}

interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  readonly attributes: string;
}

function parseTag(text: string): Tag {
  const match = /^(\/?)([a-zA-Z][^\s/>]*)?(.*)$/s.exec(text);
  const [, slash = "", name = "", attributes = ""] = match ?? [];
  return { name: name.toLowerCase(), isEnd: slash !== "", attributes };
}

/** Position of the `>` that ends a tag; one inside quotes does not. */
function endOfTag(input: string, from: number): number | undefined {
  let quote = "";
  for (let at = from; at < input.length; at++) {
    const character = input.charAt(at);
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === ">") return at;
    // A quote opens a value only after "="; elsewhere it is a stray, as in <b'>.
    else if (
      (character === '"' || character === "'") &&
      /=\s*$/.test(input.slice(Math.max(from, at - 8), at))
    ) {
      quote = character;
    }
  }
  return undefined;
}

function skipPast(input: string, end: string, from: number): number {
  const found = input.indexOf(end, from);
  return found < 0 ? input.length : found + end.length;
}

/** Skips the raw content of an element such as `<script>`, with its end tag. */
function skipElement(input: string, name: string, from: number): number {
  const end = new RegExp(`</${name}[\\s/>]`, "gi");
  end.lastIndex = from;
  const found = end.exec(input);
  return found === null ? input.length : skipPast(input, ">", found.index);
}

function attribute(tag: Tag, name: string): string | undefined {
  const pattern = new RegExp(
    `(?:^|[\\s"'/])${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`,
    "i",
  );
  const match = pattern.exec(tag.attributes);
  const value = match?.[1] ?? match?.[2] ?? match?.[3];
  return value === undefined ? undefined : decodeHtmlReferences(value);
}

/** Collects lines as a browser would lay them out, roughly. */
class TextBuilder {
  readonly #parts: string[] = [];
  /** What the next text must be separated by. */
  #pending: "" | " " | "\n" | "\n\n" = "";
  #preformatted = 0;
  #link: { readonly target: string; readonly from: number } | undefined;

  text(text: string): void {
    if (this.#preformatted > 0) return this.#append(text);
    for (const [piece] of text.matchAll(/[ \t\r\n\f]+|[^ \t\r\n\f]+/g)) {
      if (/^[ \t\r\n\f]/.test(piece)) this.#separate(" ");
      else this.#append(piece);
    }
  }

  tag(tag: Tag): void {
    const { name, isEnd } = tag;
    if (name === "br") this.#breakLine();
    else if (name === "pre") this.#pre(isEnd);
    else if (name === "a") this.#anchor(tag);
    else if (name === "img" && !isEnd) this.text(attribute(tag, "alt") ?? "");
    else if (name === "td" || name === "th") this.#separate(" ");
    else if (PARAGRAPHS.includes(name)) this.#separate("\n\n");
    else if (BLOCKS.includes(name)) this.#separate("\n");
    if (name === "li" && !isEnd) this.#append("- ");
  }

  finish(): string {
    this.#endLink();
    // By lines, because an expression for trailing blanks would take quadratic time.
    const lines = this.#parts.join("").split("\n").map((it) => it.trimEnd());
    return lines.slice(lines.findIndex((it) => it !== "")).join("\n").trimEnd()
      .replaceAll("\u00a0", " ");
  }

  #append(text: string): void {
    if (text === "") return;
    if (this.#parts.length > 0) this.#parts.push(this.#pending);
    this.#pending = "";
    this.#parts.push(text);
  }

  #separate(by: " " | "\n" | "\n\n"): void {
    if (by.length > this.#pending.length || this.#pending === " ") this.#pending = by;
  }

  #breakLine(): void {
    this.#parts.push(this.#pending === " " ? "\n" : `${this.#pending}\n`);
    this.#pending = "";
  }

  #pre(isEnd: boolean): void {
    this.#preformatted = Math.max(0, this.#preformatted + (isEnd ? -1 : 1));
    this.#separate("\n");
  }

  #anchor(tag: Tag): void {
    this.#endLink();
    const target = tag.isEnd ? undefined : attribute(tag, "href");
    if (target !== undefined) this.#link = { target, from: this.#parts.length };
  }

  /** Shows where a link leads, because its text may say something else. */
  #endLink(): void {
    if (this.#link === undefined) return;
    const { target, from } = this.#link;
    this.#link = undefined;
    const shown = this.#parts.slice(from).join("").trim();
    if (shown === target || `mailto:${shown}` === target || target === "") return;
    this.#append(`${shown === "" ? "" : " "}<${target}>`);
  }
}

const UNSEEN: readonly string[] = [
  "script",
  "style",
  "head",
  "title",
  "template",
  "iframe",
  "noscript",
];
const PARAGRAPHS: readonly string[] = [
  "p",
  "blockquote",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "ul",
  "ol",
  "dl",
  "table",
];
const BLOCKS: readonly string[] = [
  "div",
  "li",
  "tr",
  "hr",
  "section",
  "article",
  "header",
  "footer",
  "dt",
  "dd",
  "body",
  "html",
];
