/** When to tell the peer that we are typing (RFC 3994 §3.2). */

import type { Instant } from "../base/output.ts";

/** The two timers of a composer. */
export interface ComposingSenderOptions {
  /** Seconds between "active" messages, told to the peer; at least 60 is recommended. Default 60. */
  readonly refresh?: number | undefined;
  /** Milliseconds without typing until we are idle. Default 15,000. */
  readonly idleAfter?: number | undefined;
}

/**
 * Turns keystrokes into status messages: "active" when typing begins and again after every
 * refresh interval, "idle" when it stopped, nothing when the message itself was sent. Never
 * more than one "active" per refresh interval, however often typing stops and begins.
 * Every method answers the state to send now, or `undefined` for none.
 */
export class ComposingSender {
  /** Seconds, for the `refresh` element. */
  readonly refresh: number;
  readonly #idleAfter: number;
  #state: SenderState = { name: "idle" };
  #lastActive: Instant = -Infinity;

  /** @throws {RangeError} when a timer is not positive. */
  constructor({ refresh = 60, idleAfter = 15_000 }: ComposingSenderOptions = {}) {
    if (!(refresh > 0) || !(idleAfter > 0)) throw new RangeError("expected positive timers");
    this.refresh = refresh;
    this.#idleAfter = idleAfter;
  }

  /** When {@link handleTimeout} wants to be called. */
  get deadline(): Instant | undefined {
    if (this.#state.name === "idle") return undefined;
    return Math.min(this.#state.lastTyped + this.#idleAfter, this.#nextActive);
  }

  /** A key was pressed. */
  composing(now: Instant): "active" | undefined {
    const isAnnounced = this.#state.name === "active" && this.#state.isAnnounced;
    this.#state = { name: "active", lastTyped: now, isAnnounced };
    return this.#announce(now);
  }

  /** The message was sent, which says all there is to say. */
  messageSent(): void {
    this.#state = { name: "idle" };
  }

  /** What was typed was given up. Who never heard of the typing need not hear of its end. */
  stopped(): "idle" | undefined {
    const isAnnounced = this.#state.name === "active" && this.#state.isAnnounced;
    this.#state = { name: "idle" };
    return isAnnounced ? "idle" : undefined;
  }

  /** {@link deadline} has passed. */
  handleTimeout(now: Instant): "active" | "idle" | undefined {
    if (this.#state.name === "idle") return undefined;
    if (now >= this.#state.lastTyped + this.#idleAfter) {
      const { isAnnounced } = this.#state;
      this.#state = { name: "idle" };
      // Who never heard of the typing need not hear of its end.
      return isAnnounced ? "idle" : undefined;
    }
    return this.#announce(now);
  }

  get #nextActive(): Instant {
    return this.#lastActive + this.refresh * 1000;
  }

  #announce(now: Instant): "active" | undefined {
    if (this.#state.name === "idle" || now < this.#nextActive) return undefined;
    this.#lastActive = now;
    this.#state = { ...this.#state, isAnnounced: true };
    return "active";
  }
}

type SenderState =
  | { readonly name: "idle" }
  | {
    readonly name: "active";
    readonly lastTyped: Instant;
    /** Whether the peer was told since typing began. */
    readonly isAnnounced: boolean;
  };
