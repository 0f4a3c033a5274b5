/**
 * One connection with the sessions on it: bytes in; frames out and events
 * (RFC 4975 §5.4, §7), and the relays that were asked to carry them (RFC 4976 §5).
 */
import { PeerError, SottoError } from "../base/errors.ts";
import type { Instant, Output, ProtocolCore, RandomSource } from "../base/output.ts";
import { ChunkParser, type ChunkParserEvent, type ChunkParserLimits } from "./chunk_parser.ts";
import type { MsrpEvent } from "./events.ts";
import { HeldBinds } from "./held_binds.ts";
import { IncomingRequests } from "./incoming_requests.ts";
import type { AssemblerLimits } from "./message_assembler.ts";
import { type OutgoingLimits, OutgoingRequests, type ReportToSend } from "./outgoing_requests.ts";
import type { RelayAuthorizationConfig } from "./relay_client/mod.ts";
import { RelayAuthorizations } from "./relay_client/relay_authorizations.ts";
import {
  type MessageToSend,
  type MsrpSessionConfig,
  type Redirection,
  type SessionLimits,
  SessionState,
} from "./session_state.ts";
import type { MsrpUri } from "./uri.ts";

/** Bounds on everything that the peer, or time, could make grow. */
export interface ConnectionLimits
  extends ChunkParserLimits, AssemblerLimits, OutgoingLimits, SessionLimits {
  /** Paths that relays are asked for at a time; default 4096. */
  readonly authorizations?: number | undefined;
}

/** What a {@link MsrpConnection} is made of. */
export interface MsrpConnectionOptions {
  readonly random: RandomSource;
  readonly limits?: ConnectionLimits | undefined;
  /**
   * Look at nothing but the session-id of a To-Path. Some peers, and middleboxes, write
   * other hosts and ports there than the session description has. Default `false`: §6.1.
   */
  readonly matchBySessionId?: boolean | undefined;
  /**
   * Asked when a request names a session that was not added: by a listener that does not
   * know yet which of its sessions a new connection belongs to. A configuration adds the
   * session and binds it; `bound-elsewhere` answers 506, `undefined` answers 481.
   */
  readonly claimSession?:
    | ((to: MsrpUri) => MsrpSessionConfig | "bound-elsewhere" | undefined)
    | undefined;
}

/** What {@link MsrpConnection.send} returns. */
export interface SendResult {
  readonly messageId: string;
  readonly outputs: Output<MsrpEvent>[];
}

/** The core of an MSRP endpoint. */
export class MsrpConnection implements ProtocolCore<MsrpEvent> {
  readonly #limits: ConnectionLimits;
  readonly #matchBySessionId: boolean;
  readonly #claimSession: NonNullable<MsrpConnectionOptions["claimSession"]>;
  readonly #parser: ChunkParser;
  readonly #sessions = new Map<string, SessionState>();
  readonly #incoming: IncomingRequests;
  readonly #outgoing: OutgoingRequests;
  readonly #relays: RelayAuthorizations;
  readonly #held = new HeldBinds();
  #isClosed = false;
  #outputs: Output<MsrpEvent>[] = [];

  /** @param options Randomness, limits, and who knows the sessions. */
  constructor(options: MsrpConnectionOptions) {
    const { random, limits = {}, matchBySessionId = false } = options;
    this.#limits = limits;
    this.#matchBySessionId = matchBySessionId;
    this.#claimSession = options.claimSession ?? (() => undefined);
    this.#parser = new ChunkParser({ limits });
    this.#outgoing = new OutgoingRequests(random, limits, {
      session: (id) => this.#sessions.get(id),
      transmit: (step) => this.#outputs.push(step),
      report: (events) => this.#report(events),
      isTaken: (transactionId) => this.#relays.has(transactionId),
    });
    this.#relays = new RelayAuthorizations(random, {
      transmit: (frame) => this.#outgoing.respond(frame),
      isTaken: (transactionId) => this.#outgoing.has(transactionId),
      report: (event) => this.#report([event]),
    }, limits.authorizations ?? 4_096);
    this.#incoming = new IncomingRequests({
      findSession: (to) => this.#findSession(to),
      // The path that a relay granted leads here before our session does.
      hold: (head) =>
        this.#held.hold(head, (id) => !this.#sessions.has(id) && this.#relays.leadsTo(id)),
      respond: (frame, now) => {
        this.#outgoing.respond(frame);
        this.#flush(now);
      },
      succeed: (session, messageId, now) => {
        this.#outgoing.sendReport(session, messageId, { code: 200 });
        this.#flush(now);
      },
      receiveReport: (session, fields) => this.#outgoing.receiveReport(session, fields),
      report: (event) => this.#report([event]),
    });
  }

  get deadline(): Instant | undefined {
    let earliest = Math.min(this.#outgoing.deadline ?? Infinity, this.#relays.deadline ?? Infinity);
    for (const { assembler: { deadline }, keepAliveAt } of this.#sessions.values()) {
      earliest = Math.min(earliest, deadline ?? Infinity, keepAliveAt ?? Infinity);
    }
    return earliest === Infinity ? undefined : earliest;
  }

  /** Whether {@link handleWritable} is to be called once everything transmitted was taken. */
  get hasMoreToTransmit(): boolean {
    return !this.#isClosed && this.#outgoing.wantsWritable;
  }

  /** Whether the stream ended, the peer broke the framing, or {@link close} was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Names of the sessions on this connection. */
  get sessions(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  /**
   * Puts a session on this connection.
   * @returns Its name for all other calls.
   * @throws {RangeError} when the configuration is nonsense or the name is taken.
   * @throws {SottoError} `msrp/connection-closed`.
   */
  addSession(config: MsrpSessionConfig, _now: Instant): string {
    this.#mustBeOpen();
    const session = new SessionState(config, this.#limits);
    if (this.#sessions.has(session.id)) {
      throw new RangeError(`there is a session ${session.id} already`);
    }
    this.#sessions.set(session.id, session);
    return session.id;
  }

  /** Takes a session off: what has not left is given up, what comes for it is answered 481. */
  removeSession(id: string, now: Instant): Output<MsrpEvent>[] {
    const session = this.#sessions.get(id);
    if (session === undefined || this.#isClosed) return [];
    this.#outgoing.endSession(session, "aborted");
    this.#sessions.delete(id);
    this.#flush(now);
    return this.#taken();
  }

  /**
   * Asks relays for a path, the first of which this connection must lead to (RFC 4976 §5.1).
   * `relay-granted` or `relay-refused` follow, later refreshes with their outcome.
   * @throws {RangeError} when the configuration is nonsense or its name is taken.
   * @throws {SottoError} `msrp/connection-closed`.
   */
  authorize(config: RelayAuthorizationConfig, now: Instant): Output<MsrpEvent>[] {
    this.#mustBeOpen();
    this.#relays.begin(config, now);
    this.#flush(now);
    return this.#taken();
  }

  /** Lets a path lapse: it is not refreshed any more. */
  forgetAuthorization(id: string): void {
    this.#relays.forget(id);
    this.#held.keep((sessionId) => this.#relays.leadsTo(sessionId));
  }

  /**
   * Takes up what came for a session before {@link addSession}: its peer's first request, on a
   * path that a relay of ours granted. `session-bound` follows if there was one.
   * @throws {SottoError} `msrp/unknown-session`, `msrp/connection-closed`.
   */
  receiveHeld(id: string, now: Instant): Output<MsrpEvent>[] {
    const session = this.#session(id);
    const head = this.#held.take(session.self.sessionId ?? id);
    if (head !== undefined) {
      this.#incoming.begin(head, false, now);
      this.#incoming.end("$", 0, now);
      this.#flush(now);
    }
    return this.#taken();
  }

  /**
   * Sends what has not begun to leave another way from now on: a relay granted another path, or
   * the peer described one.
   * @throws {SottoError} `msrp/unknown-session`, `msrp/connection-closed`.
   */
  redirect(id: string, paths: Redirection): void {
    this.#session(id).redirect(paths);
  }

  /**
   * The active side's first request: a SEND without a body, which tells the peer whose
   * connection this is (§5.4). `session-bound` or `session-failed` follow.
   * @throws {SottoError} `msrp/unknown-session`, `msrp/connection-closed`.
   */
  bind(id: string, now: Instant): Output<MsrpEvent>[] {
    this.#outgoing.bind(this.#session(id), now);
    this.#flush(now);
    return this.#taken();
  }

  /**
   * Sends a message. It leaves in chunks as the stream takes them.
   *
   * @throws {SottoError} `msrp/unknown-session`, `msrp/session-not-bound`,
   * `msrp/session-failed`, `msrp/connection-closed`, `msrp/queue-full`;
   * `msrp/type-not-accepted` and `msrp/too-large-for-peer` by what the peer described.
   * @throws {TypeError} when the Message-ID, a header field or the media type cannot be written.
   */
  send(id: string, message: MessageToSend, now: Instant): SendResult {
    const messageId = this.#outgoing.send(this.#session(id), message);
    this.#flush(now);
    return { messageId, outputs: this.#taken() };
  }

  /**
   * Asks the switch for a nickname (RFC 7701 §7); an empty one gives the present one up.
   * `nickname-answered` follows.
   *
   * @throws {SottoError} `msrp/unknown-session`, `msrp/session-not-bound`,
   * `msrp/session-failed`, `msrp/connection-closed`, `msrp/queue-full`.
   * @throws {RangeError} when it is longer than 1023 octets, or cannot be written.
   */
  useNickname(id: string, nickname: string, now: Instant): Output<MsrpEvent>[] {
    this.#outgoing.useNickname(this.#session(id), nickname, now);
    this.#flush(now);
    return this.#taken();
  }

  /**
   * Feeds a streamed body with what an `octets-wanted` asked for. Does nothing once the
   * message or the session is over.
   * @throws {RangeError} when not so many octets were asked for.
   */
  supply(
    id: string,
    messageId: string,
    octets: Uint8Array,
    now: Instant,
  ): Output<MsrpEvent>[] {
    const session = this.#sessions.get(id);
    if (session === undefined || this.#isClosed) return [];
    this.#outgoing.supply(session, messageId, octets);
    this.#flush(now);
    return this.#taken();
  }

  /**
   * Asks the peer how much of a file it has, before the file is sent: Blink's FILE_OFFSET. A
   * `file-offset` follows in any case.
   * @throws {SottoError} `msrp/unknown-session`, `msrp/connection-closed`.
   */
  askFileOffset(id: string, now: Instant): Output<MsrpEvent>[] {
    this.#outgoing.askFileOffset(this.#session(id), now);
    this.#flush(now);
    return this.#taken();
  }

  /**
   * Stops the sender of a message that is coming in: 413 for it from here on (§10.5). Nothing
   * more is told of the message.
   */
  refuse(id: string, messageId: string, now: Instant): Output<MsrpEvent>[] {
    const session = this.#sessions.get(id);
    if (session === undefined || this.#isClosed) return [];
    this.#incoming.refuse(session, messageId, now);
    return this.#taken();
  }

  /** Gives up a message that has not left completely: the chunk in progress ends with `#`. */
  abort(id: string, messageId: string, now: Instant): Output<MsrpEvent>[] {
    this.#outgoing.abort(this.#session(id), messageId);
    this.#flush(now);
    return this.#taken();
  }

  /**
   * Reports on a message that was received, if its sender asked for such a report: success
   * only with Success-Report `yes`, failure unless Failure-Report is `no` (§7.1.3, §7.1.4).
   * Does nothing once the session is over or the message forgotten.
   * @throws {RangeError} when the code is not of three digits.
   */
  report(
    id: string,
    messageId: string,
    report: ReportToSend,
    now: Instant,
  ): Output<MsrpEvent>[] {
    const session = this.#sessions.get(id);
    if (session === undefined || this.#isClosed) return [];
    this.#outgoing.sendReport(session, messageId, report);
    this.#flush(now);
    return this.#taken();
  }

  receive(bytes: Uint8Array, now: Instant): Output<MsrpEvent>[] {
    if (this.#isClosed) return [];
    for (const event of this.#parser.feed(bytes)) this.#handle(event, now);
    this.#flush(now);
    return this.#taken();
  }

  receiveEnd(now: Instant): Output<MsrpEvent>[] {
    if (this.#isClosed) return [];
    for (const event of this.#parser.end()) {
      if (event.type === "parse-error") this.#report([{ type: "peer-error", error: event.error }]);
      else this.#handle(event, now);
    }
    this.#shutDown("connection", now);
    return this.#taken();
  }

  handleTimeout(now: Instant): Output<MsrpEvent>[] {
    if (this.#isClosed) return [];
    this.#outgoing.expire(now);
    this.#relays.expire(now);
    for (const session of this.#sessions.values()) {
      if ((session.keepAliveAt ?? Infinity) <= now) this.#outgoing.keepAlive(session, now);
      for (const { messageId, received } of session.assembler.dropIdle(now)) {
        const { id } = session;
        this.#report([
          { type: "message-aborted", session: id, messageId, reason: "timeout", received },
        ]);
      }
    }
    this.#flush(now);
    return this.#taken();
  }

  /** Everything transmitted before was taken by the stream: the next pieces, if there are any. */
  handleWritable(now: Instant): Output<MsrpEvent>[] {
    this.#outgoing.handleWritable();
    this.#flush(now);
    return this.#taken();
  }

  /** Ends all sessions and closes the stream behind what was transmitted. */
  close(now: Instant): Output<MsrpEvent>[] {
    if (this.#isClosed) return [];
    this.#shutDown("aborted", now);
    this.#outputs.push({ type: "close" });
    return this.#taken();
  }

  #handle(event: ChunkParserEvent, now: Instant): void {
    if (this.#isClosed) return;
    switch (event.type) {
      case "chunk-start": {
        const { startLine, problem } = event.head;
        if (startLine.kind === "request") {
          this.#incoming.begin(event.head, event.hasBody, now);
        } else if (this.#relays.receive(event.head, now)) return;
        else if (problem !== undefined) this.#report([{ type: "peer-error", error: problem }]);
        else this.#outgoing.receiveResponse(startLine, now, event.head.headers);
        return;
      }
      case "chunk-data":
        this.#incoming.add(event.bytes);
        return;
      case "chunk-end":
        this.#incoming.end(event.continuation, event.bodyLength, now);
        this.#flush(now);
        return;
      case "parse-error":
        this.#fatal(event.error, now);
        return;
    }
  }

  #findSession(to: MsrpUri): SessionState | "bound-elsewhere" | undefined {
    for (const session of this.#sessions.values()) {
      if (session.isAddressedBy(to, this.#matchBySessionId)) return session;
    }
    const claimed = this.#claimSession(to);
    if (claimed === undefined || claimed === "bound-elsewhere") return claimed;
    const session = new SessionState(claimed, this.#limits);
    this.#sessions.set(session.id, session);
    return session;
  }

  /** Lets leave what may. */
  #flush(now: Instant): void {
    if (this.#isClosed) return;
    this.#outgoing.flush(now);
    if (this.#outgoing.isOverrun) {
      this.#fatal(
        new PeerError(
          "msrp/peer-does-not-read",
          "RFC 4975 §14.5",
          "expected the peer to read the responses to its requests",
        ),
        now,
      );
    }
  }

  /** The stream is of no use any more. */
  #fatal(error: PeerError, now: Instant): void {
    this.#report([{ type: "peer-error", error }]);
    this.#shutDown("connection", now);
    this.#outputs.push({ type: "close" });
  }

  #shutDown(cause: "connection" | "aborted", now: Instant): void {
    this.#relays.end(now);
    for (const session of this.#sessions.values()) this.#outgoing.endSession(session, cause);
    this.#sessions.clear();
    this.#isClosed = true;
    this.#report([{ type: "connection-closed" }]);
  }

  #session(id: string): SessionState {
    this.#mustBeOpen();
    const session = this.#sessions.get(id);
    if (session === undefined) {
      throw new SottoError("msrp/unknown-session", "there is no such session on this connection");
    }
    return session;
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new SottoError("msrp/connection-closed", "this connection is closed");
  }

  #report(events: readonly MsrpEvent[]): void {
    for (const event of events) this.#outputs.push({ type: "event", event });
  }

  #taken(): Output<MsrpEvent>[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}
