import { assertEquals } from "@std/assert";
import { parseSipUri, writeUri } from "../../../../lib/sip/mod.ts";
import { RedirectTargets } from "../../../../lib/sip/user_agent/redirect_targets.ts";

function contacts(...values: string[]) {
  return values.map((value) => ({ name: "Contact", value }));
}

/** What is tried one after the other when every further target answers 480. */
function all(targets: RedirectTargets, status: number, ...values: string[]): string[] {
  const found: string[] = [];
  let target = targets.next(status, contacts(...values));
  while (target !== undefined) {
    found.push(writeUri(target));
    target = targets.next(480, []);
  }
  return found;
}

const BOB = parseSipUri("sip:bob@example.com");

Deno.test("RedirectTargets goes by preference, equals in their order", () => {
  const targets = new RedirectTargets(BOB, 9);
  assertEquals(
    all(
      targets,
      302,
      "<sip:a@x>;q=0.2, <sip:b@x>;q=0.9",
      "<sip:c@x>;q=0.9, <sip:d@x>",
      "<sip:e@x>;q=z",
    ),
    ["sip:d@x", "sip:e@x", "sip:b@x", "sip:c@x", "sip:a@x"],
  );
});

Deno.test("RedirectTargets follows 300, 301 and 302 alone", () => {
  for (
    const [status, count] of [[300, 1], [301, 1], [302, 1], [305, 0], [380, 0], [404, 0]] as const
  ) {
    assertEquals(
      all(new RedirectTargets(BOB, 9), status, "<sip:a@x>").length,
      count,
      String(status),
    );
  }
});

Deno.test("RedirectTargets never tries a place twice", () => {
  const targets = new RedirectTargets(BOB, 9);
  const first = targets.next(302, contacts("<sip:bob@EXAMPLE.com>, <sip:a@x>"));
  assertEquals(first && writeUri(first), "sip:a@x");
  assertEquals(targets.next(302, contacts("<sip:bob@example.com>, <sip:a@x>")), undefined);
});

Deno.test("RedirectTargets stops at 6xx, at its limit, and where nobody redirected", () => {
  assertEquals(new RedirectTargets(BOB, 9).next(486, contacts("<sip:a@x>")), undefined);
  assertEquals(new RedirectTargets(BOB, 9).next(undefined, []), undefined);
  assertEquals(all(new RedirectTargets(BOB, 2), 302, "<sip:a@x>, <sip:b@x>, <sip:c@x>").length, 2);
  const targets = new RedirectTargets(BOB, 9);
  targets.next(302, contacts("<sip:a@x>, <sip:b@x>"));
  assertEquals(targets.next(603, []), undefined);
});

Deno.test("RedirectTargets keeps a secure call secure, and passes over what is no SIP URI", () => {
  const secure = new RedirectTargets(parseSipUri("sips:bob@example.com"), 9);
  assertEquals(all(secure, 302, "<sip:a@x>, <sips:b@x>"), ["sips:b@x"]);
  assertEquals(all(new RedirectTargets(BOB, 9), 302, "<tel:+1>, <sip:a@x?subject=y>", "<sip:"), [
    "sip:a@x",
  ]);
});

Deno.test("RedirectTargets remembers a bounded number", () => {
  const many = Array.from({ length: 90 }, (_, at) => `<sip:u${at}@x>`).join(", ");
  assertEquals(all(new RedirectTargets(BOB, 1000), 302, many).length, 64);
});
