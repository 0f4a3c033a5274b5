/**
 * What a conference has to say to one participant: in order, bounded, and never waited for
 * longer than stated (RFC 7701 §6.4).
 */

import { type Clock, delay, type MsrpDelivery, type MsrpSession } from "../session/mod.ts";

/** How much may wait for one participant. */
export interface OutboxLimits {
  /** Messages that are not answered yet. Default 256. */
  readonly messages?: number;
  /** Octets of them. Default 4 MiB. */
  readonly octets?: number;
  /** Milliseconds that senders wait for room before the participant is given up. Default 2,000. */
  readonly patience?: number;
}

/** One participant's queue. */
export class FocusOutbox {
  readonly #session: Promise<Pick<MsrpSession, "send">>;
  readonly #clock: Clock;
  readonly #limits: Required<OutboxLimits>;
  readonly #giveUp: (why: string) => void;
  #messages = 0;
  #octets = 0;
  #isGivenUp = false;
  #drained = Promise.withResolvers<void>();

  /**
   * @param session May still be coming about: what is said meanwhile waits, and counts.
   * @param giveUp Called once, when the participant does not keep up or cannot be sent to.
   */
  constructor(
    session: Promise<Pick<MsrpSession, "send">>,
    clock: Clock,
    giveUp: (why: string) => void,
    { messages = 256, octets = 4 * 2 ** 20, patience = 2_000 }: OutboxLimits = {},
  ) {
    this.#session = session;
    this.#clock = clock;
    this.#giveUp = giveUp;
    this.#limits = { messages, octets, patience };
  }

  /** Sends a message. What is too much is not sent: the participant is given up. */
  push(body: Uint8Array): void {
    if (this.#isGivenUp) return;
    const { messages, octets } = this.#limits;
    if (this.#messages >= messages || this.#octets + body.length > octets) {
      this.#fail("too slow: too much waits for it");
      return;
    }
    this.#messages += 1;
    this.#octets += body.length;
    // §6.3: any report model; the answer alone says that there is room again.
    const sent = this.#session.then((session) =>
      session.send({
        contentType: "message/cpim",
        body,
        successReport: false,
        failureReport: "yes",
      })
    );
    void this.#settle(sent, body.length);
  }

  /**
   * Waits until less than half of what may wait waits, so that a sender that is too fast is
   * slowed instead of its readers being given up; one that does not read is given up.
   */
  async ready(): Promise<void> {
    const waiting = new AbortController();
    let isLate = false;
    const late = delay(this.#clock, this.#limits.patience, waiting.signal)
      .then(() => void (isLate = true), () => {});
    while (!this.#isGivenUp && this.#isBusy) {
      if (isLate) {
        this.#fail("too slow: it does not read");
        break;
      }
      this.#drained = Promise.withResolvers<void>();
      await Promise.race([this.#drained.promise, late]);
    }
    waiting.abort();
    await late;
  }

  get #isBusy(): boolean {
    const { messages, octets } = this.#limits;
    return this.#messages * 2 > messages || this.#octets * 2 > octets;
  }

  async #settle(sent: Promise<MsrpDelivery>, length: number): Promise<void> {
    const why = await sent.then(
      ({ status, code }) => status === "failed" && code !== 415 ? `it answered ${code ?? 0}` : "",
      (error) => error instanceof Error ? error.message : String(error),
    );
    this.#messages -= 1;
    this.#octets -= length;
    this.#drained.resolve();
    if (why !== "") this.#fail(why);
  }

  #fail(why: string): void {
    if (this.#isGivenUp) return;
    this.#isGivenUp = true;
    this.#drained.resolve();
    this.#giveUp(why);
  }
}
