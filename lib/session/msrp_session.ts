/** One MSRP session as the application has it: messages out with their fates, events in. */

import type { SottoError } from "../base/errors.ts";
import type { HostPort } from "../base/wire_tap.ts";
import type {
  MessageFailed,
  MessageToSend,
  MsrpEvent,
  MsrpSessionConfig,
  MsrpUri,
  OctetsWanted,
} from "../msrp/mod.ts";
import type { TlsInfo } from "../transport/mod.ts";
import { type Clock, delay } from "./clock.ts";
import type { MsrpLink } from "./msrp_link.ts";

/** What became of a message. */
export interface MsrpDelivery {
  readonly messageId: string;
  /**
   * `delivered`: success reports cover it. `sent`: it was answered, or no answer was asked
   * for, and no success report either. `unconfirmed`: the session ended without the report
   * that was asked for. `failed`: it did not arrive as far as we know.
   */
  readonly status: "delivered" | "sent" | "unconfirmed" | "failed";
  /** Of a failure. */
  readonly cause?: MessageFailed["cause"] | undefined;
  /** Of a failure: status code of RFC 4975 §10, 0 when none was involved. */
  readonly code?: number | undefined;
  readonly comment?: string | undefined;
}

/** Where the octets of a streamed body come from: exactly `length` from `position`, counted from 0. */
export type BodyFeed = (position: number, length: number) => Promise<Uint8Array>;

/** Events of one session that nobody has read yet, after which its connection is not read further. */
const UNREAD_EVENTS = 64;

/** A bound session. Made by `PreparedMsrp.open`. */
export class MsrpSession implements AsyncDisposable {
  readonly id: string;
  /**
   * What happens in this session, in order, for one reader; ends with the session. What
   * becomes of our own messages is told by {@link send} alone. Read it even if you only
   * send: with 64 events unread nothing more is read from the connection, answers included.
   *
   * A message that asked for a success report is reported as delivered when the reader
   * asks for the event after it, unless {@link report} said something else before.
   */
  readonly events: AsyncIterable<MsrpEvent>;
  readonly #link: MsrpLink;
  readonly #queue: MsrpEvent[] = [];
  readonly #fates = new Map<string, PendingFate>();
  readonly #reported = new Set<string>();
  readonly #nicknames: {
    readonly nickname: string;
    readonly resolve: (answer: NicknameAnswer) => void;
  }[] = [];
  readonly #feeds = new Map<string, BodyFeed>();
  #offset: (octets: number) => void = () => {};
  #wakeReader = Promise.withResolvers<void>();
  #wakeLink = Promise.withResolvers<void>();
  #settled = Promise.withResolvers<void>();
  #localPath: readonly MsrpUri[];
  #remotePath: readonly MsrpUri[];
  #hasEnded = false;
  #failure: SottoError | undefined;
  #closing: Promise<void> | undefined;

  /** @param link The connection that the session is bound to. */
  constructor(id: string, config: MsrpSessionConfig, link: MsrpLink) {
    this.id = id;
    this.#localPath = config.localPath;
    this.#remotePath = config.remotePath;
    this.#link = link;
    this.events = this.#read();
  }

  /** Our `a=path`, relays first. */
  get localPath(): readonly MsrpUri[] {
    return this.#localPath;
  }

  /** The peer's. */
  get remotePath(): readonly MsrpUri[] {
    return this.#remotePath;
  }

  /** One of the two has changed by agreement. Does nothing once the session is over. */
  redirect(
    paths: { readonly localPath?: readonly MsrpUri[]; readonly remotePath?: readonly MsrpUri[] },
  ): void {
    if (this.#hasEnded) return;
    this.#localPath = paths.localPath ?? this.#localPath;
    this.#remotePath = paths.remotePath ?? this.#remotePath;
    const relayPath = this.#localPath.slice(0, -1).toReversed();
    this.#link.performLater(() => {
      this.#link.core.redirect(this.id, { relayPath, remotePath: this.#remotePath });
      return [];
    });
  }

  /** Our address on the connection. */
  get local(): HostPort {
    return this.#link.stream.local;
  }

  /** The peer's address, or its relay's. */
  get remote(): HostPort {
    return this.#link.stream.remote;
  }

  /** What TLS agreed on; absent without TLS. */
  get tls(): TlsInfo | undefined {
    return this.#link.stream.tls;
  }

  /** Whether it goes on. */
  get isOpen(): boolean {
    return !this.#hasEnded;
  }

  /** Why the session ended, unless it was closed in good order. */
  get failure(): SottoError | undefined {
    return this.#failure;
  }

  /**
   * Sends a message and waits for its fate. Messages leave in the order of the calls; the
   * first step happens before this function returns its promise.
   *
   * @param feed Asked for the octets of a streamed body, one piece after the other; what it
   * rejects with gives the message up.
   * @throws {SottoError} what `MsrpConnection.send` throws: the message was not accepted.
   */
  async send(message: MessageToSend, feed?: BodyFeed): Promise<MsrpDelivery> {
    const { promise, resolve } = Promise.withResolvers<MsrpDelivery>();
    await this.#link.perform((now) => {
      const { messageId, outputs } = this.#link.core.send(this.id, message, now);
      if (feed !== undefined) this.#feeds.set(messageId, feed);
      const awaitsReport = message.successReport ?? false;
      this.#fates.set(messageId, { awaitsReport, isSent: false, resolve });
      return outputs;
    });
    return await promise;
  }

  /**
   * Asks for a nickname (RFC 7701 §7), and resolves with the answer: 408 for none, 0 when
   * the session ended before it.
   *
   * @throws what `MsrpConnection.useNickname` throws.
   */
  async useNickname(
    nickname: string,
  ): Promise<{ readonly code: number; readonly comment: string }> {
    const { promise, resolve } = Promise.withResolvers<NicknameAnswer>();
    await this.#link.perform((now) => {
      const outputs = this.#link.core.useNickname(this.id, nickname, now);
      this.#nicknames.push({ nickname, resolve });
      return outputs;
    });
    return await promise;
  }

  /** Reports on a message that was received, if its sender wants to know. Once for each. */
  report(messageId: string, code: number, comment?: string): void {
    if (this.#reported.has(messageId)) return;
    this.#reported.add(messageId);
    this.#link.performLater((now) =>
      this.#link.core.report(this.id, messageId, { code, comment }, now)
    );
  }

  /**
   * How much of a file the peer has, by Blink's FILE_OFFSET; 0 where it does not say. Once, and
   * before the file is sent.
   */
  async askFileOffset(): Promise<number> {
    const asked = Promise.withResolvers<number>();
    this.#offset = asked.resolve;
    this.#link.performLater((now) => this.#link.core.askFileOffset(this.id, now));
    if (this.#hasEnded) asked.resolve(0);
    return await asked.promise;
  }

  /** Stops the sender of a message that is coming in: 413, now and for every further chunk. */
  refuse(messageId: string): void {
    this.#link.performLater((now) => this.#link.core.refuse(this.id, messageId, now));
  }

  /** Gives up a message that has not left completely. */
  abort(messageId: string): void {
    if (this.#hasEnded) return;
    this.#link.performLater((now) => this.#link.core.abort(this.id, messageId, now));
  }

  /**
   * Waits until everything sent has left and, where an answer was asked for, was answered;
   * at most `milliseconds`. Success reports are not waited for.
   */
  async drain(clock: Clock, milliseconds: number): Promise<void> {
    const waiting = new AbortController();
    const late = delay(clock, milliseconds, waiting.signal).then(() => true, () => true);
    while (!this.#hasEnded && this.#fates.values().some((it) => !it.isSent)) {
      this.#settled = Promise.withResolvers<void>();
      if (await Promise.race([this.#settled.promise, late]) === true) break;
    }
    waiting.abort();
    await late;
  }

  /** Takes the session off its connection, and closes that when it was the last. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#link.remove(this);
    return this.#closing;
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** For the link: something happened. Resolves when there is room for more. */
  async receive(event: MsrpEvent): Promise<void> {
    if (this.follow(event)) return;
    this.#queue.push(event);
    this.#wakeReader.resolve();
    while (this.#queue.length >= UNREAD_EVENTS && !this.#hasEnded) {
      this.#wakeLink = Promise.withResolvers<void>();
      await this.#wakeLink.promise;
    }
  }

  /** For the link: nothing more will happen. */
  end(failure: SottoError | undefined, by: "us" | "connection" = "connection"): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#offset(0);
    this.#failure = failure;
    const cause = by === "us" ? "aborted" : "connection";
    for (const [messageId, { isSent }] of [...this.#fates]) {
      if (isSent) this.#settle({ messageId, status: "unconfirmed" });
      else this.#settle({ messageId, status: "failed", cause, code: 0 });
    }
    for (const { resolve } of this.#nicknames.splice(0)) {
      resolve({ code: 0, comment: "the session ended" });
    }
    this.#wakeReader.resolve();
    this.#wakeLink.resolve();
    this.#settled.resolve();
  }

  /** For the link: settles the message of ours that the event is about; whether it was about one. */
  follow(event: MsrpEvent): boolean {
    switch (event.type) {
      case "message-sent": {
        const { messageId } = event;
        const fate = this.#fates.get(messageId);
        if (fate !== undefined) fate.isSent = true;
        if (fate?.awaitsReport === false) this.#settle({ messageId, status: "sent" });
        this.#settled.resolve();
        return true;
      }
      case "nickname-answered": {
        const at = this.#nicknames.findIndex((it) => it.nickname === event.nickname);
        this.#nicknames.splice(at, at < 0 ? 0 : 1)[0]?.resolve(event);
        return true;
      }
      case "message-delivered":
        this.#settle({ messageId: event.messageId, status: "delivered" });
        return true;
      case "message-unconfirmed":
        this.#settle({ messageId: event.messageId, status: "unconfirmed" });
        return true;
      case "octets-wanted":
        void this.#feed(event);
        return true;
      case "file-offset":
        this.#offset(event.offset);
        return true;
      case "message-failed": {
        const { messageId, cause, code, comment } = event;
        this.#settle({ messageId, status: "failed", cause, code, comment });
        return true;
      }
      default:
        return false;
    }
  }

  async #feed({ messageId, position, length }: OctetsWanted): Promise<void> {
    try {
      const octets = await this.#feeds.get(messageId)?.(position, length);
      if (octets === undefined) return; // Over already.
      this.#link.performLater((now) => this.#link.core.supply(this.id, messageId, octets, now));
    } catch {
      this.abort(messageId); // Whoever feeds knows why.
    }
  }

  #settle(delivery: MsrpDelivery): void {
    this.#feeds.delete(delivery.messageId);
    this.#fates.get(delivery.messageId)?.resolve(delivery);
    this.#fates.delete(delivery.messageId);
    this.#settled.resolve();
  }

  async *#read(): AsyncGenerator<MsrpEvent> {
    for (;;) {
      const event = this.#queue.shift();
      if (event !== undefined) {
        this.#wakeLink.resolve();
        yield event;
        if (event.type === "message-received") {
          if (!this.#hasEnded && event.successReport) this.report(event.messageId, 200);
          this.#reported.delete(event.messageId);
        }
        continue;
      }
      if (this.#hasEnded) return;
      this.#wakeReader = Promise.withResolvers<void>();
      await this.#wakeReader.promise;
    }
  }
}

interface NicknameAnswer {
  readonly code: number;
  readonly comment: string;
}

interface PendingFate {
  readonly awaitsReport: boolean;
  isSent: boolean;
  readonly resolve: (delivery: MsrpDelivery) => void;
}
