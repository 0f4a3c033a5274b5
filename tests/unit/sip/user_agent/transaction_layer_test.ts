/** Transactions together. Clauses are in tests/conformance/rfc3261. */
import type { UserAgentEvent } from "../../../../lib/sip/events.ts";
import { assertEquals } from "@std/assert";
import { Outbox } from "../../../../lib/sip/user_agent/outbox.ts";
import {
  type ClientUser,
  TransactionLayer,
} from "../../../../lib/sip/user_agent/transaction_layer.ts";
import { headerValue } from "../../../../lib/sip/message/header_fields.ts";
import { respondTo } from "../../../../lib/sip/user_agent/responses.ts";
import { request, UNIT_TIMERS } from "../../../helpers/sip_messages.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const TO = { transport: "udp", host: "192.0.2.1", port: 5060 } as const;
const FLOW = { transport: "udp", remote: { host: "192.0.2.1", port: 5060 } } as const;

function layer(): { it: TransactionLayer; outbox: Outbox<UserAgentEvent> } {
  const outbox = new Outbox<UserAgentEvent>();
  const it = new TransactionLayer({
    random: seededRandom(1),
    timers: UNIT_TIMERS,
    outbox,
    localAddress: () => ({ host: "192.0.2.2", port: 5060 }),
    limit: 2,
  });
  return { it, outbox };
}

function bare(method: string) {
  const it = request(method);
  return { ...it, headers: it.headers.filter((field) => field.name !== "Via") };
}

function listener(): { user: ClientUser; heard: string[] } {
  const heard: string[] = [];
  return {
    heard,
    user: {
      receiveResponse: (response) => heard.push(String(response.status)),
      receiveFailure: (failure) => heard.push(failure),
    },
  };
}

Deno.test("TransactionLayer hands responses to who sent the request, and then forgets", () => {
  const { it, outbox } = layer();
  const { user, heard } = listener();
  const sent = it.send(bare("OPTIONS"), TO, user, 0);
  assertEquals(headerValue(sent.request, "Via")?.startsWith("SIP/2.0/UDP 192.0.2.2:5060"), true);
  assertEquals(outbox.take().length, 1);
  it.receiveResponse(respondTo(sent.request, 200), FLOW, 1);
  assertEquals([heard, sent.link, it.size], [["200"], FLOW, 1]);
  it.handleTimeout(11); // Timer K: T4 later.
  assertEquals([it.size, it.deadline], [0, undefined]);
  it.receiveResponse(respondTo(sent.request, 200), FLOW, 12);
  assertEquals(heard, ["200"]);
});

Deno.test("TransactionLayer says timeout or transport when nothing comes", () => {
  const { it } = layer();
  const first = listener();
  it.send(bare("OPTIONS"), TO, first.user, 0);
  it.handleTimeout(64);
  assertEquals(first.heard, ["timeout"]);
  const second = listener();
  const { it: other, outbox } = layer();
  other.send(bare("BYE"), TO, second.user, 0);
  const [output] = outbox.take();
  other.receiveTransportError(output?.type === "transmit" ? output.transaction ?? "" : "", 0);
  assertEquals(second.heard, ["transport"]);
  other.receiveTransportError("unknown", 0);
});

Deno.test("TransactionLayer does not fall back once an answer came", () => {
  const { it, outbox } = layer();
  const { user, heard } = listener();
  const long = { ...bare("INVITE"), body: new Uint8Array(2_000) };
  const sent = it.send(long, TO, user, 0);
  assertEquals(sent.to.transport, "tcp");
  const [output] = outbox.take();
  const key = output?.type === "transmit" ? output.transaction ?? "" : "";
  it.receiveResponse(respondTo(sent.request, 200), FLOW, 0);
  it.receiveTransportError(key, 1);
  assertEquals([outbox.take(), heard], [[], ["200"]]);
});

Deno.test("TransactionLayer tells new requests from repeated, merged and surplus ones", () => {
  const { it } = layer();
  const first = request("INVITE");
  const types: string[] = [];
  const receive = (message: typeof first) =>
    types.push(it.receiveRequest(message, "udp", TO, 0).type);
  receive(first);
  receive(first);
  const via = (branch: string) => ({
    ...first,
    headers: first.headers.map((field) =>
      field.name === "Via" ? { ...field, value: `SIP/2.0/UDP 192.0.2.1;branch=${branch}` } : field
    ),
  });
  receive(via("z9hG4bK2"));
  receive(request("OPTIONS"));
  receive(request("BYE"));
  receive({ ...via("z9hG4bK3"), method: "ACK" });
  assertEquals(types, ["new", "absorbed", "merged", "new", "overloaded", "stray-ack"]);
});
