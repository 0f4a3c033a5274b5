/** Equality of URIs beyond the examples of the RFC, which are in tests/conformance/rfc3261. */
import { assert } from "@std/assert";
import { parseUri } from "../../../../lib/sip/message/uri.ts";
import { sameUri } from "../../../../lib/sip/message/uri_comparison.ts";

function same(a: string, b: string): boolean {
  return sameUri(parseUri(a), parseUri(b));
}

Deno.test("sameUri() compares other schemes as text, and never with SIP", () => {
  assert(same("tel:+1", "TEL:+1"));
  assert(!same("tel:+1", "tel:1"));
  assert(!same("tel:+1", "sip:+1@example.com"));
});

Deno.test("sameUri() is symmetric where one side has a header or parameter more", () => {
  for (
    const [a, b] of [
      ["sip:a@b?x=1", "sip:a@b?x=1&y=2"],
      ["sip:a@b;method=INVITE", "sip:a@b"],
      ["sip:a@b?x=1", "sip:a@b?x=2"],
    ] as const
  ) assert(!same(a, b) && !same(b, a));
  assert(same("sip:a@b;x=1", "sip:a@b;y=2"));
});
