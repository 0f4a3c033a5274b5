/** Names that strangers give to files, made into names of ours (RFC 5547 §6, §10). */

import { utf8 } from "../../base/bytes.ts";

/** Octets of a name in UTF-8: what numbers and endings are added to must still fit file systems. */
const LONGEST_NAME = 180;
/** Octets of an ending that is kept when a name is cut. */
const LONGEST_ENDING = 16;

/**
 * A name that is one file in the folder it is used in, wherever that is: no path, no control
 * or formatting characters, not hidden, no option, not reserved on any system, not one that
 * we give to unfinished files, and never empty.
 *
 * @param offered What the peer calls it.
 */
export function safeFileName(offered: string | undefined): string {
  const last = (offered ?? "").normalize("NFC").split(/[/\\]/).findLast((it) => it.trim() !== "");
  const plain = (last ?? "")
    // Cc, Cf, Co, Cs, Cn, Zl, Zp: what moves, hides or turns text round.
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "")
    .replace(/[<>:"|?*]/g, "_")
    .replace(/\p{Zs}+/gu, " ")
    .replace(/^[.\s]+|[.\s]+$/gu, "")
    .replace(/^-/, "_")
    .replace(/\.part$/i, ".part_");
  const cut = shorten(plain);
  if (cut === "") return "file";
  return RESERVED.test(cut) ? `_${cut}` : cut;
}

/**
 * The same name with a number before its ending: `a.txt` becomes `a-1.txt`.
 * @param number 0 leaves it as it is.
 */
export function numberedName(name: string, number: number): string {
  if (number === 0) return name;
  const [base, ending] = splitEnding(name);
  return `${base}-${number}${ending}`;
}

function shorten(name: string): string {
  if (utf8(name).length <= LONGEST_NAME) return name;
  const [base, ending] = splitEnding(name);
  let kept = "";
  let left = LONGEST_NAME - utf8(ending).length;
  for (const character of base) {
    left -= utf8(character).length;
    if (left < 0) break;
    kept += character;
  }
  return `${kept}${ending}`;
}

function splitEnding(name: string): readonly [string, string] {
  const dot = name.lastIndexOf(".");
  const ending = dot <= 0 ? "" : name.slice(dot);
  return utf8(ending).length > LONGEST_ENDING
    ? [name, ""]
    : [name.slice(0, dot <= 0 ? undefined : dot), ending];
}

/** Devices of Windows, with any ending. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$/i;
