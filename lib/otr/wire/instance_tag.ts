/** The 32-bit tags that tell a peer's clients apart ("Instance Tags"). */
import type { RandomSource } from "../../base/output.ts";

/** The smallest tag a client may have. */
export const SMALLEST_INSTANCE_TAG = 0x100;

/** Whether `tag` may stand as a client's own tag: 0x100 … 0xffffffff. */
export function isInstanceTag(tag: number): boolean {
  return Number.isInteger(tag) && tag >= SMALLEST_INSTANCE_TAG && tag <= 0xffffffff;
}

/** A fresh tag. It should then be kept: tags are meant to outlive a session. */
export function makeInstanceTag(random: RandomSource): number {
  for (;;) {
    const [a = 0, b = 0, c = 0, d = 0] = random(4);
    const tag = (a << 24 | b << 16 | c << 8 | d) >>> 0;
    if (isInstanceTag(tag)) return tag;
  }
}
