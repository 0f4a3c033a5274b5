/** Whether the peer is typing (RFC 3994 §3.3). */

import type { Instant } from "../base/output.ts";
import type { IsComposing } from "./is_composing.ts";

/**
 * Follows a peer's status messages. Every method answers `"active"` or `"idle"` when the
 * state changed by it, else `undefined`.
 */
export class ComposingReceiver {
  #activeUntil: Instant | undefined;

  /** Whether the peer is typing, as far as is known. */
  get isComposing(): boolean {
    return this.#activeUntil !== undefined;
  }

  /** When {@link handleTimeout} wants to be called. */
  get deadline(): Instant | undefined {
    return this.#activeUntil;
  }

  /** A status message came. Without `refresh` it holds for 120 seconds. */
  receiveStatus(
    { state, refresh = 120 }: IsComposing,
    now: Instant,
  ): "active" | "idle" | undefined {
    if (state === "idle") return this.#becomeIdle();
    const wasComposing = this.isComposing;
    this.#activeUntil = now + refresh * 1000;
    return wasComposing ? undefined : "active";
  }

  /** The message itself came: typing is over. */
  receiveMessage(): "idle" | undefined {
    return this.#becomeIdle();
  }

  /** {@link deadline} has passed. */
  handleTimeout(now: Instant): "idle" | undefined {
    const isOver = this.#activeUntil !== undefined && now >= this.#activeUntil;
    return isOver ? this.#becomeIdle() : undefined;
  }

  #becomeIdle(): "idle" | undefined {
    const wasComposing = this.isComposing;
    this.#activeUntil = undefined;
    return wasComposing ? "idle" : undefined;
  }
}
