/**
 * Messages that may have to be sent (again) once a session is encrypted: those that wait
 * for encryption under REQUIRE_ENCRYPTION, and the last one that was sent ("User types a
 * message to be sent").
 */
import { SottoError } from "../../base/errors.ts";
import type { Instant } from "../../base/output.ts";
import type { ConversationLimits } from "../limits.ts";

/** What the user wanted to send. */
export interface KeptMessage {
  readonly content: Uint8Array;
  /** Octets as they are, without room for TLVs. */
  readonly plainContent: boolean;
}

interface LastMessage {
  readonly message: KeptMessage;
  readonly fingerprint: string;
  readonly until: Instant;
  mayResend: boolean;
}

/** Keeps them. Everything is a copy and is overwritten when forgotten. */
export class KeptMessages {
  readonly #limits: ConversationLimits;
  #waiting: KeptMessage[] = [];
  #last: LastMessage | undefined;

  /** @param limits `storedMessages`, `storedOctets` and `resendWindow`. */
  constructor(limits: ConversationLimits) {
    this.#limits = limits;
  }

  /** When the last message is forgotten. */
  get deadline(): Instant | undefined {
    return this.#last?.until;
  }

  /**
   * Keeps a message that waits for encryption.
   * @throws {SottoError} `otr/too-many-stored` when the limit is reached.
   */
  store(message: KeptMessage): void {
    const octets = this.#waiting.reduce((sum, it) => sum + it.content.length, 0);
    if (
      this.#waiting.length >= this.#limits.storedMessages ||
      octets + message.content.length > this.#limits.storedOctets
    ) {
      throw new SottoError("otr/too-many-stored", "too many messages wait for encryption");
    }
    this.#waiting.push(copy(message));
  }

  /** Remembers the message that was just sent, encrypted for `fingerprint`. */
  sent(message: KeptMessage, fingerprint: string, now: Instant): void {
    this.#forgetLast();
    if (message.content.length > this.#limits.storedOctets) return;
    const until = now + this.#limits.resendWindow;
    this.#last = { message: copy(message), fingerprint, until, mayResend: false };
  }

  /** The peer said that it could not read something: the last message is to be sent again. */
  peerFailedToRead(): void {
    if (this.#last !== undefined) this.#last.mayResend = true;
  }

  /**
   * What to send now that a session with `fingerprint` is encrypted. The last message goes
   * again only to whom it went before: nobody else is to read what was not meant for them.
   */
  take(fingerprint: string, now: Instant): KeptMessage[] {
    const last = this.#last;
    const isDue = last !== undefined && last.mayResend && last.fingerprint === fingerprint &&
      now < last.until;
    if (isDue) this.#last = undefined;
    return [...isDue ? [last.message] : [], ...this.#waiting.splice(0)];
  }

  /** Forgets the last message when its time is over. */
  handleTimeout(now: Instant): void {
    if (this.#last !== undefined && this.#last.until <= now) this.#forgetLast();
  }

  #forgetLast(): void {
    this.#last?.message.content.fill(0);
    this.#last = undefined;
  }
}

function copy({ content, plainContent }: KeptMessage): KeptMessage {
  return { content: content.slice(), plainContent };
}
