/** The user's messages that wait for encryption, in order and within limits. */

import { SottoError } from "../base/errors.ts";
import type { Content } from "./secure_chat_events.ts";

/** Bounds on what waits. */
export interface SecureChatLimits {
  /** Messages that may wait for OTR. Default 256. */
  readonly waitingMessages: number;
  /** Octets of all of them. Default 8 MiB. */
  readonly waitingBytes: number;
}

/** A message of the user's. */
export interface WaitingMessage {
  /** The application's name for it. */
  readonly id: string;
  readonly content: Content;
}

const DEFAULT_LIMITS: SecureChatLimits = { waitingMessages: 256, waitingBytes: 8 * 2 ** 20 };

/** The queue. Nothing leaves it but all at once, when the policy has decided. */
export class WaitingMessages {
  readonly #limits: SecureChatLimits;
  #messages: WaitingMessage[] = [];
  #octets = 0;

  /** @param limits Where they differ from the defaults. */
  constructor(limits: Partial<SecureChatLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /**
   * Appends a message.
   * @throws {SottoError} `session/queue-full` when too much waits already.
   */
  push(message: WaitingMessage): void {
    const { waitingMessages, waitingBytes } = this.#limits;
    const octets = this.#octets + message.content.body.length;
    if (this.#messages.length >= waitingMessages || octets > waitingBytes) {
      throw new SottoError(
        "session/queue-full",
        `more than ${waitingMessages} messages or ${waitingBytes} octets wait for encryption`,
      );
    }
    this.#messages.push(message);
    this.#octets = octets;
  }

  /** Takes everything out, oldest first. */
  takeAll(): WaitingMessage[] {
    this.#octets = 0;
    return this.#messages.splice(0);
  }
}
