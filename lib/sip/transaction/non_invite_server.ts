/** The server transaction of every method but INVITE and ACK (RFC 3261 §17.2.2, figure 8; RFC 4320). */

import type { Instant } from "../../base/output.ts";
import type { SipRequest, SipResponse } from "../message/message.ts";
import {
  type Step,
  type TransactionAction,
  TransactionMachine,
  type TransitionTable,
} from "./machine.ts";
import type { Timers } from "./timers.ts";
import { Transaction } from "./transaction.ts";

/** States of figure 8. */
export type NonInviteServerState = "Trying" | "Proceeding" | "Completed" | "Terminated";

/** What moves it: the repeated request, responses from the transaction user, Timer J. */
export type NonInviteServerStimulus =
  | "request"
  | "1xx"
  | "200-699"
  | "timer-J"
  | "transport-error";

/** One received request until nobody repeats it any more. */
export class NonInviteServerTransaction
  extends Transaction<NonInviteServerState, NonInviteServerStimulus> {
  /**
   * @param timers How long its timers run.
   * @param isReliable Whether its transport is.
   */
  constructor(timers: Timers, isReliable: boolean) {
    super(new TransactionMachine(transitions(), "Trying", timers, isReliable));
  }

  /** The request again. */
  receive(request: SipRequest, now: Instant): TransactionAction[] {
    return this.machine.stimulate("request", now, request);
  }

  /** A response of the transaction user. */
  respond(response: SipResponse, now: Instant): TransactionAction[] {
    return this.machine.stimulate(response.status < 200 ? "1xx" : "200-699", now, response);
  }
}

function transitions(): TransitionTable<NonInviteServerState, NonInviteServerStimulus> {
  let latest: SipResponse | undefined;
  const send = (step: Step): void => {
    if (step.message?.kind === "response") latest = step.message;
    if (latest !== undefined) step.act({ type: "send", message: latest });
  };
  const proceed = (step: Step): "Proceeding" => {
    send(step);
    return "Proceeding";
  };
  const complete = (step: Step): "Completed" => {
    step.start("J");
    send(step);
    return "Completed";
  };
  // RFC 6026 §8.8: the user is told, the state stays.
  const fail = <State extends NonInviteServerState>(state: State) => (step: Step): State => {
    step.act({ type: "transport-failed" });
    return state;
  };
  return {
    Trying: {
      "request": "ignore",
      "1xx": proceed,
      "200-699": complete,
      "timer-J": "ignore",
      "transport-error": "ignore",
    },
    Proceeding: {
      "request": proceed,
      "1xx": proceed,
      "200-699": complete,
      "timer-J": "ignore",
      "transport-error": fail("Proceeding"),
    },
    Completed: {
      "request": (step) => {
        send(step);
        return "Completed";
      },
      "1xx": "ignore",
      "200-699": "ignore",
      "timer-J": () => "Terminated",
      "transport-error": fail("Completed"),
    },
    Terminated: {
      "request": "ignore",
      "1xx": "ignore",
      "200-699": "ignore",
      "timer-J": "ignore",
      "transport-error": "ignore",
    },
  };
}
