/** Nicknames in chat rooms: the value of Use-Nickname (RFC 7701 §7.1, §7.3). */
import { utf8 } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";

/** Octets of the longest nickname in UTF-8 (RFC 7701 §7.1). */
export const LONGEST_NICKNAME = 1_023;

/**
 * Reads the value of Use-Nickname; empty gives the nickname up (§7.3). A value without quotes
 * is taken as it stands, because Blink writes it so.
 *
 * @throws {PeerError} `msrp/bad-nickname`: quotes or escapes that do not fit, or too long.
 */
export function parseNickname(value: string): string {
  const isQuoted = value.startsWith('"');
  if (isQuoted ? !QUOTED.test(value) : !BARE.test(value)) {
    throw badNickname(`expected a quoted string, found "${escapeText(value, 60)}"`);
  }
  const nickname = isQuoted ? value.slice(1, -1).replace(/\\(["\\])/g, "$1") : value;
  const { length } = utf8(nickname);
  if (length > LONGEST_NICKNAME) {
    throw badNickname(`expected at most ${LONGEST_NICKNAME} octets, found ${length}`);
  }
  return nickname;
}

/**
 * Writes the value of Use-Nickname; an empty nickname gives it up.
 * @throws {RangeError} when it is too long, or holds a character that cannot be written.
 */
export function writeNickname(nickname: string): string {
  if (!WRITABLE.test(nickname)) {
    throw new RangeError("expected a nickname without control characters");
  }
  if (utf8(nickname).length > LONGEST_NICKNAME) {
    throw new RangeError(`expected a nickname of at most ${LONGEST_NICKNAME} octets`);
  }
  return `"${nickname.replace(/["\\]/g, "\\$&")}"`;
}

function badNickname(message: string): PeerError {
  return new PeerError("msrp/bad-nickname", "RFC 7701 §7.1", message);
}

// nickname = DQUOTE 1*1023(qdtext / qd-esc) DQUOTE
// qdtext = SP / HTAB / %x21 / %x23-5B / %x5D-7E / UTF8-NONASCII;  qd-esc = "\\" / "\" DQUOTE
const QUOTED = /^"(?:[\t !#-[\]-~\u0080-\u{10ffff}]|\\["\\])*"$/u;
const BARE = /^[\t -~\u0080-\u{10ffff}]+$/u;
const WRITABLE = /^[\t -~\u0080-\u{10ffff}]*$/u;
