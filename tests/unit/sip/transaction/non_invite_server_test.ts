/** Every state of figure 8 crossed with everything that can happen. */
import { assertEquals } from "@std/assert";
import {
  type NonInviteServerState,
  NonInviteServerTransaction,
} from "../../../../lib/sip/transaction/non_invite_server.ts";
import { describe, request, response, UNIT_TIMERS } from "../../../helpers/sip_messages.ts";

function inState(state: NonInviteServerState): NonInviteServerTransaction {
  const transaction = new NonInviteServerTransaction(UNIT_TIMERS, false);
  if (state === "Proceeding") transaction.respond(response(100, "BYE"), 0);
  if (state === "Completed" || state === "Terminated") {
    transaction.respond(response(200, "BYE"), 0);
  }
  if (state === "Terminated") transaction.handleTimeout(64);
  assertEquals(transaction.state, state);
  return transaction;
}

const STIMULI = {
  "the request again": (it: NonInviteServerTransaction) => it.receive(request("BYE"), 0),
  "1xx of the user": (it: NonInviteServerTransaction) => it.respond(response(100, "BYE"), 0),
  "200-699 of the user": (it: NonInviteServerTransaction) => it.respond(response(481, "BYE"), 0),
  "64*T1 later": (it: NonInviteServerTransaction) => it.handleTimeout(64),
  "transport error": (it: NonInviteServerTransaction) => it.receiveTransportError(0),
};

/** Written by hand from RFC 3261 figure 8, with RFC 6026 §8.8 for transport errors. */
const EXPECTED: Record<NonInviteServerState, Record<keyof typeof STIMULI, [string, string]>> = {
  Trying: {
    "the request again": ["Trying", ""],
    "1xx of the user": ["Proceeding", "send 100"],
    "200-699 of the user": ["Completed", "send 481"],
    "64*T1 later": ["Trying", ""],
    "transport error": ["Trying", ""],
  },
  Proceeding: {
    "the request again": ["Proceeding", "send 100"],
    "1xx of the user": ["Proceeding", "send 100"],
    "200-699 of the user": ["Completed", "send 481"],
    "64*T1 later": ["Proceeding", ""],
    "transport error": ["Proceeding", "transport-failed"],
  },
  Completed: {
    "the request again": ["Completed", "send 200"],
    "1xx of the user": ["Completed", ""],
    "200-699 of the user": ["Completed", ""],
    "64*T1 later": ["Terminated", ""],
    "transport error": ["Completed", "transport-failed"],
  },
  Terminated: {
    "the request again": ["Terminated", ""],
    "1xx of the user": ["Terminated", ""],
    "200-699 of the user": ["Terminated", ""],
    "64*T1 later": ["Terminated", ""],
    "transport error": ["Terminated", ""],
  },
};

for (const [state, row] of Object.entries(EXPECTED)) {
  for (const [stimulus, [next, actions]] of Object.entries(row)) {
    Deno.test(`NonInviteServerTransaction in ${state} given ${stimulus} goes to ${next}`, () => {
      const transaction = inState(state as NonInviteServerState);
      const done = STIMULI[stimulus as keyof typeof STIMULI](transaction);
      assertEquals([transaction.state, describe(done)], [next, actions]);
    });
  }
}

Deno.test("SIP-022 the server of other methods over a reliable transport is over at once", () => {
  const transaction = new NonInviteServerTransaction(UNIT_TIMERS, true);
  transaction.respond(response(200, "BYE"), 3);
  assertEquals(transaction.deadline, 3); // Timer J is zero.
});
