/** One branch of a forwarded request: its attempts one after the other, Timer C, its CANCEL (RFC 3261 §16.6 steps 7 to 11, §16.8, §9.1). */

import type { Instant } from "../../base/output.ts";
import { callIdOf, cSeqOf, headerValue, headerValues, topVia } from "../message/header_fields.ts";
import {
  type HeaderField,
  NO_BODY,
  type SipRequest,
  type SipResponse,
} from "../message/message.ts";
import { writeVia } from "../message/via.ts";
import type { Destination } from "../user_agent/destination.ts";
import type { Failure } from "../user_agent/transaction_layer.ts";
import type { DeadlineQueue } from "./deadline_queue.ts";
import type { ForwardUser, OutgoingTransaction, TransactionTable } from "./transaction_table.ts";

/** One way to try: where to, and what is sent there. */
export interface Attempt {
  readonly to: Destination;
  /** Makes the message; called once, when it is this attempt's turn. */
  readonly compose: () => SipRequest;
}

/** What branches share. */
export interface BranchServices {
  readonly table: TransactionTable;
  readonly timers: DeadlineQueue<Branch>;
  /** How long an INVITE may ring, in milliseconds: more than three minutes. */
  readonly timerC: number;
  /** How long a cancelled INVITE may take to end, in milliseconds: 64*T1. */
  readonly cancelPatience: number;
}

/** Whom a branch tells. */
export interface BranchUser {
  /** A response other than 100, and other than the repetitions of a refusal. */
  receiveResponse(branch: Branch, response: SipResponse, now: Instant): void;
  /** No final response came from anywhere. */
  receiveFailure(branch: Branch, failure: Failure, now: Instant): void;
}

/** See the file comment. */
export class Branch implements ForwardUser {
  readonly #services: BranchServices;
  readonly #user: BranchUser;
  readonly #attempts: Attempt[];
  #outgoing: OutgoingTransaction | undefined;
  #state: "trying" | "proceeding" | "done" = "trying";
  #cancel: "no" | "wanted" | "sent" = "no";

  /** @param attempts The first is begun by {@link begin}; at least one. */
  constructor(services: BranchServices, user: BranchUser, attempts: readonly Attempt[]) {
    this.#services = services;
    this.#user = user;
    this.#attempts = [...attempts];
  }

  /** Whether nothing but further 2xx can come. */
  get isDone(): boolean {
    return this.#state === "done";
  }

  /** Sends the request the first way. */
  begin(now: Instant): void {
    this.#next("transport", now);
  }

  /** Takes an INVITE back, as soon as that is allowed (§9.1). */
  cancel(now: Instant): void {
    if (this.#state === "done" || this.#cancel === "sent") return;
    if (this.#outgoing?.request.method !== "INVITE") return;
    this.#cancel = "wanted";
    if (this.#state === "proceeding") this.#sendCancel(now);
  }

  /** Of the transaction. */
  receiveResponse(response: SipResponse, now: Instant): void {
    const { status } = response;
    if (status < 200) {
      if (this.#state === "done") return;
      this.#state = "proceeding";
      if (this.#cancel === "wanted") this.#sendCancel(now);
      else if (this.#cancel === "no" && status > 100) this.#startTimerC(now);
      if (status > 100) this.#user.receiveResponse(this, response, now);
      return;
    }
    // RFC 5626 §7: the flow is gone, and the same instance may have another.
    if (status === 430 && this.#attempts.length > 0 && this.#state !== "done") {
      this.#next("transport", now);
      return;
    }
    this.#finish();
    this.#user.receiveResponse(this, response, now);
  }

  /** Of the transaction. */
  receiveFailure(failure: Failure, now: Instant): void {
    if (this.#state !== "done") this.#next(failure, now);
  }

  /** Timer C, or the patience after a CANCEL, is over. */
  handleTimeout(now: Instant): void {
    if (this.#state === "done") return;
    if (this.#state === "proceeding" && this.#cancel !== "sent") {
      this.#cancel = "wanted";
      this.#sendCancel(now);
      return;
    }
    if (this.#outgoing !== undefined) this.#services.table.forsake(this.#outgoing);
    this.#finish();
    this.#user.receiveFailure(this, "timeout", now);
  }

  #next(failure: Failure, now: Instant): void {
    const attempt = this.#cancel === "no" ? this.#attempts.shift() : undefined;
    if (attempt === undefined) {
      this.#finish();
      this.#user.receiveFailure(this, failure, now);
      return;
    }
    this.#state = "trying";
    const request = attempt.compose();
    // Set before anything can answer.
    if (request.method === "INVITE") this.#startTimerC(now);
    this.#outgoing = this.#services.table.start(request, attempt.to, this, now);
  }

  #startTimerC(now: Instant): void {
    if (this.#outgoing !== undefined && this.#outgoing.request.method !== "INVITE") return;
    this.#services.timers.set(this, now + this.#services.timerC);
  }

  #finish(): void {
    this.#state = "done";
    this.#services.timers.set(this, undefined);
  }

  #sendCancel(now: Instant): void {
    const outgoing = this.#outgoing;
    if (outgoing === undefined) return;
    this.#cancel = "sent";
    this.#services.timers.set(this, now + this.#services.cancelPatience);
    this.#services.table.start(cancelOf(outgoing.request), outgoing.to, NOBODY, now);
  }
}

/** What becomes of a CANCEL changes nothing: the INVITE it is about ends by itself, or by our patience. */
const NOBODY: ForwardUser = { receiveResponse: () => {}, receiveFailure: () => {} };

/** The CANCEL of a request of ours (§9.1). */
function cancelOf(request: SipRequest): SipRequest {
  const headers: HeaderField[] = [
    { name: "Via", value: writeVia(topVia(request)) },
    { name: "Max-Forwards", value: "70" },
    ...headerValues(request, "Route").map((value) => ({ name: "Route", value })),
    { name: "From", value: headerValue(request, "From") ?? "" },
    { name: "To", value: headerValue(request, "To") ?? "" },
    { name: "Call-ID", value: callIdOf(request) },
    { name: "CSeq", value: `${cSeqOf(request).number} CANCEL` },
  ];
  return { ...request, method: "CANCEL", headers, body: NO_BODY };
}
