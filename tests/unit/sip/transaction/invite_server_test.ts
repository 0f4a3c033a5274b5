/** Every state of figure 7 (RFC 6026) crossed with everything that can happen. */
import { assertEquals } from "@std/assert";
import {
  type InviteServerState,
  InviteServerTransaction,
} from "../../../../lib/sip/transaction/invite_server.ts";
import { describe, request, response, UNIT_TIMERS } from "../../../helpers/sip_messages.ts";

const TRYING = response(100, "INVITE");

function begun(isReliable = false): InviteServerTransaction {
  const transaction = new InviteServerTransaction(TRYING, UNIT_TIMERS, isReliable);
  transaction.begin(0);
  return transaction;
}

function inState(state: InviteServerState): InviteServerTransaction {
  const transaction = begun();
  if (state === "Proceeding") transaction.respond(response(180, "INVITE"), 0);
  if (state === "Completed" || state === "Confirmed") {
    transaction.respond(response(486, "INVITE"), 0);
  }
  if (state === "Confirmed") transaction.receive(request("ACK"), 0);
  if (state === "Accepted" || state === "Terminated") {
    transaction.respond(response(200, "INVITE"), 0);
  }
  if (state === "Terminated") transaction.handleTimeout(64);
  assertEquals(transaction.state, state);
  return transaction;
}

const STIMULI = {
  "INVITE": (it: InviteServerTransaction) => it.receive(request("INVITE"), 0),
  "ACK": (it: InviteServerTransaction) => it.receive(request("ACK"), 0),
  "1xx of the user": (it: InviteServerTransaction) => it.respond(response(183, "INVITE"), 0),
  "2xx of the user": (it: InviteServerTransaction) => it.respond(response(202, "INVITE"), 0),
  "300-699 of the user": (it: InviteServerTransaction) => it.respond(response(603, "INVITE"), 0),
  "1*T1 later": (it: InviteServerTransaction) => it.handleTimeout(1),
  "T4 later": (it: InviteServerTransaction) => it.handleTimeout(10),
  "64*T1 later": (it: InviteServerTransaction) => it.handleTimeout(64),
  "transport error": (it: InviteServerTransaction) => it.receiveTransportError(0),
};

/** Written by hand from RFC 6026 figure 7. Repeated responses are those that led to the state. */
const EXPECTED: Record<InviteServerState, Record<keyof typeof STIMULI, [string, string]>> = {
  Proceeding: {
    "INVITE": ["Proceeding", "send 180"],
    "ACK": ["Proceeding", ""],
    "1xx of the user": ["Proceeding", "send 183"],
    "2xx of the user": ["Accepted", "send 202"],
    "300-699 of the user": ["Completed", "send 603"],
    "1*T1 later": ["Proceeding", ""],
    "T4 later": ["Proceeding", ""],
    "64*T1 later": ["Proceeding", ""],
    "transport error": ["Proceeding", "transport-failed"],
  },
  Completed: {
    "INVITE": ["Completed", "send 486"],
    "ACK": ["Confirmed", ""],
    "1xx of the user": ["Completed", ""],
    "2xx of the user": ["Completed", ""],
    "300-699 of the user": ["Completed", ""],
    "1*T1 later": ["Completed", "send 486"],
    "T4 later": ["Completed", "send 486"],
    "64*T1 later": ["Terminated", "send 486, timed-out"],
    "transport error": ["Completed", "transport-failed"],
  },
  Confirmed: {
    "INVITE": ["Confirmed", ""],
    "ACK": ["Confirmed", ""],
    "1xx of the user": ["Confirmed", ""],
    "2xx of the user": ["Confirmed", ""],
    "300-699 of the user": ["Confirmed", ""],
    "1*T1 later": ["Confirmed", ""],
    "T4 later": ["Terminated", ""],
    "64*T1 later": ["Terminated", ""],
    "transport error": ["Confirmed", ""],
  },
  Accepted: {
    "INVITE": ["Accepted", ""],
    "ACK": ["Accepted", "user ACK"],
    "1xx of the user": ["Accepted", ""],
    "2xx of the user": ["Accepted", "send 202"],
    "300-699 of the user": ["Accepted", ""],
    "1*T1 later": ["Accepted", ""],
    "T4 later": ["Accepted", ""],
    "64*T1 later": ["Terminated", ""],
    "transport error": ["Accepted", "transport-failed"],
  },
  Terminated: {
    "INVITE": ["Terminated", ""],
    "ACK": ["Terminated", ""],
    "1xx of the user": ["Terminated", ""],
    "2xx of the user": ["Terminated", ""],
    "300-699 of the user": ["Terminated", ""],
    "1*T1 later": ["Terminated", ""],
    "T4 later": ["Terminated", ""],
    "64*T1 later": ["Terminated", ""],
    "transport error": ["Terminated", ""],
  },
};

for (const [state, row] of Object.entries(EXPECTED)) {
  for (const [stimulus, [next, actions]] of Object.entries(row)) {
    Deno.test(`InviteServerTransaction in ${state} given ${stimulus} goes to ${next}`, () => {
      const transaction = inState(state as InviteServerState);
      const done = STIMULI[stimulus as keyof typeof STIMULI](transaction);
      assertEquals([transaction.state, describe(done)], [next, actions]);
      if (next === "Terminated") assertEquals(transaction.deadline, undefined);
    });
  }
}

Deno.test("SIP-025 the INVITE server says 100 when the user takes longer than 200 ms, and repeats it", () => {
  const transaction = begun();
  assertEquals(describe(transaction.receive(request("INVITE"), 0)), ""); // Nothing to repeat yet.
  assertEquals(transaction.deadline, 0.4);
  assertEquals(describe(transaction.handleTimeout(0.4)), "send 100");
  assertEquals(describe(transaction.receive(request("INVITE"), 1)), "send 100");
  assertEquals(transaction.deadline, undefined);
});

Deno.test("SIP-025 the INVITE server says no 100 when the user was quick", () => {
  for (const status of [180, 200, 486]) {
    const transaction = begun();
    transaction.respond(response(status, "INVITE"), 0.1);
    assertEquals(describe(transaction.handleTimeout(0.4)), "");
  }
});

Deno.test("SIP-025 Timer G doubles up to T2, Timer H ends it", () => {
  const transaction = begun();
  transaction.respond(response(486, "INVITE"), 0);
  const times: number[] = [];
  for (let at = transaction.deadline; at !== undefined; at = transaction.deadline) {
    times.push(at);
    transaction.handleTimeout(at);
  }
  assertEquals(times, [1, 3, 7, 15, 23, 31, 39, 47, 55, 63, 64]);
});

Deno.test("SIP-022 the INVITE server over a reliable transport repeats nothing", () => {
  const transaction = begun(true);
  transaction.respond(response(486, "INVITE"), 0);
  assertEquals(transaction.deadline, 64); // Timer H alone.
  transaction.receive(request("ACK"), 1);
  assertEquals(transaction.deadline, 1); // Timer I is zero.
});
