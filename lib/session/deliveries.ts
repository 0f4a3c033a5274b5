/** The user's messages on their way, until their fate is known. */

import { SottoError } from "../base/errors.ts";
import type { SendOutcome } from "./chat_options.ts";
import type { MsrpDelivery } from "./msrp_endpoint.ts";
import type { DeliveryEvent } from "./session_event.ts";

/** Each message has one fate: it is told as an event, and to whoever sent it. */
export class Deliveries {
  readonly #waiting = new Map<string, PromiseWithResolvers<SendOutcome>>();
  readonly #followed = new Set<Promise<void>>();
  readonly #report: (event: DeliveryEvent) => void;

  /** @param report Told of every fate. */
  constructor(report: (event: DeliveryEvent) => void) {
    this.#report = report;
  }

  /** A message was handed over; resolves with its fate. */
  expect(id: string): Promise<SendOutcome> {
    const outcome = Promise.withResolvers<SendOutcome>();
    this.#waiting.set(id, outcome);
    return outcome.promise;
  }

  /** A message that was never accepted has no fate. */
  forget(id: string): void {
    this.#waiting.delete(id);
  }

  /**
   * The message left: its fate is what MSRP says of it, or `late` if nothing comes in time.
   *
   * @param late Resolves when the wait is over.
   */
  async follow(id: string, sent: Promise<MsrpDelivery>, late: Promise<SendOutcome>): Promise<void> {
    const followed = Promise.race([sent.then(outcomeOf, lostBy), late])
      .then((outcome) => this.finish(id, outcome));
    this.#followed.add(followed);
    await followed;
    this.#followed.delete(followed);
  }

  /** Resolves when every message that left has its fate. MSRP has decided on them; this only waits for the word. */
  async told(): Promise<void> {
    await Promise.all(this.#followed);
  }

  /** The fate is known. Only the first counts. */
  finish(id: string, outcome: SendOutcome): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    // RFC 4975 §7.1.2: what arrived, arrived with 200, whether by response or by report.
    const code = outcome.status === "delivered" ? 200 : outcome.code;
    this.#report({
      type: "delivery",
      id,
      status: outcome.status,
      ...(code !== undefined ? { code } : {}),
      ...(outcome.reason !== undefined ? { reason: outcome.reason } : {}),
    });
    waiting.resolve(outcome);
  }

  /** The session is over, and with it every message whose fate is not known. */
  endAll(reason: string): void {
    for (const id of [...this.#waiting.keys()]) {
      this.finish(id, { status: "failed", cause: "connection", reason });
    }
  }
}

/** What MSRP says of a message, as a fate. */
export function outcomeOf(delivery: MsrpDelivery): SendOutcome {
  if (delivery.status === "delivered") return { status: "delivered" };
  return {
    status: "failed",
    cause: causeOf(delivery.cause),
    ...(delivery.code !== undefined ? { code: delivery.code } : {}),
    ...(delivery.comment !== undefined ? { reason: delivery.comment } : {}),
  };
}

function causeOf(cause: MsrpDelivery["cause"]): "response" | "timeout" | "connection" {
  switch (cause) {
    case "report":
    case "response":
      return "response";
    case "timeout":
      return "timeout";
    default:
      return "connection";
  }
}

function lostBy(error: unknown): SendOutcome {
  const reason = error instanceof Error ? error.message : String(error);
  // What the peer's description forbids was never sent: that is an answer of a kind.
  const isRefusal = error instanceof SottoError &&
    (error.code === "msrp/type-not-accepted" || error.code === "msrp/too-large-for-peer");
  return { status: "failed", cause: isRefusal ? "response" : "connection", reason };
}
