/** What a connection knows about one of its sessions (RFC 4975 §5.4, §8.2). */
import type { Instant } from "../base/output.ts";
import type { StreamedBody } from "./body_feed.ts";
import type { HeaderField } from "./chunk.ts";
import { DeliveryLedger } from "./delivery.ts";
import type { FailureReport } from "./header_fields.ts";
import {
  type AssemblerLimits,
  DEFAULT_MESSAGE_LENGTH,
  MessageAssembler,
} from "./message_assembler.ts";
import type { SendingSession } from "./message_sender.ts";
import { StreamAssembler } from "./stream_assembler.ts";
import { type MsrpUri, msrpUrisMatch } from "./uri.ts";

/** A session as the two descriptions of an offer and its answer define it. */
export interface MsrpSessionConfig {
  /** Name for events and calls; the session-id of our own URI unless given. */
  readonly sessionId?: string | undefined;
  /** Our `a=path`: relays first, ourselves last. */
  readonly localPath: readonly MsrpUri[];
  /** Use-Path of our relays, which stands before the peer's path in To-Path (RFC 4976 §5.1); default none. */
  readonly relayPath?: readonly MsrpUri[] | undefined;
  /** Milliseconds without a chunk of ours after which a body-less SEND leaves; default never. */
  readonly keepAliveInterval?: number | undefined;
  /** The peer's `a=path`: the To-Path of what we send. */
  readonly remotePath: readonly MsrpUri[];
  /** Our `a=accept-types`: anything else is answered 415. */
  readonly acceptTypes: readonly string[];
  /** Our `a=max-size`, in octets: larger messages are answered 413. Never above the connection's limit. */
  readonly maxSize?: number | undefined;
  /** The peer's `a=accept-types`, which sending keeps to; absent: not checked. */
  readonly peerAcceptTypes?: readonly string[] | undefined;
  /** The peer's `a=max-size`, in octets, which sending keeps to. */
  readonly peerMaxSize?: number | undefined;
  /** Most octets of a message in one chunk; default: no limit. */
  readonly chunkSize?: number | undefined;
  /** Whether chunks above 2048 octets may be cut for other traffic; default `true` (§7.1.1). */
  readonly interruptible?: boolean | undefined;
  /**
   * `automatic`: a complete message that asked for it is reported with 200 at once.
   * `manual`: the application calls `report`. Default `automatic`.
   */
  readonly reports?: "automatic" | "manual" | undefined;
  /**
   * Asked about every whole message before its last chunk is answered: a code refuses it, and
   * nothing is reported of it. For a switch, which answers by what is inside (RFC 7701 §6.3).
   */
  readonly judgeMessage?: ((message: JudgedMessage) => number | undefined) | undefined;
  /**
   * Answers NICKNAME requests with a status code (RFC 7701 §7.1); an empty nickname gives the
   * present one up. Absent: the method is unknown here, 501.
   */
  readonly reserveNickname?: ((nickname: string) => number) | undefined;
  /**
   * Hand on the octets of messages as they come (`message-began`, `message-octets`,
   * `message-ended`) instead of collecting whole messages. Only {@link maxSize} limits them then.
   */
  readonly streamsIncoming?: boolean | undefined;
  /**
   * For streamed messages: octets at their beginning that are here already. They may start
   * behind them, and their sender may ask for the number with Blink's FILE_OFFSET. Absent: the
   * method is not known.
   */
  readonly fileOffset?: number | undefined;
}

/** What {@link MsrpSessionConfig.judgeMessage} sees. */
export interface JudgedMessage {
  readonly messageId: string;
  /** Value of Content-Type, parameters included. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** What must be remembered of a message that came, in order to report on it. */
export interface ReceivedMessage {
  readonly fromPath: readonly MsrpUri[];
  readonly successReport: boolean;
  readonly failureReport: FailureReport;
  readonly length: number;
}

/** Numbers of things remembered for each session. */
export interface SessionLimits {
  /** Messages received that can still be reported on or recognized as repeated; default 1024. */
  readonly rememberedMessages?: number | undefined;
  /** Messages sent whose fate is awaited; default 4096. */
  readonly awaitedMessages?: number | undefined;
}

/** Paths that change in an open session. What is absent stays. */
export interface Redirection {
  /** Use-Path of our relays. */
  readonly relayPath?: readonly MsrpUri[] | undefined;
  /** The peer's `a=path`. */
  readonly remotePath?: readonly MsrpUri[] | undefined;
}

/** State of one session on one connection. */
export class SessionState {
  readonly id: string;
  readonly config: MsrpSessionConfig;
  /** The last URI of our path: who we are. */
  readonly self: MsrpUri;
  readonly sending: SendingSession & { toPath: readonly MsrpUri[] };
  #relayPath: readonly MsrpUri[];
  #remotePath: readonly MsrpUri[];
  readonly assembler: MessageAssembler | StreamAssembler;
  readonly deliveries: DeliveryLedger;
  /** Media types that the peer answered 415: not to be sent again (§10.6). */
  readonly refusedTypes: Set<string> = new Set();
  /** Whether octets of a message have begun to come: too late to ask for the FILE_OFFSET. */
  hasBegunStream = false;
  status: "new" | "binding" | "bound" | "failed" = "new";
  /** Message-ID of the SEND that binds, on which a relay may report. */
  bindId: string | undefined;
  /** When a body-less SEND keeps the connection alive. */
  keepAliveAt: Instant | undefined;
  readonly #received = new Map<string, ReceivedMessage>();
  readonly #refused = new Set<string>();
  readonly #remembered: number;

  /** @throws {RangeError} when a path is empty, our URI has no session-id, or a size is no size. */
  constructor(config: MsrpSessionConfig, limits: AssemblerLimits & SessionLimits) {
    const self = config.localPath.at(-1);
    if (self?.sessionId === undefined) throw new RangeError("our own path must end in a session");
    if (config.remotePath.length === 0) throw new RangeError("the path of the peer is empty");
    const { chunkSize = Infinity, maxSize = Infinity } = config;
    if (!(chunkSize >= 1)) throw new RangeError(`not a chunk size: ${chunkSize}`);
    if (!(maxSize >= 0)) throw new RangeError(`not a message size: ${maxSize}`);
    this.id = config.sessionId ?? self.sessionId;
    this.config = config;
    this.self = self;
    this.#relayPath = config.relayPath ?? [];
    this.#remotePath = config.remotePath;
    this.sending = {
      id: this.id,
      toPath: [...this.#relayPath, ...this.#remotePath],
      fromPath: [self],
      chunkSize,
      interruptible: config.interruptible ?? true,
    };
    this.assembler = config.streamsIncoming === true
      ? new StreamAssembler({ ...limits, messageLength: config.maxSize }, config.fileOffset)
      : new MessageAssembler({
        ...limits,
        messageLength: Math.min(maxSize, limits.messageLength ?? DEFAULT_MESSAGE_LENGTH),
      });
    this.deliveries = new DeliveryLedger(this.id, limits.awaitedMessages ?? 4_096);
    this.#remembered = limits.rememberedMessages ?? 1_024;
  }

  /** Whether a To-Path of this one URI means this session. */
  isAddressedBy(uri: MsrpUri, bySessionId: boolean): boolean {
    return bySessionId ? uri.sessionId === this.self.sessionId : msrpUrisMatch(uri, this.self);
  }

  /** What follows goes another way; what is leaving does not. */
  redirect({ relayPath, remotePath }: Redirection): void {
    if (remotePath?.length === 0) throw new RangeError("the path of the peer is empty");
    this.#relayPath = relayPath ?? this.#relayPath;
    this.#remotePath = remotePath ?? this.#remotePath;
    this.sending.toPath = [...this.#relayPath, ...this.#remotePath];
  }

  /** It is bound to this connection. */
  bound(now: Instant): void {
    this.status = "bound";
    this.touch(now);
  }

  /** Something of ours leaves: nothing more is needed to keep it alive for a while. */
  touch(now: Instant): void {
    const { keepAliveInterval } = this.config;
    if (keepAliveInterval !== undefined && this.status === "bound") {
      this.keepAliveAt = now + keepAliveInterval;
    }
  }

  /** Remembers a message that came. Says whether one with this Message-ID had come before. */
  remember(messageId: string, message: ReceivedMessage): boolean {
    const isRepeat = this.#received.delete(messageId);
    this.#received.set(messageId, message);
    for (const oldest of this.#received.keys()) {
      if (this.#received.size <= this.#remembered) break;
      this.#received.delete(oldest);
    }
    return isRepeat;
  }

  /** What was remembered of a message. */
  received(messageId: string): ReceivedMessage | undefined {
    return this.#received.get(messageId);
  }

  /** Further chunks of this message are refused too (§10.5). */
  refuse(messageId: string): void {
    this.#refused.add(messageId);
    for (const oldest of this.#refused) {
      if (this.#refused.size <= this.#remembered) break;
      this.#refused.delete(oldest);
    }
  }

  /** Whether a chunk of this message was refused before. */
  hasRefused(messageId: string): boolean {
    return this.#refused.has(messageId);
  }
}

/** A message for {@link SessionState}'s peer. */
export interface MessageToSend {
  /** Absent: a fresh one. */
  readonly messageId?: string | undefined;
  /** Media type with parameters. */
  readonly contentType: string;
  /** All of it, or what to ask for while it leaves: see `octets-wanted`. */
  readonly body: Uint8Array | StreamedBody;
  /** Ask for a REPORT when it was delivered; default `false`. */
  readonly successReport?: boolean | undefined;
  /** Which failures to hear of; default `yes`. */
  readonly failureReport?: FailureReport | undefined;
  /** Further header fields, repeated in every chunk. */
  readonly headers?: readonly HeaderField[] | undefined;
}
