/** TLV 0: disguises the length of a plaintext ("Data Message", type 0). */
import { TLV, type Tlv } from "../wire/tlv.ts";

/**
 * The padding record after which the plaintext's length is a multiple of `multiple`.
 *
 * @param content What stands before the NUL.
 * @param tlvs The records before the padding.
 * @param multiple 0: no padding at all.
 */
export function paddingFor(
  content: Uint8Array,
  tlvs: readonly Tlv[],
  multiple: number,
): Tlv[] {
  if (multiple === 0) return [];
  // NUL, the other records, and the padding's own type and length.
  const length = tlvs.reduce((sum, it) => sum + 4 + it.value.length, content.length + 1) + 4;
  const padding = (multiple - length % multiple) % multiple;
  return [{ type: TLV.padding, value: new Uint8Array(padding) }];
}
