import { checkErrorCodes } from "../../tools/checks/error_codes.ts";
import { openCheckout } from "../../tools/checks/source_tree.ts";
import { checkSpecCoverage } from "../../tools/checks/spec_coverage.ts";
import { checkFixtures, checkForbiddenTexts, checkLinks } from "../../tools/checks/texts.ts";
import { assertNoFaults } from "../helpers/faults.ts";

Deno.test("docs/errors explains exactly the error codes in use", () => {
  assertNoFaults(checkErrorCodes(openCheckout()));
});

Deno.test("docs/spec_coverage tells of every clause which test covers it, or why none does", () => {
  assertNoFaults(checkSpecCoverage(openCheckout()));
});

Deno.test("no file names a machine, a registry's host or unfinished work", () => {
  assertNoFaults(checkForbiddenTexts(openCheckout()));
});

Deno.test("every relative link in a document leads somewhere", () => {
  assertNoFaults(checkLinks(openCheckout()));
});

Deno.test("fixtures hold data whose origin is written down", () => {
  assertNoFaults(checkFixtures(openCheckout()));
});
