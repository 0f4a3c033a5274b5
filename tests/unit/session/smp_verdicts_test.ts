import { assertEquals } from "@std/assert";
import { type SmpNews, SmpVerdicts } from "../../../lib/session/smp_verdicts.ts";

function news(what: SmpNews["what"], role: SmpNews["role"], question?: string): SmpNews {
  return { what, role, question };
}

Deno.test("SmpVerdicts: the other side saw our proof with our second message, not before", () => {
  const verdicts = new SmpVerdicts();
  const seen = () => verdicts.read(news("aborted", "initiator")).event.proofSeen;
  const counted = [seen()];
  for (let sent = 1; sent <= 2; sent++) {
    verdicts.sent();
    counted.push(seen());
  }
  assertEquals(counted, [false, false, true]);
  verdicts.restart();
  assertEquals(seen(), false, "an end of our own is no verdict");
});

Deno.test("SmpVerdicts: a question begins an exchange: what was sent in the last one is no proof in it", () => {
  const verdicts = new SmpVerdicts();
  verdicts.sent();
  verdicts.sent();
  assertEquals(verdicts.read(news("asked", "responder")).event.proofSeen, false);
  verdicts.sent();
  assertEquals(verdicts.read(news("aborted", "responder")).event.proofSeen, false);
});

Deno.test("SmpVerdicts: with a question only the side that asked gains trust, and only by a match", () => {
  const verdicts = new SmpVerdicts();
  const gains = (what: SmpNews["what"], role: SmpNews["role"], question?: string) =>
    verdicts.read(news(what, role, question)).givesTrust;
  assertEquals(gains("success", "initiator"), true);
  assertEquals(gains("success", "responder"), true);
  assertEquals(gains("success", "initiator", "where?"), true);
  assertEquals(gains("success", "responder", "where?"), false);
  for (const what of ["asked", "in-progress", "failure", "aborted", "cheated"] as const) {
    assertEquals(gains(what, "initiator"), false, what);
  }
});

Deno.test("SmpVerdicts: cheating is an error, and a missing question is null", () => {
  const verdicts = new SmpVerdicts();
  assertEquals(verdicts.read(news("cheated", "responder")).event, {
    type: "smp",
    state: "error",
    question: null,
    role: "responder",
    proofSeen: false,
  });
});

Deno.test("SmpVerdicts: Blink's question for a ZRTP string is hopeless, while it is asked", () => {
  const verdicts = new SmpVerdicts();
  const zrtp = "What is the ZRTP authentication string?";
  assertEquals(verdicts.read(news("asked", "responder", zrtp)).isHopeless, true);
  assertEquals(verdicts.read(news("aborted", "responder", zrtp)).isHopeless, false);
  assertEquals(verdicts.read(news("asked", "responder", "where?")).isHopeless, false);
});
