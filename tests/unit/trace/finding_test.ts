import { assertEquals } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { findingOf } from "../../../lib/trace/finding.ts";

Deno.test("findingOf() makes a stable id of the clause and the code", () => {
  const error = new PeerError("msrp/bad-start-line", "RFC 4975 §9", "expected it", { offset: 3 });
  assertEquals(findingOf(error), {
    id: "MSRP-4975-9-bad-start-line",
    severity: "error",
    clause: "RFC 4975 §9",
    message: "expected it",
    offset: 3,
  });
  const section = new PeerError("sip/bad-via", "RFC 3261 §8.1.1.7", "no");
  assertEquals(findingOf(section).id, "SIP-3261-8.1.1.7-bad-via");
  const otr = new PeerError("otr/bad-base64", "OTRv3 Encoded messages", "no");
  assertEquals(findingOf(otr).id, "OTR-bad-base64");
});

Deno.test("findingOf() lets the caller say where it was", () => {
  const error = new PeerError("msrp/bad-uri", "RFC 4975 §6", "no", { offset: 3 });
  const finding = findingOf(error, { frame: 7, offset: 90 });
  assertEquals([finding.frame, finding.offset], [7, 90]);
});
