/**
 * Between limbs and octets, the lowest octet first, without looking at what they say: the
 * same loads, shifts and stores for every number.
 */
import type { LimbFormat } from "./limb_format.ts";
import type { MemoryMap } from "./memory_map.ts";
import { Code } from "./wasm_code.ts";

/**
 * `load(to, from)`: octets become limbs. Eight octets more than the number has are read.
 * What is above the map's octets becomes zero.
 */
export function loadFunction(format: LimbFormat, map: MemoryMap): Code {
  const code = new Code(2);
  const { width } = format;
  const mask = (1n << BigInt(width)) - 1n;
  const bits = map.octets * 8;
  for (let limb = 0; limb < map.stride / format.octets; limb++) {
    const at = limb * width;
    code.get(0);
    if (at >= bits) {
      code.i64(0n);
    } else {
      // A limb and up to seven bits before it: at most 58 bits, one load.
      code.get(1).memory("i64.load", at >> 3).i64(BigInt(at & 7)).op("i64.shr_u");
      code.i64(at + width > bits ? (1n << BigInt(bits - at)) - 1n : mask).op("i64.and");
    }
    format.storeInteger(code, limb * format.octets);
  }
  return code;
}

/**
 * `save(to, from)`: limbs of a number ≥ 0 become octets. Limbs may be a little out of range;
 * here their carries go all the way.
 */
export function saveFunction(format: LimbFormat, map: MemoryMap): Code {
  const code = new Code(2);
  const { width } = format;
  const mask = (1n << BigInt(width)) - 1n;
  const [word, limbValue, carry] = [code.local("i64"), code.local("i64"), code.local("i64")];
  code.i64(0n).set(word).i64(0n).set(carry);
  let filled = 0;
  let written = 0;
  for (let limb = 0; limb < 2 * map.pairs && written < map.octets; limb++) {
    format.loadInteger(code.get(1), limb * format.octets);
    code.get(carry).op("i64.add").tee(limbValue).i64(BigInt(width)).op("i64.shr_s").set(carry);
    code.get(limbValue).i64(mask).op("i64.and").tee(limbValue);
    code.i64(BigInt(filled)).op("i64.shl").get(word).op("i64.or").set(word);
    filled += width;
    if (filled < 64) continue;
    filled -= 64;
    code.get(0).get(word).memory("i64.store", written);
    written += 8;
    code.get(limbValue).i64(BigInt(width - filled)).op("i64.shr_u").set(word);
  }
  if (written < map.octets) code.get(0).get(word).memory("i64.store", written);
  return code;
}
