/** What became of one forwarded request on all its branches, and what its sender hears of it (RFC 3261 §16.7, §16.10; RFC 4320). */

import type { Instant } from "../../base/output.ts";
import type { SipResponse } from "../message/message.ts";
import { respondTo } from "../user_agent/responses.ts";
import type { Failure } from "../user_agent/transaction_layer.ts";
import { bestResponse } from "./best_response.ts";
import { type Attempt, Branch, type BranchServices, type BranchUser } from "./branch.ts";
import type { IncomingTransaction } from "./transaction_table.ts";
import { popVia } from "./via_stack.ts";

/** What a context is made with. */
export interface ContextServices extends BranchServices {
  /** A tag for responses of our own. */
  readonly newTag: () => string;
  /** The context sent a final response, or will never send one (`undefined`). */
  readonly settled: (context: ResponseContext, status: number | undefined) => void;
}

/** One request on its way to all its targets at once. */
export class ResponseContext implements BranchUser {
  /** What was received. */
  readonly incoming: IncomingTransaction;
  readonly #services: ContextServices;
  #branches: readonly Branch[] = [];
  readonly #finals: SipResponse[] = [];
  #isSettled = false;
  #wasCancelled = false;

  /** @param incoming The transaction that waits for the outcome. */
  constructor(services: ContextServices, incoming: IncomingTransaction) {
    this.#services = services;
    this.incoming = incoming;
  }

  /** Sends the request to every target. */
  begin(targets: readonly (readonly Attempt[])[], now: Instant): void {
    this.#branches = targets.map((attempts) => new Branch(this.#services, this, attempts));
    for (const branch of this.#branches) branch.begin(now);
  }

  /** The sender takes the request back (§16.10). */
  cancel(now: Instant): void {
    if (this.#isSettled) return;
    this.#wasCancelled = true;
    this.#cancelAll(now);
  }

  /** Of a branch. */
  receiveResponse(_branch: Branch, response: SipResponse, now: Instant): void {
    const popped = popVia(response);
    if (popped === undefined) return; // It was meant for nobody before us.
    const { status } = popped;
    if (status < 200) {
      if (!this.#isSettled) this.#send(popped, now);
      return;
    }
    if (status < 300) {
      const isRepeated = this.#isSettled;
      // Every 2xx to an INVITE goes back, and only the first to anything else.
      if (isRepeated && this.#method !== "INVITE") return;
      this.#isSettled = true;
      this.#send(popped, now);
      this.#cancelAll(now);
      if (!isRepeated) this.#services.settled(this, status);
      return;
    }
    this.#finals.push(popped);
    if (status >= 600) this.#cancelAll(now);
    this.#conclude(now);
  }

  /** Of a branch. */
  receiveFailure(_branch: Branch, failure: Failure, now: Instant): void {
    // §16.9: as if it had been answered 503. A timeout leaves nothing behind (§16.6 step 7).
    if (failure === "transport") this.#finals.push(this.#ourResponse(503));
    this.#conclude(now);
  }

  get #method(): string {
    return this.incoming.request.method;
  }

  /** Step 6, once every branch is over. */
  #conclude(now: Instant): void {
    if (this.#isSettled || this.#branches.some((it) => !it.isDone)) return;
    const best = bestResponse(this.#finals) ?? this.#ourResponse(this.#wasCancelled ? 487 : 408);
    this.#isSettled = true;
    // RFC 4320 §4.2: a 408 that arrives too late for anybody to want it is not sent.
    if (best.status === 408 && this.#method !== "INVITE") {
      this.#services.table.abandon(this.incoming);
      this.#services.settled(this, undefined);
      return;
    }
    this.#send(best, now);
    this.#services.settled(this, best.status);
  }

  #cancelAll(now: Instant): void {
    for (const branch of this.#branches) branch.cancel(now);
  }

  #send(response: SipResponse, now: Instant): void {
    this.#services.table.respond(this.incoming, response, now);
  }

  #ourResponse(status: number): SipResponse {
    return respondTo(this.incoming.request, status, { toTag: this.#services.newTag() });
  }
}
