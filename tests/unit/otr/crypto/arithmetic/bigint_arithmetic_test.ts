import { makeBigIntArithmetic } from "../../../../../lib/otr/crypto/arithmetic/bigint_arithmetic.ts";
import { DH_MODULUS } from "../../../../../lib/otr/crypto/arithmetic/mod.ts";
import { testArithmetic } from "../../../../helpers/arithmetic_contract.ts";

testArithmetic("BigInt", () => makeBigIntArithmetic(DH_MODULUS));
