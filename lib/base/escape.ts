/**
 * Showing what came from the wire: no terminal escape, line break, bidirectional
 * override or invisible character of the peer's survives (CVE-2012-2369 and its kin).
 */

/** C0 and C1 controls, line and paragraph separators, bidi controls, zero-width and tag characters. */
const HIDDEN =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/**
 * `text` with every character that could move the cursor, reorder or hide something
 * replaced by `\n`, `\r`, `\t`, `\xNN`, `\uNNNN` or `\u{NNNNN}`; a backslash becomes `\\`.
 *
 * @param limit Cut after so many characters of the source, marked with `…`.
 */
export function escapeText(text: string, limit: number = Infinity): string {
  const cut = text.length > limit ? text.slice(0, limit) : text;
  const shown = cut.replaceAll("\\", "\\\\").replace(HIDDEN, escapeCharacter);
  return cut.length < text.length ? `${shown}…` : shown;
}

/** The same, but tab and line feed stay: for message text of several lines. */
export function escapeLines(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(
    HIDDEN,
    (it) => it === "\n" || it === "\t" ? it : escapeCharacter(it),
  );
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\u{${code.toString(16)}}`;
}
