/** The steps of §16.7 are in tests/conformance/rfc3261/proxy_test.ts; here are the ends of a context. */
import type { SipServerEvent } from "../../../../lib/sip/server/events.ts";
import { assertEquals } from "@std/assert";
import type { Branch } from "../../../../lib/sip/server/branch.ts";
import { DeadlineQueue } from "../../../../lib/sip/server/deadline_queue.ts";
import { ResponseContext } from "../../../../lib/sip/server/response_context.ts";
import { Outbox } from "../../../../lib/sip/user_agent/outbox.ts";
import { TransactionTable } from "../../../../lib/sip/server/transaction_table.ts";
import { pushVia } from "../../../../lib/sip/server/via_stack.ts";
import { request, UNIT_TIMERS } from "../../../helpers/sip_messages.ts";

const TO = { transport: "tcp", host: "192.0.2.1", port: 5060 } as const;
const SIDE = { transport: "tcp", local: { host: "192.0.2.100", port: 5060 } } as const;

function set(method: string) {
  const outbox = new Outbox<SipServerEvent>();
  const timers = new DeadlineQueue<Branch>();
  const table = new TransactionTable({ timers: UNIT_TIMERS, outbox });
  const settled: (number | undefined)[] = [];
  const context = new ResponseContext({
    table,
    timers,
    timerC: 1_000,
    cancelPatience: 64,
    newTag: () => "tag",
    settled: (_, status) => void settled.push(status),
  }, table.serve(request(method), TO, 0));
  const attempt = (branch: string) => ({
    to: TO,
    compose: () => pushVia(request(method), SIDE, branch),
  });
  const fire = (until: number) => {
    for (let at = table.deadline; at !== undefined && at <= until; at = table.deadline) {
      table.handleTimeout(at);
    }
  };
  return { context, table, settled, attempt, fire };
}

Deno.test("ResponseContext settles once, whatever fails in whatever order", () => {
  const { context, settled, attempt, fire } = set("INVITE");
  context.begin([[attempt("z9hG4bKa")], [attempt("z9hG4bKb")]], 0);
  fire(100);
  assertEquals(settled, [408]);
  context.cancel(100);
  assertEquals(settled, [408]);
});

Deno.test("ResponseContext of a call that was taken back ends with 487", () => {
  const { context, settled, attempt, fire } = set("INVITE");
  context.begin([[attempt("z9hG4bKa")]], 0);
  context.cancel(1);
  fire(100);
  assertEquals(settled, [487]);
});

Deno.test("ResponseContext leaves silence unanswered for other methods, and forgets them", () => {
  const { context, table, settled, attempt, fire } = set("MESSAGE");
  context.begin([[attempt("z9hG4bKa")]], 0);
  fire(100);
  assertEquals([settled, table.size], [[undefined], 0]);
});

Deno.test("ResponseContext without a way to any target is a 500", () => {
  const { context, settled } = set("MESSAGE");
  context.begin([[]], 0);
  assertEquals(settled, [500]);
});
