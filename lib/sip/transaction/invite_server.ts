/** The INVITE server transaction (RFC 3261 §17.2.1 as RFC 6026 §8.5–8.8 corrects it, figure 7). */

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

/** States of figure 7. */
export type InviteServerState =
  | "Proceeding"
  | "Completed"
  | "Confirmed"
  | "Accepted"
  | "Terminated";

/** What moves it: requests from the network, responses from the transaction user, timers. */
export type InviteServerStimulus =
  | "INVITE"
  | "ACK"
  | "1xx"
  | "2xx"
  | "300-699"
  | "timer-100"
  | "timer-G"
  | "timer-H"
  | "timer-I"
  | "timer-L"
  | "transport-error";

/** One received INVITE until nobody repeats anything any more. */
export class InviteServerTransaction extends Transaction<InviteServerState, InviteServerStimulus> {
  /**
   * @param trying The 100 to send when the transaction user takes longer than 200 ms.
   * @param timers How long its timers run.
   * @param isReliable Whether its transport is.
   */
  constructor(trying: SipResponse, timers: Timers, isReliable: boolean) {
    super(new TransactionMachine(transitions(trying, timers), "Proceeding", timers, isReliable));
  }

  /** Starts the wait for the transaction user. */
  begin(now: Instant): TransactionAction[] {
    return this.machine.begin(now, (step) => step.start("100"));
  }

  /** A repeated INVITE, or an ACK, that matches it. */
  receive(request: SipRequest, now: Instant): TransactionAction[] {
    return this.machine.stimulate(request.method === "ACK" ? "ACK" : "INVITE", now, request);
  }

  /** A response of the transaction user. */
  respond(response: SipResponse, now: Instant): TransactionAction[] {
    const { status } = response;
    const stimulus = status < 200 ? "1xx" : status < 300 ? "2xx" : "300-699";
    return this.machine.stimulate(stimulus, now, response);
  }
}

function transitions(
  trying: SipResponse,
  timers: Timers,
): TransitionTable<InviteServerState, InviteServerStimulus> {
  /** What a repeated INVITE is answered with. */
  let latest: SipResponse | undefined;
  const send = (step: Step): void => {
    if (step.message?.kind === "response") latest = step.message;
    if (latest !== undefined) step.act({ type: "send", message: latest });
  };
  const sendIn = <State extends InviteServerState>(state: State) => (step: Step): State => {
    send(step);
    return state;
  };
  const provisional = (step: Step): "Proceeding" => {
    step.stop("100");
    send(step);
    return "Proceeding";
  };
  const sayTrying = (step: Step): "Proceeding" => {
    latest = trying;
    step.act({ type: "send", message: trying });
    return "Proceeding";
  };
  const accept = (step: Step): "Accepted" => {
    step.stop("100");
    step.start("L");
    send(step);
    return "Accepted";
  };
  const complete = (step: Step): "Completed" => {
    step.stop("100");
    step.start("G");
    step.start("H");
    send(step);
    return "Completed";
  };
  const repeat = (step: Step): "Completed" => {
    send(step);
    step.restart("G", timers.t2);
    return "Completed";
  };
  const confirm = (step: Step): "Confirmed" => {
    step.stop("G", "H");
    step.start("I");
    return "Confirmed";
  };
  const timeOut = (step: Step): "Terminated" => {
    step.act({ type: "timed-out" });
    return "Terminated";
  };
  // RFC 6026 §8.8: the user is told, the state stays.
  const fail = <State extends InviteServerState>(state: State) => (step: Step): State => {
    step.act({ type: "transport-failed" });
    return state;
  };
  const terminate = (): "Terminated" => "Terminated";
  return {
    Proceeding: {
      "INVITE": sendIn("Proceeding"),
      "ACK": "ignore",
      "1xx": provisional,
      "2xx": accept,
      "300-699": complete,
      "timer-100": sayTrying,
      "timer-G": "ignore",
      "timer-H": "ignore",
      "timer-I": "ignore",
      "timer-L": "ignore",
      "transport-error": fail("Proceeding"),
    },
    Completed: {
      "INVITE": sendIn("Completed"),
      "ACK": confirm,
      "1xx": "ignore",
      "2xx": "ignore",
      "300-699": "ignore",
      "timer-100": "ignore",
      "timer-G": repeat,
      "timer-H": timeOut,
      "timer-I": "ignore",
      "timer-L": "ignore",
      "transport-error": fail("Completed"),
    },
    Confirmed: {
      "INVITE": "ignore",
      "ACK": "ignore",
      "1xx": "ignore",
      "2xx": "ignore",
      "300-699": "ignore",
      "timer-100": "ignore",
      "timer-G": "ignore",
      "timer-H": "ignore",
      "timer-I": terminate,
      "timer-L": "ignore",
      "transport-error": "ignore",
    },
    Accepted: {
      "INVITE": "ignore",
      "ACK": (step) => {
        if (step.message?.kind === "request") step.act({ type: "ack", request: step.message });
        return "Accepted";
      },
      "1xx": "ignore",
      "2xx": sendIn("Accepted"),
      "300-699": "ignore",
      "timer-100": "ignore",
      "timer-G": "ignore",
      "timer-H": "ignore",
      "timer-I": "ignore",
      "timer-L": terminate,
      "transport-error": fail("Accepted"),
    },
    Terminated: {
      "INVITE": "ignore",
      "ACK": "ignore",
      "1xx": "ignore",
      "2xx": "ignore",
      "300-699": "ignore",
      "timer-100": "ignore",
      "timer-G": "ignore",
      "timer-H": "ignore",
      "timer-I": "ignore",
      "timer-L": "ignore",
      "transport-error": "ignore",
    },
  };
}
