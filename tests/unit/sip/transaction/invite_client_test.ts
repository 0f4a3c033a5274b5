/** Every state of figure 5 (RFC 6026) crossed with everything that can happen. */
import { assertEquals } from "@std/assert";
import { headerValue, headerValues } from "../../../../lib/sip/mod.ts";
import {
  acknowledgement,
  type InviteClientState,
  InviteClientTransaction,
} from "../../../../lib/sip/transaction/invite_client.ts";
import { describe, request, response, UNIT_TIMERS } from "../../../helpers/sip_messages.ts";

/** Brings a fresh transaction into a state, at time 0. */
function inState(state: InviteClientState, isReliable = false): InviteClientTransaction {
  const transaction = new InviteClientTransaction(request("INVITE"), UNIT_TIMERS, isReliable);
  transaction.begin(0);
  if (state === "Proceeding") transaction.receive(response(180, "INVITE"), 0);
  if (state === "Completed") transaction.receive(response(486, "INVITE"), 0);
  if (state === "Accepted") transaction.receive(response(200, "INVITE"), 0);
  if (state === "Terminated") transaction.receiveTransportError(0);
  assertEquals(transaction.state, state);
  return transaction;
}

const STIMULI = {
  "1xx": (it: InviteClientTransaction) => it.receive(response(183, "INVITE"), 0),
  "2xx": (it: InviteClientTransaction) => it.receive(response(200, "INVITE"), 0),
  "300-699": (it: InviteClientTransaction) => it.receive(response(404, "INVITE"), 0),
  "1*T1 later": (it: InviteClientTransaction) => it.handleTimeout(1),
  "64*T1 later": (it: InviteClientTransaction) => it.handleTimeout(64),
  "transport error": (it: InviteClientTransaction) => it.receiveTransportError(0),
};

/** Written by hand from RFC 6026 figure 5: next state, then what is done. */
const EXPECTED: Record<InviteClientState, Record<keyof typeof STIMULI, [string, string]>> = {
  Calling: {
    "1xx": ["Proceeding", "user 183"],
    "2xx": ["Accepted", "user 200"],
    "300-699": ["Completed", "send ACK, user 404"],
    "1*T1 later": ["Calling", "send INVITE"],
    // Timer A at 1, 3, 7, 15, 31 and 63; then Timer B.
    "64*T1 later": ["Terminated", "send INVITE, timed-out"],
    "transport error": ["Terminated", "transport-failed"],
  },
  Proceeding: {
    "1xx": ["Proceeding", "user 183"],
    "2xx": ["Accepted", "user 200"],
    "300-699": ["Completed", "send ACK, user 404"],
    "1*T1 later": ["Proceeding", ""],
    "64*T1 later": ["Proceeding", ""],
    "transport error": ["Proceeding", ""],
  },
  Completed: {
    "1xx": ["Completed", ""],
    "2xx": ["Completed", ""],
    "300-699": ["Completed", "send ACK"],
    "1*T1 later": ["Completed", ""],
    "64*T1 later": ["Terminated", ""],
    "transport error": ["Terminated", "transport-failed"],
  },
  Accepted: {
    "1xx": ["Accepted", ""],
    "2xx": ["Accepted", "user 200"],
    "300-699": ["Accepted", ""],
    "1*T1 later": ["Accepted", ""],
    "64*T1 later": ["Terminated", ""],
    "transport error": ["Accepted", ""],
  },
  Terminated: {
    "1xx": ["Terminated", ""],
    "2xx": ["Terminated", ""],
    "300-699": ["Terminated", ""],
    "1*T1 later": ["Terminated", ""],
    "64*T1 later": ["Terminated", ""],
    "transport error": ["Terminated", ""],
  },
};

for (const [state, row] of Object.entries(EXPECTED)) {
  for (const [stimulus, [next, actions]] of Object.entries(row)) {
    Deno.test(`InviteClientTransaction in ${state} given ${stimulus} goes to ${next}`, () => {
      const transaction = inState(state as InviteClientState);
      const done = STIMULI[stimulus as keyof typeof STIMULI](transaction);
      assertEquals([transaction.state, describe(done)], [next, actions]);
      if (next === "Terminated") assertEquals(transaction.deadline, undefined);
    });
  }
}

Deno.test("SIP-020 the INVITE client over UDP repeats at T1, 3*T1, 7*T1 … and gives up at 64*T1", () => {
  const transaction = new InviteClientTransaction(request("INVITE"), UNIT_TIMERS, false);
  const times: string[] = [`0 ${describe(transaction.begin(0))}`];
  for (let at = transaction.deadline; at !== undefined; at = transaction.deadline) {
    times.push(`${at} ${describe(transaction.handleTimeout(at))}`);
  }
  assertEquals(times, [
    "0 send INVITE",
    "1 send INVITE",
    "3 send INVITE",
    "7 send INVITE",
    "15 send INVITE",
    "31 send INVITE",
    "63 send INVITE",
    "64 timed-out",
  ]);
});

Deno.test("SIP-022 the INVITE client over a reliable transport repeats nothing and waits for nothing", () => {
  const transaction = new InviteClientTransaction(request("INVITE"), UNIT_TIMERS, true);
  transaction.begin(0);
  assertEquals(transaction.deadline, 64);
  transaction.receive(response(486, "INVITE"), 5);
  assertEquals(transaction.deadline, 5); // Timer D is zero.
  transaction.handleTimeout(5);
  assertEquals(transaction.state, "Terminated");
});

Deno.test("SIP-020 Timer D over UDP is at least 32 seconds whatever T1 is", () => {
  const transaction = inState("Completed");
  assertEquals(transaction.deadline, 64);
  const timers = { ...UNIT_TIMERS, d: 32_000 };
  const slow = new InviteClientTransaction(request("INVITE"), timers, false);
  slow.begin(0);
  slow.receive(response(486, "INVITE"), 0);
  assertEquals(slow.deadline, 32_000);
});

Deno.test("SIP-023 the ACK to a final response other than 2xx repeats the INVITE's Via, Route and number", () => {
  const invite = request("INVITE");
  const ack = acknowledgement(invite, response(486, "INVITE"));
  assertEquals(ack.method, "ACK");
  assertEquals(ack.requestUri, invite.requestUri);
  assertEquals(headerValues(ack, "Via"), headerValues(invite, "Via"));
  assertEquals(headerValues(ack, "Route"), headerValues(invite, "Route"));
  assertEquals(headerValue(ack, "To"), "<sip:bob@example.com>;tag=b");
  assertEquals(headerValue(ack, "CSeq"), "7 ACK");
  assertEquals(headerValue(ack, "From"), headerValue(invite, "From"));
  assertEquals(headerValue(ack, "Call-ID"), headerValue(invite, "Call-ID"));
});
