/** Our side of one session whose path goes through relays of ours (RFC 4975 §5.4, RFC 4976 §5). */
import { toHex } from "../base/bytes.ts";
import type { RandomSource } from "../base/output.ts";
import { type MsrpUri, ownPath } from "../msrp/mod.ts";
import { type Clock, delay } from "./clock.ts";
import { openInTime, type OpenOptions, type PreparedMsrp, sessionConfig } from "./msrp_opening.ts";
import { RELAY_PORT, type RelaySettings, webSocketOf } from "./msrp_relay_settings.ts";
import type { MsrpRelays, RelayedPath } from "./msrp_relays.ts";
import type { MsrpSession } from "./msrp_session.ts";
import { SottoError } from "../base/errors.ts";

/** What {@link RelayedMsrp.prepare} needs. */
export interface PrepareRelayedOptions {
  readonly relays: MsrpRelays;
  readonly settings: RelaySettings;
  readonly transport: "tcp" | "tls";
  /** Host for our own URI. Nobody connects to it. */
  readonly host: string;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly signal: AbortSignal;
  /** Milliseconds until the relays must have granted. Default 30,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * A path that a relay granted. Both roles use the one connection to the relay: the active side
 * sends the SEND that binds over it, the passive side waits for that of the peer.
 */
export class RelayedMsrp implements PreparedMsrp {
  #localPath: readonly MsrpUri[];
  readonly canListen: boolean = true;
  /** The path, for what becomes of it. */
  readonly path: RelayedPath;
  readonly #self: MsrpUri;
  readonly #clock: Clock;
  #hasOpened = false;
  #hasReleased = false;

  private constructor(self: MsrpUri, path: RelayedPath, clock: Clock) {
    this.#localPath = ownPath(path.usePath, self);
    this.path = path;
    this.#self = self;
    this.#clock = clock;
  }

  /**
   * Asks the relays.
   * @throws {SottoError} what `MsrpRelays.obtain` throws; `session/relay-no-answer` when it
   * takes too long.
   */
  static async prepare(options: PrepareRelayedOptions): Promise<RelayedMsrp> {
    const { relays, settings, transport, host, clock, random, timeoutMs = 30_000 } = options;
    const isWebSocket = webSocketOf(settings) !== undefined;
    const self: MsrpUri = {
      scheme: transport === "tls" ? "msrps" : "msrp",
      // RFC 7977 §8: behind a WebSocket there is no address to name.
      host: isWebSocket ? `${toHex(random(8))}.invalid` : host,
      port: RELAY_PORT, // §8.2 wants one; nobody connects to it.
      sessionId: toHex(random(12)),
      transport: isWebSocket ? "ws" : "tcp",
    };
    const late = new AbortController();
    const done = new AbortController();
    const timer = delay(clock, timeoutMs, done.signal).then(
      () =>
        late.abort(
          new SottoError("session/relay-no-answer", `no MSRP relay within ${timeoutMs} ms`),
        ),
      () => {}, // Not needed any more.
    );
    try {
      const signal = AbortSignal.any([options.signal, late.signal]);
      return new RelayedMsrp(self, await relays.obtain(settings, transport, self, signal), clock);
    } finally {
      done.abort();
      await timer;
    }
  }

  get localPath(): readonly MsrpUri[] {
    return this.#localPath;
  }

  /** What our path would be with another Use-Path. */
  pathWith(usePath: readonly MsrpUri[]): MsrpUri[] {
    return ownPath(usePath, this.#self);
  }

  /** The relay granted another path, and the peer knows of it. */
  moved(localPath: readonly MsrpUri[]): void {
    this.#localPath = localPath;
  }

  async open(options: OpenOptions): Promise<MsrpSession> {
    if (this.#hasOpened) throw new TypeError("this path was used already");
    this.#hasOpened = true;
    const { path } = this;
    const config = sessionConfig(this.#self, path.usePath, options);
    return await openInTime(
      this.#clock,
      options,
      ({ role, signal }) =>
        role === "active" ? path.bind(config, signal) : path.expect(config, signal),
    );
  }

  close(): Promise<void> {
    if (!this.#hasReleased) {
      this.#hasReleased = true;
      this.path.release();
    }
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
