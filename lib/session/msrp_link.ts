/** One MSRP connection at work: its core, its stream, and the sessions that are bound to it. */

import { SottoError } from "../base/errors.ts";
import type { Instant, Output, RandomSource } from "../base/output.ts";
import type { WireTap } from "../base/wire_tap.ts";
import {
  type ConnectionLimits,
  MsrpConnection,
  type MsrpConnectionOptions,
  type MsrpEvent,
  type MsrpSessionConfig,
  type RelayAuthorizationConfig,
  type RelayPathEvent,
} from "../msrp/mod.ts";
import { type ByteStream, recordStream } from "../transport/mod.ts";
import type { Clock } from "./clock.ts";
import { Driver } from "./driver.ts";
import { FrameTap } from "./frame_tap.ts";
import { orAborted } from "./or_aborted.ts";
import { MsrpSession } from "./msrp_session.ts";

/** What every link of an endpoint shares. */
export interface MsrpLinkOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Told of every frame, one record each. */
  readonly tap?: WireTap | undefined;
  readonly limits?: ConnectionLimits | undefined;
  readonly matchBySessionId?: boolean | undefined;
  /** See `MsrpConnectionOptions.claimSession`. */
  readonly claimSession?: MsrpConnectionOptions["claimSession"];
  /** A session that {@link claimSession} named is bound. */
  readonly onClaimed?: ((session: MsrpSession) => void) | undefined;
  /** The peer broke a rule before any session was bound. */
  readonly onStranger?: ((link: MsrpLink) => void) | undefined;
  /** Whether it stays open without sessions: to our own relay. Default `false`. */
  readonly keepOpen?: boolean | undefined;
  /** What the end of the connection means, unless the peer broke a rule. Default: as it happened. */
  readonly lost?: ((cause: SottoError | undefined) => SottoError) | undefined;
}

/** Milliseconds that the last frames of a session may take to leave. */
const LEAVE_PATIENCE = 2_000;

/** Runs from the moment it is made until the stream ends. */
export class MsrpLink {
  readonly core: MsrpConnection;
  readonly stream: ByteStream;
  /** Resolves when the stream has ended and all sessions were told. Never rejects. */
  readonly ended: Promise<void>;
  readonly #options: MsrpLinkOptions;
  readonly #driver: Driver<MsrpEvent>;
  readonly #frames: FrameTap | undefined;
  readonly #sessions = new Map<string, MsrpSession>();
  readonly #binding = new Map<string, PromiseWithResolvers<MsrpSession>>();
  readonly #configs = new Map<string, MsrpSessionConfig>();
  readonly #authorizations = new Map<string, (event: RelayPathEvent) => void>();
  readonly #firstBound = Promise.withResolvers<void>();
  #failure: SottoError | undefined;
  #hasEnded = false;

  /** Takes over `stream`. */
  constructor(stream: ByteStream, options: MsrpLinkOptions) {
    const { clock, tap } = options;
    this.#options = options;
    this.#frames = tap === undefined ? undefined : new FrameTap(tap);
    this.stream = this.#frames === undefined ? stream : recordStream(stream, {
      tap: this.#frames.record,
      protocol: "msrp",
      now: () => clock.wallNow(),
    });
    this.core = new MsrpConnection({
      random: options.random,
      limits: options.limits,
      matchBySessionId: options.matchBySessionId,
      claimSession: (to) => {
        const claimed = options.claimSession?.(to);
        if (claimed !== undefined && claimed !== "bound-elsewhere") this.#claim(claimed);
        return claimed;
      },
    });
    this.#driver = new Driver<MsrpEvent>(this.core, this.stream, clock);
    this.ended = this.#run();
  }

  /** Resolves when the first session was bound; never if none is. */
  get firstBound(): Promise<void> {
    return this.#firstBound.promise;
  }

  /** Whether a session is bound to it. */
  get isInUse(): boolean {
    return this.#sessions.size > 0;
  }

  /** Why the connection ended, unless in good order. */
  get failure(): SottoError | undefined {
    if (this.#failure !== undefined || !this.#hasEnded) return this.#failure;
    return this.#options.lost?.(this.#driver.failure) ?? this.#driver.failure;
  }

  /** Whether new sessions can be put on it. */
  get isOpen(): boolean {
    return !this.core.isClosed;
  }

  /** The one door to the core besides the peer and the clock. Rejects with what the core throws. */
  perform(act: (now: Instant) => Output<MsrpEvent>[]): Promise<void> {
    return this.#driver.perform(act);
  }

  /** The same for acts whose outcome shows in the events, or nowhere. */
  performLater(act: (now: Instant) => Output<MsrpEvent>[]): void {
    // A connection that is closed already has told everybody; there is nobody left to tell.
    this.#driver.perform(act).catch(() => {});
  }

  /**
   * Binds a session as the active side.
   * @throws {SottoError} `session/msrp-refused`, or why the connection ended; the signal's reason.
   */
  async bind(config: MsrpSessionConfig, signal?: AbortSignal): Promise<MsrpSession> {
    return await this.#add(
      config,
      signal,
      (id, now) => [...this.core.receiveHeld(id, now), ...this.core.bind(id, now)],
    );
  }

  /**
   * Waits until the peer binds a session on this connection: through our relay.
   * @throws {SottoError} why the connection ended; the signal's reason.
   */
  async expect(config: MsrpSessionConfig, signal: AbortSignal): Promise<MsrpSession> {
    return await this.#add(config, signal, (id, now) => this.core.receiveHeld(id, now));
  }

  /**
   * Asks relays for a path. `onEvent` hears what comes of it, now and at each refresh, until
   * {@link forget}; the end of the connection is told by {@link ended} alone.
   */
  async authorize(
    config: RelayAuthorizationConfig,
    onEvent: (event: RelayPathEvent) => void,
  ): Promise<void> {
    this.#authorizations.set(config.id, onEvent);
    await this.perform((now) => this.core.authorize(config, now));
  }

  /** Lets a path of a relay lapse. */
  forget(authorization: string): void {
    this.#authorizations.delete(authorization);
    this.core.forgetAuthorization(authorization);
  }

  /** How many paths of relays are in use on it. */
  get authorizations(): number {
    return this.#authorizations.size;
  }

  /** Takes a session off; the last one takes the connection with it. */
  async remove(session: MsrpSession): Promise<void> {
    if (this.#sessions.get(session.id) !== session) return;
    const given = new AbortController();
    const leaving = this.perform((now) => {
      const outputs = this.core.removeSession(session.id, now);
      // Now, because the session ends before its events would be read.
      for (const output of outputs) if (output.type === "event") session.follow(output.event);
      return outputs;
    });
    // A peer that takes nothing more must not keep us.
    const { clock } = this.#options;
    await Promise.race([leaving, clock.reached(clock.now() + LEAVE_PATIENCE, given.signal)]);
    given.abort();
    this.#sessions.delete(session.id);
    this.#configs.delete(session.id);
    session.end(undefined, "us");
    const isUnused = this.#sessions.size === 0 && this.#binding.size === 0;
    if (isUnused && this.#options.keepOpen !== true) await this.close();
  }

  /** Ends everything on this connection. Never rejects. */
  async close(failure?: SottoError): Promise<void> {
    this.#failure ??= failure;
    await this.#driver.close();
    // Whoever does not read its events must not keep the connection.
    for (const session of this.#sessions.values()) session.end(this.#failure);
    await this.ended;
  }

  /** Puts a session on the connection, begins with it, and waits until it is bound. */
  async #add(
    config: MsrpSessionConfig,
    signal: AbortSignal | undefined,
    begin: (id: string, now: Instant) => Output<MsrpEvent>[],
  ): Promise<MsrpSession> {
    let added = "";
    const bound = Promise.withResolvers<MsrpSession>();
    await this.perform((now) => {
      added = this.core.addSession({ ...config, reports: "manual" }, now);
      this.#configs.set(added, config);
      this.#binding.set(added, bound);
      return begin(added, now);
    });
    try {
      return await (signal === undefined ? bound.promise : orAborted(bound.promise, signal));
    } catch (error) {
      this.#binding.delete(added);
      this.#configs.delete(added);
      this.performLater((now) => this.core.removeSession(added, now));
      throw error;
    }
  }

  #claim(config: MsrpSessionConfig): void {
    const id = config.sessionId ?? config.localPath.at(-1)?.sessionId;
    if (id !== undefined) this.#configs.set(id, config);
  }

  async #run(): Promise<void> {
    for await (const event of this.#driver.events()) await this.#dispatch(event);
    this.#frames?.flush();
    this.#hasEnded = true;
    const { failure } = this;
    const ended = failure ??
      new SottoError("session/msrp-closed", "the peer closed the MSRP connection");
    for (const { reject } of this.#binding.values()) reject(ended);
    this.#binding.clear();
    for (const session of this.#sessions.values()) session.end(failure);
    this.#sessions.clear();
    await this.#driver.close();
  }

  async #dispatch(event: MsrpEvent): Promise<void> {
    if (event.type === "connection-closed") return;
    if (event.type === "peer-error" && event.session === undefined) {
      // After a fault of the framing the connection closes, and this is why.
      if (this.core.isClosed) this.#failure ??= event.error;
      for (const session of this.#sessions.values()) await session.receive(event);
      if (!this.isInUse) this.#options.onStranger?.(this);
      return;
    }
    if ("authorization" in event) {
      this.#authorizations.get(event.authorization)?.(event);
      return;
    }
    if (event.session === undefined) return;
    if (event.type === "session-bound") this.#bound(event.session);
    if (event.type === "session-failed") this.#failed(event.session, event.code, event.comment);
    await this.#sessions.get(event.session)?.receive(event);
  }

  #bound(id: string): void {
    const config = this.#configs.get(id);
    if (config === undefined) return;
    const session = new MsrpSession(id, config, this);
    this.#sessions.set(id, session);
    this.#firstBound.resolve();
    const binding = this.#binding.get(id);
    this.#binding.delete(id);
    if (binding !== undefined) binding.resolve(session);
    else this.#options.onClaimed?.(session);
  }

  #failed(id: string, code: number, comment: string): void {
    const binding = this.#binding.get(id);
    this.#binding.delete(id);
    binding?.reject(
      new SottoError(
        "session/msrp-refused",
        `the peer refused the MSRP session: ${code} ${comment}`,
      ),
    );
  }
}
