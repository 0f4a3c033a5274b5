/** The INVITE client transaction (RFC 3261 §17.1.1 as RFC 6026 §8.4 corrects it, figure 5). */

import type { Instant } from "../../base/output.ts";
import { headerValue, headerValues, topVia } from "../message/header_fields.ts";
import {
  type HeaderField,
  NO_BODY,
  type SipRequest,
  type SipResponse,
} from "../message/message.ts";
import { writeVia } from "../message/via.ts";
import {
  type Step,
  type TransactionAction,
  TransactionMachine,
  type TransitionTable,
} from "./machine.ts";
import type { Timers } from "./timers.ts";
import { Transaction } from "./transaction.ts";

/** States of figure 5. */
export type InviteClientState = "Calling" | "Proceeding" | "Completed" | "Accepted" | "Terminated";

/** What moves it. */
export type InviteClientStimulus =
  | "1xx"
  | "2xx"
  | "300-699"
  | "timer-A"
  | "timer-B"
  | "timer-D"
  | "timer-M"
  | "transport-error";

/** One INVITE on its way to a final response. */
export class InviteClientTransaction extends Transaction<InviteClientState, InviteClientStimulus> {
  readonly #request: SipRequest;

  /**
   * @param request The INVITE, complete with its Via.
   * @param timers How long its timers run.
   * @param isReliable Whether its transport is.
   */
  constructor(request: SipRequest, timers: Timers, isReliable: boolean) {
    super(new TransactionMachine(transitions(request), "Calling", timers, isReliable));
    this.#request = request;
  }

  /** Sends the INVITE. */
  begin(now: Instant): TransactionAction[] {
    return this.machine.begin(now, (step) => {
      step.act({ type: "send", message: this.#request });
      step.start("A");
      step.start("B");
    });
  }

  /** A response that matches it. */
  receive(response: SipResponse, now: Instant): TransactionAction[] {
    const { status } = response;
    const stimulus = status < 200 ? "1xx" : status < 300 ? "2xx" : "300-699";
    return this.machine.stimulate(stimulus, now, response);
  }
}

function transitions(
  request: SipRequest,
): TransitionTable<InviteClientState, InviteClientStimulus> {
  const toUser = (step: Step): void => {
    if (step.message?.kind === "response") step.act({ type: "response", response: step.message });
  };
  const acknowledge = (step: Step): void => {
    if (step.message?.kind === "response") {
      step.act({ type: "send", message: acknowledgement(request, step.message) });
    }
  };
  const proceed = (step: Step): "Proceeding" => {
    // §17.1.1.2: a provisional response ends the retransmissions and the wait for any answer.
    step.stop("A", "B");
    toUser(step);
    return "Proceeding";
  };
  const accept = (step: Step): "Accepted" => {
    step.stop("A", "B");
    step.start("M");
    toUser(step);
    return "Accepted";
  };
  const complete = (step: Step): "Completed" => {
    step.stop("A", "B");
    step.start("D");
    acknowledge(step);
    toUser(step);
    return "Completed";
  };
  const repeat = (step: Step): "Calling" => {
    step.act({ type: "send", message: request });
    step.restart("A", Infinity);
    return "Calling";
  };
  const timeOut = (step: Step): "Terminated" => {
    step.act({ type: "timed-out" });
    return "Terminated";
  };
  const fail = (step: Step): "Terminated" => {
    step.act({ type: "transport-failed" });
    return "Terminated";
  };
  const terminate = (): "Terminated" => "Terminated";
  return {
    Calling: {
      "1xx": proceed,
      "2xx": accept,
      "300-699": complete,
      "timer-A": repeat,
      "timer-B": timeOut,
      "timer-D": "ignore",
      "timer-M": "ignore",
      "transport-error": fail,
    },
    Proceeding: {
      "1xx": proceed,
      "2xx": accept,
      "300-699": complete,
      "timer-A": "ignore",
      "timer-B": "ignore",
      "timer-D": "ignore",
      "timer-M": "ignore",
      // Figure 5 shows it for Calling and Completed; a connection that breaks while the
      // phone rings is noticed only by the next message on it.
      "transport-error": "ignore",
    },
    Completed: {
      "1xx": "ignore",
      "2xx": "ignore",
      "300-699": (step) => {
        acknowledge(step);
        return "Completed";
      },
      "timer-A": "ignore",
      "timer-B": "ignore",
      "timer-D": terminate,
      "timer-M": "ignore",
      "transport-error": fail,
    },
    Accepted: {
      "1xx": "ignore",
      "2xx": (step) => {
        toUser(step);
        return "Accepted";
      },
      "300-699": "ignore",
      "timer-A": "ignore",
      "timer-B": "ignore",
      "timer-D": "ignore",
      "timer-M": terminate,
      "transport-error": "ignore",
    },
    Terminated: {
      "1xx": "ignore",
      "2xx": "ignore",
      "300-699": "ignore",
      "timer-A": "ignore",
      "timer-B": "ignore",
      "timer-D": "ignore",
      "timer-M": "ignore",
      "transport-error": "ignore",
    },
  };
}

/** The ACK to a final response other than 2xx: it belongs to this transaction (§17.1.1.3). */
export function acknowledgement(request: SipRequest, response: SipResponse): SipRequest {
  const number = (headerValue(request, "CSeq") ?? "").split(" ")[0] ?? "";
  const headers: HeaderField[] = [
    { name: "Via", value: writeVia(topVia(request)) },
    ...headerValues(request, "Route").map((value) => ({ name: "Route", value })),
    { name: "From", value: headerValue(request, "From") ?? "" },
    // The tag of the response: the next hop may have no other way to match it.
    { name: "To", value: headerValue(response, "To") ?? "" },
    { name: "Call-ID", value: headerValue(request, "Call-ID") ?? "" },
    { name: "CSeq", value: `${number} ACK` },
    { name: "Max-Forwards", value: "70" },
    // §22.1: nobody can challenge an ACK; what the INVITE proved counts for it.
    ...["Authorization", "Proxy-Authorization"].flatMap((name) =>
      headerValues(request, name).map((value) => ({ name, value }))
    ),
  ];
  return {
    kind: "request",
    method: "ACK",
    requestUri: request.requestUri,
    headers,
    body: NO_BODY,
  };
}
