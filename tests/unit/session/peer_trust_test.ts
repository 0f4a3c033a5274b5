import { assertEquals } from "@std/assert";
import { PeerTrust } from "../../../lib/session/peer_trust.ts";

const FIRST = "a".repeat(40);
const SECOND = "b".repeat(40);
const BOB = "bob@example.net";

Deno.test("PeerTrust.meet() learns the first fingerprint, once", () => {
  const trust = new PeerTrust("known", []);
  assertEquals(trust.meet(FIRST, BOB), [{ type: "fingerprint-learned", fingerprint: FIRST }]);
  assertEquals([trust.fingerprint, trust.trust, trust.block], [FIRST, "unverified", undefined]);
  assertEquals(trust.meet(FIRST, BOB), []);
});

Deno.test("PeerTrust.meet() calls another fingerprint changed, and what was learned here counts as known", () => {
  const trust = new PeerTrust("known", []);
  trust.meet(FIRST, BOB);
  assertEquals(trust.meet(SECOND, BOB), [{
    type: "fingerprint-changed",
    peer: BOB,
    fingerprint: SECOND,
    known: [{ fingerprint: FIRST, trust: "unverified" }],
  }]);
  assertEquals(trust.block, { reason: "untrusted", trust: "changed" });
  assertEquals(trust.encryption, "unverified");
});

Deno.test("PeerTrust.block is the table of levels", () => {
  const levels = ["any", "known", "verified"] as const;
  const blocked = levels.map((level) => {
    const trust = new PeerTrust(level, [{ fingerprint: FIRST, trust: "unverified" }]);
    assertEquals(trust.block, undefined, "nobody was met");
    trust.meet(FIRST, BOB);
    const known = trust.block !== undefined;
    trust.meet(SECOND, BOB);
    return [known, trust.block !== undefined];
  });
  assertEquals(blocked, [[false, false], [false, true], [true, true]]);
});

Deno.test("PeerTrust.forbidsPlaintext: with level verified, or once somebody was verified", () => {
  assertEquals(new PeerTrust("verified", []).forbidsPlaintext, true);
  assertEquals(new PeerTrust("any", []).forbidsPlaintext, false);
  const rows = [{ fingerprint: SECOND, trust: "verified" }] as const;
  assertEquals(new PeerTrust("any", rows).forbidsPlaintext, true);
  const here = new PeerTrust("known", []);
  here.meet(FIRST, BOB);
  assertEquals(here.forbidsPlaintext, false);
  here.verify();
  assertEquals(here.forbidsPlaintext, true);
});

Deno.test("PeerTrust.verify() verifies what the peer shows, and keeps the other rows", () => {
  const trust = new PeerTrust("known", [{ fingerprint: FIRST, trust: "verified" }]);
  assertEquals(trust.verify(), undefined, "nobody was met");
  trust.meet(SECOND, BOB);
  assertEquals(trust.verify(), { fingerprint: SECOND, isNew: true });
  assertEquals([trust.trust, trust.encryption, trust.block], ["verified", "verified", undefined]);
  assertEquals(trust.verify(), { fingerprint: SECOND, isNew: false });
  assertEquals(trust.meet(FIRST, BOB), []);
  assertEquals(trust.trust, "verified");
});

Deno.test("PeerTrust.update() judges again while encrypted, and says whether anything changed", () => {
  const trust = new PeerTrust("known", [{ fingerprint: FIRST, trust: "verified" }]);
  const rows = [{ fingerprint: SECOND, trust: "verified" }] as const;
  assertEquals(trust.update(rows, true), false, "nobody was met");
  trust.update([{ fingerprint: FIRST, trust: "verified" }], true);
  trust.meet(SECOND, BOB);
  assertEquals(trust.update(rows, false), false, "the fingerprint counts for nothing now");
  assertEquals(trust.trust, "changed");
  assertEquals(trust.update(rows, true), true);
  assertEquals(trust.trust, "verified");
  assertEquals(trust.update(rows, true), false);
});
