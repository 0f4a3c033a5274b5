/** The arithmetic in use, and what every kernel shares. */
import type { Arithmetic } from "./arithmetic.ts";
import { toBigInt } from "./big_integers.ts";
import { lazyArithmetic } from "./choose.ts";
import { FMA_KERNEL } from "./fma_kernel.ts";
import { INTEGER_KERNEL } from "./integer_kernel.ts";
import { fromHex } from "../../../base/bytes.ts";

export type { Arithmetic } from "./arithmetic.ts";
export { bitLength, fromBigInt, mod, toBigInt } from "./big_integers.ts";

/** The 1536-bit prime of RFC 3526 §2, the modulus of every D-H computation of OTR. */
export const DH_MODULUS: bigint = toBigInt(fromHex(
  "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD1" +
    "29024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245" +
    "E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3D" +
    "C2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D" +
    "670C354E4ABC9804F1746C08CA237327FFFFFFFFFFFFFFFF",
));

/** The order of the subgroup that 2 generates: (p − 1) / 2, a prime. */
export const DH_ORDER: bigint = (DH_MODULUS - 1n) / 2n;

/** The arithmetic that everything here computes with. Chosen and compiled at the first use. */
export const arithmetic: Arithmetic = lazyArithmetic([FMA_KERNEL, INTEGER_KERNEL], DH_MODULUS);
