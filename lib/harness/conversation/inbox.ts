/** Received messages that wait to be expected. */

/** A message as an expectation sees it. */
export interface InboxMessage {
  /** What may match: the body, and its plain rendering where it is HTML. */
  readonly texts: readonly string[];
  /** Whether it came encrypted. */
  readonly isEncrypted: boolean;
}

/**
 * Keeps messages until an expectation takes them. An expectation scans in order of arrival
 * and, when it matches, takes the match and everything before it: so the order of
 * `--expect A --expect B` means something.
 */
export class Inbox {
  readonly #messages: InboxMessage[] = [];
  readonly #forbidden: { pattern: RegExp; place: string }[] = [];
  readonly #limit: number;
  readonly #encryptedOnly: boolean;
  #nudge = Promise.withResolvers<void>();
  #violation: { place: string; text: string } | undefined;

  /** @param options `encryptedOnly`: plaintext meets no expectation. `limit`: messages kept. */
  constructor(options: { readonly encryptedOnly: boolean; readonly limit?: number }) {
    this.#encryptedOnly = options.encryptedOnly;
    this.#limit = options.limit ?? 10_000;
  }

  /** The first message that an `expect-not` forbade, if one came. */
  get violation(): { readonly place: string; readonly text: string } | undefined {
    return this.#violation;
  }

  /** A message arrived. The oldest is dropped when too many wait. */
  add(message: InboxMessage): void {
    for (const { pattern, place } of this.#forbidden) this.#check(message, pattern, place);
    this.#messages.push(message);
    if (this.#messages.length > this.#limit) this.#messages.shift();
    this.#nudge.resolve();
  }

  /** From here to the end, no message may match. What waits already counts too. */
  forbid(pattern: RegExp, place: string): void {
    for (const message of this.#messages) this.#check(message, pattern, place);
    this.#forbidden.push({ pattern, place });
  }

  /** Takes the first message that matches, if it is there. */
  take(pattern: RegExp): boolean {
    const at = this.#messages.findIndex((it) => this.#isEligible(it) && matches(it, pattern));
    if (at < 0) return false;
    this.#messages.splice(0, at + 1);
    return true;
  }

  /** Resolves when the next message arrives. */
  get arrival(): Promise<void> {
    this.#nudge = Promise.withResolvers<void>();
    return this.#nudge.promise;
  }

  #isEligible(message: InboxMessage): boolean {
    return message.isEncrypted || !this.#encryptedOnly;
  }

  #check(message: InboxMessage, pattern: RegExp, place: string): void {
    if (this.#violation === undefined && matches(message, pattern)) {
      this.#violation = { place, text: message.texts[0] ?? "" };
      this.#nudge.resolve();
    }
  }
}

function matches(message: InboxMessage, pattern: RegExp): boolean {
  return message.texts.some((text) => pattern.test(text));
}
