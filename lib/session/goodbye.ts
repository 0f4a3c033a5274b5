/**
 * How a session takes its leave: last words before the BYE, the BYE before everything is
 * closed, and no wait for ever (docs/spec_notes/session.md, "How a session ends"; RFC 3261 §15).
 */

import { type Clock, delay } from "./clock.ts";

/** How long a lost MSRP connection waits for the BYE that explains it, in milliseconds. */
const BYE_GRACE = 1_500;

/** How long our last words may take to leave before the BYE, in milliseconds. */
const GOODBYE_TIME = 2_000;

/** How long a caller that gives up waits for a peer that never said a word, in milliseconds. */
const LAST_HOPE = 500;

/** How long after the peer's BYE its MSRP connection is read on, in milliseconds. */
const LAST_WORDS = 1_000;

/** The same for a file that has not come completely, in milliseconds. */
const LAST_OCTETS = 10_000;

/** The waits at the end of one session. */
export class Goodbye {
  readonly #clock: Clock;
  readonly #stopping: AbortSignal;
  #hasHeard = false;
  #hasHungUp = false;

  /** @param stopping Ends the waits for the peer: the session is being closed. */
  constructor(clock: Clock, stopping: AbortSignal) {
    this.#clock = clock;
    this.#stopping = stopping;
  }

  /** Whether the peer's BYE came: what is lost after it needs no other explanation. */
  get hasHungUp(): boolean {
    return this.#hasHungUp;
  }

  /** The other side rang, answered, or called us: there is somebody to take leave of. */
  heard(): void {
    this.#hasHeard = true;
  }

  /** Something of the peer's ended. A BYE may be on its way: its story is the better one. */
  async awaitBye(): Promise<void> {
    await delay(this.#clock, BYE_GRACE, this.#stopping).catch(() => {});
  }

  /**
   * The peer's BYE came. What it said before may still be on its way through another socket.
   *
   * @param words Resolves when its MSRP session is over.
   * @param octets What resolves when its files have come.
   */
  async hearOut(words: Promise<void>, octets: () => Promise<void>): Promise<void> {
    this.#hasHungUp = true;
    await this.#atMost(words, LAST_WORDS);
    await this.#atMost(octets(), LAST_OCTETS);
  }

  /**
   * The session is over by somebody's will, and the call with it.
   *
   * @param by Who ended it. A local end leaves time for last words, a remote one needs no BYE.
   * @param words Resolves when the connection has taken our last words, OTR's disconnect among them.
   * @param hangUp Sends BYE or CANCEL, and resolves when it is answered.
   */
  async leave(
    by: "local" | "remote" | "network",
    words: Promise<void>,
    hangUp: () => Promise<void>,
  ): Promise<void> {
    if (by === "local") await this.#orTime(words, GOODBYE_TIME);
    if (by === "remote") return;
    const hanging = hangUp().catch(() => {}); // Nobody answers a BYE: it is over all the same.
    // Nobody ever spoke: there is nothing to cancel (RFC 3261 §9.1), only a little hope left.
    await (this.#hasHeard ? hanging : this.#orTime(hanging, LAST_HOPE));
  }

  async #atMost(awaited: Promise<void>, milliseconds: number): Promise<void> {
    const late = delay(this.#clock, milliseconds, this.#stopping).catch(() => {});
    await Promise.race([awaited, late]);
  }

  async #orTime(awaited: Promise<void>, milliseconds: number): Promise<void> {
    const waiting = new AbortController();
    const late = this.#clock.reached(this.#clock.now() + milliseconds, waiting.signal);
    await Promise.race([awaited, late]);
    waiting.abort();
  }
}
