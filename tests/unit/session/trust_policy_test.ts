import { assertEquals } from "@std/assert";
import {
  assessFingerprint,
  hasVerifiedRow,
  isTrustEnough,
  lockFor,
} from "../../../lib/session/trust_policy.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);

Deno.test("assessFingerprint() learns the first fingerprint of an address", () => {
  assertEquals(assessFingerprint([], A), { trust: "unverified", isFirst: true });
});

Deno.test("assessFingerprint() knows a recorded fingerprint again, with its trust", () => {
  const rows = [{ fingerprint: A, trust: "unverified" }, {
    fingerprint: B,
    trust: "verified",
  }] as const;
  assertEquals(assessFingerprint(rows, A), { trust: "unverified", isFirst: false });
  assertEquals(assessFingerprint(rows, B), { trust: "verified", isFirst: false });
});

Deno.test("assessFingerprint() calls a second fingerprint a change, whatever the trust of the first", () => {
  for (const trust of ["verified", "unverified"] as const) {
    assertEquals(assessFingerprint([{ fingerprint: A, trust }], B), {
      trust: "changed",
      isFirst: false,
    });
  }
});

Deno.test("isTrustEnough() is the table of the trust levels", () => {
  const table = {
    any: { verified: true, unverified: true, changed: true },
    known: { verified: true, unverified: true, changed: false },
    verified: { verified: true, unverified: false, changed: false },
  } as const;
  for (const [level, row] of Object.entries(table)) {
    for (const [trust, expected] of Object.entries(row)) {
      assertEquals(
        isTrustEnough(level as keyof typeof table, trust as keyof typeof row),
        expected,
        `${level} with ${trust}`,
      );
    }
  }
});

Deno.test("lockFor() shows green only for verified and red for a change", () => {
  assertEquals(
    (["verified", "unverified", "changed"] as const).map(lockFor),
    ["green", "orange", "red"],
  );
});

Deno.test("hasVerifiedRow() ignores rows that were only learned", () => {
  assertEquals(hasVerifiedRow([{ fingerprint: A, trust: "unverified" }]), false);
  assertEquals(hasVerifiedRow([{ fingerprint: A, trust: "verified" }]), true);
});
