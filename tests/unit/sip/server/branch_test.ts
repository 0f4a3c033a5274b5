import type { SipServerEvent } from "../../../../lib/sip/server/events.ts";
import { assertEquals } from "@std/assert";
import { Branch, type BranchServices } from "../../../../lib/sip/server/branch.ts";
import { DeadlineQueue } from "../../../../lib/sip/server/deadline_queue.ts";
import { Outbox } from "../../../../lib/sip/user_agent/outbox.ts";
import { TransactionTable } from "../../../../lib/sip/server/transaction_table.ts";
import { parseSipMessage } from "../../../../lib/sip/mod.ts";
import { request, response, UNIT_TIMERS } from "../../../helpers/sip_messages.ts";

function set(method: string, attempts = 1) {
  const outbox = new Outbox<SipServerEvent>();
  const timers = new DeadlineQueue<Branch>();
  const table = new TransactionTable({ timers: UNIT_TIMERS, outbox });
  const services: BranchServices = { table, timers, timerC: 1_000, cancelPatience: 64 };
  const heard: string[] = [];
  const user = {
    receiveResponse: (_: Branch, it: { status: number }) => void heard.push(String(it.status)),
    receiveFailure: (_: Branch, it: string) => void heard.push(it),
  };
  const ways = Array.from({ length: attempts }, (_, index) => ({
    to: { transport: "tcp", host: `192.0.2.${index + 1}`, port: 5060 } as const,
    compose: () => {
      const it = request(method);
      const headers = it.headers.map((field) =>
        field.name === "Via" ? { ...field, value: `SIP/2.0/TCP p;branch=z9hG4bK${index}` } : field
      );
      return { ...it, headers };
    },
  }));
  const branch = new Branch(services, user, ways);
  const sent = () =>
    outbox.take().flatMap((it) => {
      if (it.type !== "transmit") return [];
      const message = parseSipMessage(it.data, { transport: "tcp" });
      return [`${message.kind === "request" ? message.method : message.status} ${it.to.host}`];
    });
  return { branch, timers, heard, sent };
}

Deno.test("Branch tries its ways one after the other, each with a message of its own", () => {
  const { branch, heard, sent } = set("INVITE", 2);
  branch.begin(0);
  assertEquals(sent(), ["INVITE 192.0.2.1"]);
  branch.receiveFailure("transport", 0);
  assertEquals([sent(), heard, branch.isDone], [["INVITE 192.0.2.2"], [], false]);
  branch.receiveFailure("timeout", 0);
  assertEquals([sent(), heard, branch.isDone], [[], ["timeout"], true]);
});

Deno.test("Branch goes on to the next flow after a 430, and gives the last 430 back", () => {
  const { branch, heard, sent } = set("MESSAGE", 2);
  branch.begin(0);
  branch.receiveResponse(response(430, "MESSAGE"), 0);
  assertEquals(sent(), ["MESSAGE 192.0.2.1", "MESSAGE 192.0.2.2"]);
  branch.receiveResponse(response(430, "MESSAGE"), 0);
  assertEquals(heard, ["430"]);
});

Deno.test("Branch.cancel() waits for a provisional response, and is sent once", () => {
  const { branch, heard, sent } = set("INVITE");
  branch.begin(0);
  branch.cancel(0);
  assertEquals(sent(), ["INVITE 192.0.2.1"]);
  branch.receiveResponse(response(100, "INVITE"), 0);
  branch.receiveResponse(response(180, "INVITE"), 0);
  branch.cancel(0);
  assertEquals([sent(), heard], [["CANCEL 192.0.2.1"], ["180"]]);
  branch.receiveResponse(response(487, "INVITE"), 0);
  assertEquals([heard, branch.isDone], [["180", "487"], true]);
});

Deno.test("Branch.cancel() means nothing to other methods, nor to what is over", () => {
  const { branch, sent } = set("MESSAGE");
  branch.begin(0);
  branch.receiveResponse(response(100, "MESSAGE"), 0);
  branch.cancel(0);
  assertEquals(sent(), ["MESSAGE 192.0.2.1"]);
});

Deno.test("Branch tries no other way once it was cancelled", () => {
  const { branch, heard, sent } = set("INVITE", 2);
  branch.begin(0);
  branch.cancel(0);
  branch.receiveFailure("transport", 0);
  assertEquals([sent(), heard], [["INVITE 192.0.2.1"], ["transport"]]);
});

Deno.test("Branch runs Timer C for INVITE alone, again with each ring, and gives up after its CANCEL", () => {
  const { branch, timers, heard, sent } = set("INVITE");
  branch.begin(0);
  assertEquals(timers.earliest, 1_000);
  branch.receiveResponse(response(100, "INVITE"), 500);
  assertEquals(timers.earliest, 1_000);
  branch.receiveResponse(response(180, "INVITE"), 600);
  assertEquals(timers.earliest, 1_600);
  sent();
  branch.handleTimeout(1_600);
  assertEquals([sent(), timers.earliest], [["CANCEL 192.0.2.1"], 1_664]);
  branch.handleTimeout(1_664);
  assertEquals([heard, branch.isDone, timers.size], [["180", "timeout"], true, 0]);
  const other = set("MESSAGE");
  other.branch.begin(0);
  assertEquals(other.timers.size, 0);
});

Deno.test("Branch that never heard anything is over when Timer C fires", () => {
  const { branch, heard } = set("INVITE");
  branch.begin(0);
  branch.handleTimeout(1_000);
  assertEquals(heard, ["timeout"]);
});
