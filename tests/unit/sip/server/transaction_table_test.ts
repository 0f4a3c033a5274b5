import type { SipServerEvent } from "../../../../lib/sip/server/events.ts";
import { assertEquals } from "@std/assert";
import type { SipResponse } from "../../../../lib/sip/mod.ts";
import { Outbox } from "../../../../lib/sip/user_agent/outbox.ts";
import { TransactionTable } from "../../../../lib/sip/server/transaction_table.ts";
import { request, response, UNIT_TIMERS } from "../../../helpers/sip_messages.ts";

const UDP = { transport: "udp", host: "192.0.2.1", port: 5060 } as const;
const TCP = { transport: "tcp", host: "192.0.2.1", port: 5060 } as const;

function set() {
  const outbox = new Outbox<SipServerEvent>();
  const table = new TransactionTable({ timers: UNIT_TIMERS, outbox });
  const heard: string[] = [];
  const user = {
    receiveResponse: (it: SipResponse) => void heard.push(String(it.status)),
    receiveFailure: (it: string) => void heard.push(it),
  };
  const sent = () => outbox.take().filter((it) => it.type === "transmit").length;
  return { table, user, heard, sent };
}

Deno.test("TransactionTable gives each response to the transaction that asked, and drops others", () => {
  const { table, user, heard, sent } = set();
  table.start(request("INVITE"), UDP, user, 0);
  table.receiveResponse(response(180, "INVITE"), 0);
  table.receiveResponse(response(200, "OPTIONS"), 0);
  assertEquals(heard, ["180"]);
  const elsewhere = { ...response(200, "INVITE") };
  const headers = elsewhere.headers.map((it) =>
    it.name === "Via" ? { ...it, value: it.value.replace("192.0.2.1", "192.0.2.9") } : it
  );
  table.receiveResponse({ ...elsewhere, headers }, 0);
  assertEquals(heard, ["180"]);
  assertEquals(sent(), 1);
});

Deno.test("TransactionTable absorbs what is repeated, and answers it as before", () => {
  const { table, sent } = set();
  const message = request("MESSAGE");
  assertEquals(table.receiveRequest(message, 0), "new");
  const incoming = table.serve(message, UDP, 0);
  assertEquals(table.receiveRequest(message, 0), "absorbed");
  assertEquals(sent(), 0);
  table.respond(incoming, response(200, "MESSAGE"), 0);
  assertEquals(table.receiveRequest(message, 0), "absorbed");
  assertEquals(sent(), 2);
});

Deno.test("TransactionTable keeps the ACK of a refusal, and hands on the ACK of a 2xx in the same transaction", () => {
  const { table } = set();
  const ack = request("ACK");
  assertEquals(table.receiveRequest(ack, 0), "stray-ack");
  const refused = table.serve(request("INVITE"), UDP, 0);
  table.respond(refused, response(486, "INVITE"), 0);
  assertEquals(table.receiveRequest(ack, 0), "absorbed");
  const other = set().table;
  const accepted = other.serve(request("INVITE"), UDP, 0);
  other.respond(accepted, response(200, "INVITE"), 0);
  assertEquals(other.receiveRequest(ack, 0), "stray-ack");
});

Deno.test("TransactionTable tells of timeouts and failures of requests; those of responses change nothing", () => {
  const { table, user, heard } = set();
  const { key } = table.start(request("MESSAGE"), UDP, user, 0);
  table.receiveTransportError(key, 0);
  assertEquals(heard.splice(0), ["transport"]);
  table.start(request("INVITE"), UDP, user, 0);
  for (let at = table.deadline; at !== undefined && at <= 64; at = table.deadline) {
    table.handleTimeout(at);
  }
  assertEquals(heard, ["timeout"]);
  assertEquals(table.size, 0);
  const incoming = table.serve(request("INVITE"), TCP, 0);
  table.respond(incoming, response(200, "INVITE"), 0);
  table.receiveTransportError(incoming.key, 0);
  assertEquals(table.size, 1);
});

Deno.test("TransactionTable.abandon() and forsake() forget; what comes after is a stranger", () => {
  const { table, user, heard } = set();
  const incoming = table.serve(request("MESSAGE"), UDP, 0);
  table.abandon(incoming);
  table.respond(incoming, response(200, "MESSAGE"), 0);
  assertEquals(table.receiveRequest(request("MESSAGE"), 0), "new");
  table.forsake(table.start(request("INVITE"), UDP, user, 0));
  table.receiveResponse(response(200, "INVITE"), 0);
  assertEquals([heard, table.size, table.deadline], [[], 0, undefined]);
});

Deno.test("TransactionTable.cancelled() finds the INVITE of a CANCEL", () => {
  const { table } = set();
  assertEquals(table.cancelled(request("CANCEL")), undefined);
  const invite = table.serve(request("INVITE"), UDP, 0);
  assertEquals(table.cancelled(request("CANCEL")), invite);
});
