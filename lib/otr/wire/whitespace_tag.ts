/** The invisible offer in a plaintext message ("Tagged plaintext messages"). */

/** A plaintext message that held the tag. */
export interface TaggedPlaintext {
  readonly type: "tagged-plaintext";
  /** The message without the tag. */
  readonly text: string;
  /** Version identifiers, one character each, in the order written. */
  readonly versions: readonly string[];
  /** The tag as it was written. */
  readonly tag: string;
  /** Where in {@link text} the tag stood. */
  readonly at: number;
}

/** Finds the first tag in `text`, if there is one. */
export function readTaggedPlaintext(text: string): TaggedPlaintext | undefined {
  const at = text.indexOf(BASE);
  if (at < 0) return undefined;
  const versions: string[] = [];
  let end = at + BASE.length;
  for (let group = text.slice(end, end + 8); isGroup(group); group = text.slice(end, end + 8)) {
    const version = versionOf(group);
    if (!versions.includes(version)) versions.push(version);
    end += 8;
  }
  return {
    type: "tagged-plaintext",
    text: text.slice(0, at) + text.slice(end),
    versions,
    tag: text.slice(at, end),
    at,
  };
}

/** The tag that offers `versions`: base, then eight characters for each. */
export function writeWhitespaceTag(versions: readonly string[]): string {
  return BASE + versions.map((it) => it === "1" ? V1_GROUP : groupOf(it)).join("");
}

const BASE = " \t  \t\t\t\t \t \t \t  ";

/** Version 1 is older than the rule that the others follow. */
const V1_GROUP = " \t \t  \t ";

/**
 * Eight blanks with at least one of each kind: an unknown version's group is skipped,
 * eight spaces of indentation stay.
 */
function isGroup(text: string): boolean {
  return /^[ \t]{8}$/.test(text) && text.includes(" ") && text.includes("\t");
}

/** Groups spell the identifier's ASCII code, tab for one: "2" is 00110010. */
function versionOf(group: string): string {
  if (group === V1_GROUP) return "1";
  return String.fromCharCode(
    Number.parseInt(group.replaceAll(" ", "0").replaceAll("\t", "1"), 2),
  );
}

function groupOf(version: string): string {
  return version.charCodeAt(0).toString(2).padStart(8, "0").replaceAll("0", " ")
    .replaceAll("1", "\t");
}
