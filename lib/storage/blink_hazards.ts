/**
 * What Blink of 2013 would destroy in a `trusted_peers` file. Its loader takes every line for
 * three columns, rewrites the file after each, and stops at the first line that is something
 * else: what follows is gone.
 */
import { escapeText } from "../base/escape.ts";
import {
  endingOf,
  type FileLine,
  type LineFault,
  writeTrustedPeers,
} from "./trusted_peers_file.ts";
import { latin1 } from "../base/ascii.ts";

/** Its read-ahead: a longer file is cut while it is being read. */
const BLINK_READ_AHEAD = 8192;

/** What would go wrong, line by line. Nothing of this stops us. */
export function blinkHazards(lines: readonly FileLine[]): LineFault[] {
  const hazards = lines.flatMap((line, index): LineFault[] => {
    const message = hazardOf(line, index === lines.length - 1);
    return message === undefined ? [] : [{ line: index + 1, message: `Blink 2013 ${message}` }];
  });
  const size = writeTrustedPeers(lines).length;
  if (size <= BLINK_READ_AHEAD) return hazards;
  return [...hazards, {
    line: lines.length,
    message:
      `Blink 2013 would cut the file, which has ${size} octets, more than ${BLINK_READ_AHEAD}`,
  }];
}

function hazardOf({ bytes, row }: FileLine, isLast: boolean): string | undefined {
  const ending = endingOf(bytes);
  const text = latin1(bytes.subarray(0, bytes.length - (ending === "" ? 0 : 1)));
  const columns = text.split("\t");
  if (columns.length !== 3) {
    const kind = text.trim() === ""
      ? "a blank line"
      : text.trimStart().startsWith("#")
      ? "a comment"
      : "a line without three columns";
    return `would lose ${kind} and every line after it`;
  }
  const [uid = "", , trust = ""] = columns;
  // deno-lint-ignore no-control-regex
  if (/[^\x00-\x7f]/.test(uid)) {
    return `would stop at the address ${escapeText(row?.uid ?? "here")}, which is not ASCII`;
  }
  if (isLast && ending === "") return "would eat the last character: a line end is missing";
  // What it tests is whether the third column is empty, and it takes away the line feed alone.
  if (ending === "\r\n" && trust === "\r") {
    return "would take the fingerprint for verified: the line ends with CRLF";
  }
  return undefined;
}
