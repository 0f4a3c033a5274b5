import { assertEquals } from "@std/assert";
import { SmpExchange } from "../../../lib/session/smp_exchange.ts";

type SmpState = "asked" | "in-progress" | "success" | "failure" | "aborted" | "error";

function event(state: SmpState, role: "initiator" | "responder", proofSeen = false) {
  return { type: "smp", state, question: null, role, proofSeen } as const;
}

Deno.test("SmpExchange turns each end into a verdict", async () => {
  const table = [
    [event("success", "initiator"), "match"],
    [event("failure", "initiator"), "mismatch"],
    [event("aborted", "initiator", true), "mismatch"],
    [event("aborted", "initiator", false), "refused"],
    [event("error", "initiator"), "cheated"],
  ] as const;
  for (const [end, verdict] of table) {
    const exchange = new SmpExchange();
    const outcome = exchange.expectVerdict();
    assertEquals(exchange.receive(event("in-progress", "initiator")), undefined);
    assertEquals(exchange.receive(end), { outcome: { verdict }, wasAnswer: false });
    assertEquals(await outcome, { verdict });
  }
});

Deno.test("SmpExchange says whether it was a question that we answered", () => {
  const exchange = new SmpExchange();
  exchange.receive(event("asked", "responder"));
  exchange.answer();
  assertEquals(exchange.isAnswered, true);
  assertEquals(exchange.receive(event("failure", "responder"))?.wasAnswer, true);
  exchange.receive(event("asked", "responder"));
  assertEquals(exchange.isAnswered, false);
  assertEquals(exchange.receive(event("aborted", "responder"))?.wasAnswer, false);
});

Deno.test("SmpExchange.question resolves once per question, also when it came before anybody waited", async () => {
  const exchange = new SmpExchange();
  exchange.receive(event("asked", "responder"));
  await exchange.question;
  exchange.receive(event("success", "responder"));
  const pending = await Promise.race([
    exchange.question.then(() => "asked"),
    Promise.resolve("not asked"),
  ]);
  assertEquals(pending, "not asked");
});

Deno.test("SmpExchange.isAsked is true from a question to its answer or its end", () => {
  const exchange = new SmpExchange();
  assertEquals(exchange.isAsked, false);
  exchange.receive(event("asked", "responder"));
  assertEquals(exchange.isAsked, true);
  exchange.answer();
  assertEquals(exchange.isAsked, false);
  exchange.receive(event("success", "responder"));
  exchange.receive(event("asked", "responder"));
  exchange.receive(event("aborted", "responder"));
  assertEquals(exchange.isAsked, false);
});
