import { checkMirror } from "../../tools/checks/mirror.ts";
import { openCheckout } from "../../tools/checks/source_tree.ts";
import { assertNoFaults } from "../helpers/faults.ts";

Deno.test("every source file has its unit test, and every unit test its source file", () => {
  assertNoFaults(checkMirror(openCheckout()));
});
