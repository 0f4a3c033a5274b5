import { assertEquals } from "@std/assert";
import { checkSpecCoverage } from "../../../../tools/checks/spec_coverage.ts";
import { treeOf } from "../../../../tools/checks/source_tree.ts";

Deno.test("checkSpecCoverage() names clauses without row, test or reason", () => {
  const tree = treeOf({
    "fixtures/checklists/otr.txt": "OTR-001\nOTR-002\nOTR-003\nOTR-004\n",
    "docs/spec_coverage/otr.md": [
      "| id | test |",
      "| OTR-001 | the query stands anywhere |",
      "| OTR-002 | later |",
      "| OTR-009 | a reason of several words |",
    ].join("\n"),
    "tests/conformance/otr/query_test.ts":
      `Deno.test("OTR-001 the query stands anywhere", f); Deno.test("OTR-003 x", f); "OTR-008 y"; "MSRP-4975-7.1";`,
  });
  assertEquals(checkSpecCoverage(tree), [
    "OTR-002 has neither a test whose name begins with it nor a reason",
    "OTR-003 has no row in docs/spec_coverage (tests/conformance/otr/query_test.ts has a test)",
    "OTR-004 has no row in docs/spec_coverage",
    "docs/spec_coverage has OTR-009, which is in no checklist",
    "tests/conformance/otr/query_test.ts has a test for OTR-008, which is in no checklist",
  ]);
});

Deno.test("checkSpecCoverage() understands ranges and names with several ids", () => {
  const tree = treeOf({
    "fixtures/checklists/sip.txt": "SIP-001\nSIP-002\nSIP-003\nSIP-004\nSIP-005\n",
    "docs/spec_coverage/sip.md":
      "| SIP-001–SIP-003 | relays wait for their own issue |\n| SIP-004, SIP-005 | both |",
    "tests/conformance/rfc3261/x_test.ts": "Deno.test(`SIP-004, SIP-005 both at once`, f)",
  });
  assertEquals(checkSpecCoverage(tree), []);
});

Deno.test("checkSpecCoverage() follows the test files that a row names", () => {
  const tree = treeOf({
    "fixtures/checklists/sip.txt": "SIP-001\n",
    "docs/spec_coverage/sip.md": "| SIP-001 | covered as a whole by tests/unit/sip/gone_test.ts |",
  });
  assertEquals(checkSpecCoverage(tree), [
    "docs/spec_coverage/sip.md names tests/unit/sip/gone_test.ts, which does not exist",
  ]);
});
