/** The client transaction of every method but INVITE and ACK (RFC 3261 §17.1.2, figure 6). */

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

/** States of figure 6. */
export type NonInviteClientState = "Trying" | "Proceeding" | "Completed" | "Terminated";

/** What moves it. */
export type NonInviteClientStimulus =
  | "1xx"
  | "200-699"
  | "timer-E"
  | "timer-F"
  | "timer-K"
  | "transport-error";

/** One request on its way to a final response. */
export class NonInviteClientTransaction
  extends Transaction<NonInviteClientState, NonInviteClientStimulus> {
  readonly #request: SipRequest;

  /**
   * @param request Complete with its Via.
   * @param timers How long its timers run.
   * @param isReliable Whether its transport is.
   */
  constructor(request: SipRequest, timers: Timers, isReliable: boolean) {
    super(new TransactionMachine(transitions(request, timers), "Trying", timers, isReliable));
    this.#request = request;
  }

  /** Sends the request. */
  begin(now: Instant): TransactionAction[] {
    return this.machine.begin(now, (step) => {
      step.act({ type: "send", message: this.#request });
      step.start("E");
      step.start("F");
    });
  }

  /** A response that matches it. */
  receive(response: SipResponse, now: Instant): TransactionAction[] {
    return this.machine.stimulate(response.status < 200 ? "1xx" : "200-699", now, response);
  }
}

function transitions(
  request: SipRequest,
  timers: Timers,
): TransitionTable<NonInviteClientState, NonInviteClientStimulus> {
  const toUser = (step: Step): void => {
    if (step.message?.kind === "response") step.act({ type: "response", response: step.message });
  };
  const proceed = (step: Step): "Proceeding" => {
    toUser(step);
    return "Proceeding";
  };
  const complete = (step: Step): "Completed" => {
    step.stop("E", "F");
    step.start("K");
    toUser(step);
    return "Completed";
  };
  const repeat = (step: Step): "Trying" => {
    step.act({ type: "send", message: request });
    // §17.1.2.2: twice the interval up to T2 while nothing was heard, T2 afterwards.
    step.restart("E", timers.t2);
    return "Trying";
  };
  const repeatSlowly = (step: Step): "Proceeding" => {
    step.act({ type: "send", message: request });
    step.restart("E", timers.t2, timers.t2);
    return "Proceeding";
  };
  const timeOut = (step: Step): "Terminated" => {
    step.act({ type: "timed-out" });
    return "Terminated";
  };
  const fail = (step: Step): "Terminated" => {
    step.act({ type: "transport-failed" });
    return "Terminated";
  };
  return {
    Trying: {
      "1xx": proceed,
      "200-699": complete,
      "timer-E": repeat,
      "timer-F": timeOut,
      "timer-K": "ignore",
      "transport-error": fail,
    },
    Proceeding: {
      "1xx": proceed,
      "200-699": complete,
      "timer-E": repeatSlowly,
      "timer-F": timeOut,
      "timer-K": "ignore",
      "transport-error": fail,
    },
    Completed: {
      "1xx": "ignore",
      "200-699": "ignore",
      "timer-E": "ignore",
      "timer-F": "ignore",
      "timer-K": () => "Terminated",
      "transport-error": "ignore",
    },
    Terminated: {
      "1xx": "ignore",
      "200-699": "ignore",
      "timer-E": "ignore",
      "timer-F": "ignore",
      "timer-K": "ignore",
      "transport-error": "ignore",
    },
  };
}
