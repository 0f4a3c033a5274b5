/** Reproducible octets for tests: never for anything else. */
import type { RandomSource } from "../../lib/base/output.ts";

/** A deterministic {@link RandomSource} (splitmix64). */
export function seededRandom(seed: number): RandomSource {
  const mask = (1n << 64n) - 1n;
  let mixing = BigInt(seed) & mask;
  const next64 = (): bigint => {
    mixing = (mixing + 0x9e3779b97f4a7c15n) & mask;
    let z = mixing;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
    return z ^ (z >> 31n);
  };
  return (length) => {
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    let at = 0;
    for (; at + 8 <= length; at += 8) view.setBigUint64(at, next64());
    if (at < length) {
      const last = new Uint8Array(8);
      new DataView(last.buffer).setBigUint64(0, next64());
      bytes.set(last.subarray(0, length - at), at);
    }
    return bytes;
  };
}
