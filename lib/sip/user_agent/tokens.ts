/** Random names that nobody can guess: branches, tags, Call-IDs (RFC 3261 §8.1.1.4, §8.1.1.7, §19.3). */

import { toHex } from "../../base/bytes.ts";
import type { RandomSource } from "../../base/output.ts";
import { MAGIC_COOKIE } from "../message/via.ts";

/** A branch: 128 random bits behind the cookie. */
export function newBranch(random: RandomSource): string {
  return `${MAGIC_COOKIE}${toHex(random(16))}`;
}

/** A tag: 64 random bits; the RFC asks for 32. */
export function newTag(random: RandomSource): string {
  return toHex(random(8));
}

/** A Call-ID: 128 random bits, and nothing about the machine it was made on. */
export function newCallId(random: RandomSource): string {
  return toHex(random(16));
}

/** A first CSeq number: below 2^16, so that counting up cannot reach 2^31 (§8.1.1.5). */
export function newSequence(random: RandomSource): number {
  const [high = 0, low = 0] = random(2);
  return (high << 8 | low) + 1;
}

/** An even choice among the integers from 0 to `most`. */
export function randomUpTo(random: RandomSource, most: number): number {
  const [a = 0, b = 0, c = 0] = random(3);
  return (a << 16 | b << 8 | c) % (most + 1);
}
