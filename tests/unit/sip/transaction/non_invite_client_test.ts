/** Every state of figure 6 crossed with everything that can happen. */
import { assertEquals } from "@std/assert";
import {
  type NonInviteClientState,
  NonInviteClientTransaction,
} from "../../../../lib/sip/transaction/non_invite_client.ts";
import { describe, request, response, UNIT_TIMERS } from "../../../helpers/sip_messages.ts";

function inState(state: NonInviteClientState): NonInviteClientTransaction {
  const transaction = new NonInviteClientTransaction(request("BYE"), UNIT_TIMERS, false);
  transaction.begin(0);
  if (state === "Proceeding") transaction.receive(response(100, "BYE"), 0);
  if (state === "Completed") transaction.receive(response(200, "BYE"), 0);
  if (state === "Terminated") transaction.receiveTransportError(0);
  assertEquals(transaction.state, state);
  return transaction;
}

const STIMULI = {
  "1xx": (it: NonInviteClientTransaction) => it.receive(response(182, "BYE"), 0),
  "200-699": (it: NonInviteClientTransaction) => it.receive(response(481, "BYE"), 0),
  "1*T1 later": (it: NonInviteClientTransaction) => it.handleTimeout(1),
  "T4 later": (it: NonInviteClientTransaction) => it.handleTimeout(10),
  "64*T1 later": (it: NonInviteClientTransaction) => it.handleTimeout(64),
  "transport error": (it: NonInviteClientTransaction) => it.receiveTransportError(0),
};

/** Written by hand from RFC 3261 figure 6. */
const EXPECTED: Record<NonInviteClientState, Record<keyof typeof STIMULI, [string, string]>> = {
  Trying: {
    "1xx": ["Proceeding", "user 182"],
    "200-699": ["Completed", "user 481"],
    "1*T1 later": ["Trying", "send BYE"],
    "T4 later": ["Trying", "send BYE"],
    "64*T1 later": ["Terminated", "send BYE, timed-out"],
    "transport error": ["Terminated", "transport-failed"],
  },
  Proceeding: {
    "1xx": ["Proceeding", "user 182"],
    "200-699": ["Completed", "user 481"],
    "1*T1 later": ["Proceeding", "send BYE"],
    "T4 later": ["Proceeding", "send BYE"],
    "64*T1 later": ["Terminated", "send BYE, timed-out"],
    "transport error": ["Terminated", "transport-failed"],
  },
  Completed: {
    "1xx": ["Completed", ""],
    "200-699": ["Completed", ""],
    "1*T1 later": ["Completed", ""],
    "T4 later": ["Terminated", ""],
    "64*T1 later": ["Terminated", ""],
    "transport error": ["Completed", ""],
  },
  Terminated: {
    "1xx": ["Terminated", ""],
    "200-699": ["Terminated", ""],
    "1*T1 later": ["Terminated", ""],
    "T4 later": ["Terminated", ""],
    "64*T1 later": ["Terminated", ""],
    "transport error": ["Terminated", ""],
  },
};

for (const [state, row] of Object.entries(EXPECTED)) {
  for (const [stimulus, [next, actions]] of Object.entries(row)) {
    Deno.test(`NonInviteClientTransaction in ${state} given ${stimulus} goes to ${next}`, () => {
      const transaction = inState(state as NonInviteClientState);
      const done = STIMULI[stimulus as keyof typeof STIMULI](transaction);
      assertEquals([transaction.state, describe(done)], [next, actions]);
    });
  }
}

function timesOf(transaction: NonInviteClientTransaction): number[] {
  const times: number[] = [];
  for (let at = transaction.deadline; at !== undefined; at = transaction.deadline) {
    times.push(at);
    transaction.handleTimeout(at);
  }
  return times;
}

Deno.test("SIP-021 the client of other methods repeats at T1, 3*T1, 7*T1, then every T2, until 64*T1", () => {
  const transaction = inState("Trying");
  assertEquals(timesOf(transaction), [1, 3, 7, 15, 23, 31, 39, 47, 55, 63, 64]);
  assertEquals(transaction.state, "Terminated");
});

Deno.test("SIP-021 the client of other methods repeats every T2 once it has heard something", () => {
  // Timer E was started for T1 already; from then on it is T2.
  assertEquals(timesOf(inState("Proceeding")), [1, 9, 17, 25, 33, 41, 49, 57, 64]);
});

Deno.test("SIP-022 the client of other methods over a reliable transport repeats nothing", () => {
  const transaction = new NonInviteClientTransaction(request("BYE"), UNIT_TIMERS, true);
  transaction.begin(0);
  assertEquals(transaction.deadline, 64);
  transaction.receive(response(200, "BYE"), 2);
  assertEquals(transaction.deadline, 2); // Timer K is zero.
});
