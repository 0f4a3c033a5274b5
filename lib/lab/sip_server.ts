/** A SIP registrar and proxy on real sockets: UDP, TCP and TLS, over IPv4 and IPv6. */

import type { DigestAlgorithm } from "../auth/mod.ts";
import { SottoError } from "../base/errors.ts";
import type { Instant, RandomSource } from "../base/output.ts";
import type { HostPort, WireTap } from "../base/wire_tap.ts";
import type { Clock, ListenAddress, SipTlsOptions } from "../session/mod.ts";
import {
  type Destination,
  type RegistrarTimes,
  SipServerCore,
  type SipServerEvent,
  type SipServerLimits,
  type SipServerOutput,
  type SipTransport,
  type SipUri,
  type TimerSettings,
  writeHostPort,
} from "../sip/mod.ts";
import { type Listener, listenTcp, listenTls, localAddressTowards } from "../transport/mod.ts";
import { isWildcard, reaches, SipDatagrams } from "./sip_datagrams.ts";
import type { SipStream } from "./sip_stream.ts";
import { SipStreams, type StreamLimits } from "./sip_streams.ts";
import type { SocketFaults } from "./socket_faults.ts";
import type { LabUser } from "./users.ts";

/** What a server is made with. */
export interface SipServerOptions {
  /** Where SIP is received; at least one. */
  readonly listen: readonly ListenAddress[];
  /**
   * Domains it is responsible for, names or addresses; the first is the realm of its digest.
   * Default: the addresses at which it listens.
   */
  readonly domains?: readonly string[] | undefined;
  /** Who may register, and call who is registered. */
  readonly users: readonly LabUser[];
  readonly clock: Clock;
  readonly random: RandomSource;
  /** For the Server header field: `sotto/1.2.3`. */
  readonly serverName: string;
  /** The certificate is needed to listen for TLS. */
  readonly tls?: SipTlsOptions | undefined;
  /** Let everybody register and call whatever name they like, unasked. Default no. */
  readonly isOpen?: boolean | undefined;
  /** Send requests for other domains on, for users of ours. Default no. */
  readonly relaysForeign?: boolean | undefined;
  /** What digest offers, the most preferred first. Default SHA-512-256, SHA-256, MD5. */
  readonly algorithms?: readonly DigestAlgorithm[] | undefined;
  /** How long contacts last. */
  readonly times?: RegistrarTimes | undefined;
  readonly timers?: TimerSettings | undefined;
  readonly limits?: (SipServerLimits & StreamLimits) | undefined;
  /** Told of every datagram, and of every piece of every stream. */
  readonly tap?: WireTap | undefined;
  /** A bad network between the server and everybody else. */
  readonly faults?: SocketFaults | undefined;
  /** Told of what happens, for a log. Must not throw. */
  readonly onEvent?: ((event: SipServerEvent) => void) | undefined;
}

/** How long {@link SipServer.close} waits for what has to leave, in milliseconds. */
const CLOSE_GRACE = 1_000;
/** Transactions that are remembered for each connection. */
const MOST_CARRIED = 512;

/** See the file comment. */
export class SipServer implements AsyncDisposable {
  readonly #options: SipServerOptions;
  readonly #core: SipServerCore;
  readonly #datagrams: SipDatagrams;
  readonly #streams: SipStreams;
  readonly #listeners: Listener[] = [];
  readonly #places: { readonly transport: SipTransport; readonly local: HostPort }[] = [];
  readonly #routes = new Map<string, SipUri>();
  readonly #domains: string[];
  /** Transactions that went over each connection, to be told when it breaks. */
  readonly #carried = new Map<number, Set<string>>();
  readonly #sending = new Set<Promise<void>>();
  readonly #accepting: Promise<void>[] = [];
  readonly #closing = new AbortController();
  #nudge = Promise.withResolvers<void>();
  readonly #timing: Promise<void>;
  #count = 0;
  #closed: Promise<void> | undefined;

  private constructor(options: SipServerOptions) {
    const { clock, random, tap, faults, limits, tls = {} } = options;
    this.#options = options;
    this.#domains = [...options.domains ?? [...new Set(options.listen.map((it) => it.host))]];
    const nextNumber = (): number => ++this.#count;
    this.#datagrams = new SipDatagrams({
      clock,
      tap,
      faults,
      nextNumber,
      receive: (data, flow) => this.#perform((now) => this.#core.receive(data, flow, now)),
    });
    this.#streams = new SipStreams({
      clock,
      tap,
      tls,
      faults,
      limits,
      nextNumber,
      handler: {
        receiveFramed: (framed, stream) => this.#receiveFramed(framed, stream),
        receiveEnd: (connection) => this.#receiveEnd(connection),
        isNeeded: (connection) => this.#core.isNeeded(connection),
      },
    });
    const users = new Map(options.users.map((it) => [it.name, it.password]));
    this.#core = new SipServerCore({
      random,
      domains: this.#domains,
      password: (user) => users.get(user),
      routes: this.#routes,
      isOpen: options.isOpen,
      relaysForeign: options.relaysForeign,
      algorithms: options.algorithms,
      serverName: options.serverName,
      places: () => this.#places,
      isOwnAddress: (host) => localAddressTowards(host) === host,
      localAddress: (peer) => this.#localAddress(peer),
      dateText: () => new Date(clock.wallNow()).toUTCString(),
      times: options.times,
      timers: options.timers,
      limits,
    });
    this.#timing = this.#keepTime();
  }

  /**
   * Opens a server.
   *
   * @throws {SottoError} `transport/…` when it cannot listen, `sip/no-certificate` for TLS
   * without one.
   * @throws {RangeError} without an address to listen at.
   */
  static async open(options: SipServerOptions): Promise<SipServer> {
    if (options.listen.length === 0) throw new RangeError("expected an address to listen at");
    const server = new SipServer(options);
    try {
      for (const address of options.listen) await server.#listen(address);
      return server;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** Where SIP is received, in the order of the options, with the ports that were chosen. */
  get places(): readonly { readonly transport: SipTransport; readonly local: HostPort }[] {
    return this.#places;
  }

  /** A SIP URI for each of {@link places}. */
  get uris(): readonly string[] {
    return this.#places.map(({ transport, local }) =>
      `sip:${writeHostPort(local.host, local.port)};transport=${transport}`
    );
  }

  /** Domains it is responsible for; the first is the realm of its digest. */
  get domains(): readonly string[] {
    return this.#domains;
  }

  /** What it holds now: for tests, and for who wants to know how busy it is. */
  get load(): {
    readonly contacts: number;
    readonly transactions: number;
    readonly pending: number;
    readonly connections: number;
  } {
    return {
      contacts: this.#core.contactCount,
      transactions: this.#core.transactionCount,
      pending: this.#core.pendingCount,
      connections: this.#streams.size,
    };
  }

  /**
   * From now on requests for `user` lead to `uri`, without registration or password: a bot.
   *
   * @param user The user part of the address that people call.
   */
  route(user: string, uri: SipUri): void {
    this.#routes.set(user, uri);
  }

  /** Closes every socket, once what was handed to them has left. Never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { clock } = this.#options;
    const waiting = new AbortController();
    await Promise.race([
      Promise.all([...this.#sending]),
      clock.reached(clock.now() + CLOSE_GRACE, waiting.signal),
    ]);
    waiting.abort();
    this.#closing.abort();
    this.#nudge.resolve();
    await Promise.all(this.#listeners.map((it) => it.close()));
    await Promise.all([this.#datagrams.close(), this.#streams.close()]);
    await Promise.all([...this.#accepting, this.#timing, ...this.#sending]);
  }

  async #listen({ host, port, transport }: ListenAddress): Promise<void> {
    const at: HostPort = { host, port };
    if (transport === "udp") {
      this.#places.push({ transport, local: await this.#datagrams.bind(at) });
      return;
    }
    const certificate = this.#options.tls?.certificate;
    if (transport === "tls" && certificate === undefined) {
      throw new SottoError("sip/no-certificate", "listening for TLS takes a certificate");
    }
    const listener = transport === "tls" && certificate !== undefined
      ? await listenTls(at, { certificate })
      : await listenTcp(at);
    this.#listeners.push(listener);
    this.#places.push({ transport, local: listener.local });
    this.#accepting.push(this.#accept(listener, transport));
  }

  async #accept(listener: Listener, transport: "tcp" | "tls"): Promise<void> {
    try {
      for await (const stream of listener) {
        this.#streams.accept(stream, transport);
        this.#nudge.resolve();
      }
    } catch (error) {
      // A listener that fails is a listener that ends. Anything else is a bug of ours.
      if (!(error instanceof SottoError)) throw error;
    }
  }

  #receiveFramed(
    framed: Parameters<ConstructorParameters<typeof SipStreams>[0]["handler"]["receiveFramed"]>[0],
    { flow }: SipStream,
  ): void {
    switch (framed.type) {
      case "message":
        this.#perform((now) => this.#core.receive(framed.bytes, flow, now));
        break;
      case "ping":
        this.#perform(() => this.#core.receivePing(flow));
        break;
      case "pong":
        break; // Clients keep flows alive, not the server: nobody waits for one.
      case "broken":
        this.#perform(() => this.#core.receiveBroken(framed.error, framed.head, flow));
        break;
      default:
        framed satisfies never;
    }
  }

  #receiveEnd(connection: number): void {
    const carried = this.#carried.get(connection) ?? new Set();
    this.#carried.delete(connection);
    this.#perform(() => this.#core.receiveFlowEnd(connection));
    for (const transaction of carried) {
      this.#perform((now) => this.#core.receiveTransportError(transaction, now));
    }
  }

  /** Our address on the way to a peer: what Via and Record-Route say. */
  #localAddress({ transport, host, connection }: Destination): HostPort {
    const bound = transport === "udp"
      ? this.#datagrams.localAddress(connection, host)
      : this.#places.find((it) => it.transport === transport && reaches(it.local.host, host))
        ?.local;
    const actual = transport === "udp" ? undefined : this.#streams.localAddress(connection);
    const address = bound !== undefined && !isWildcard(bound.host)
      ? bound.host
      : actual?.host ?? localAddressTowards(host) ?? host;
    // Where nobody listens, what answers comes back on the connection it belongs to.
    return { host: address, port: bound?.port ?? actual?.port ?? 5060 };
  }

  /** The only way to the core: what it asks for is carried out in order. */
  #perform(act: (now: Instant) => SipServerOutput[]): void {
    for (const output of act(this.#options.clock.now())) {
      switch (output.type) {
        case "transmit":
          this.#transmit(output);
          break;
        case "close":
          this.#own(this.#streams.closeOne(output.connection));
          break;
        case "event":
          this.#options.onEvent?.(output.event);
          break;
        default:
          output satisfies never;
      }
    }
    this.#nudge.resolve();
  }

  #transmit({ data, to, transaction }: SipServerOutput & { readonly type: "transmit" }): void {
    const sent = to.transport === "udp"
      ? this.#datagrams.send(data, to)
      : this.#streams.send(data, to, (connection) => this.#carry(connection, transaction));
    this.#own(sent.catch((error: unknown) => {
      if (!(error instanceof SottoError)) throw error;
      if (transaction === undefined || this.#closing.signal.aborted) return;
      this.#perform((now) => this.#core.receiveTransportError(transaction, now));
    }));
  }

  #carry(connection: number, transaction: string | undefined): void {
    if (transaction === undefined) return;
    const carried = this.#carried.get(connection) ?? new Set();
    carried.add(transaction);
    // The oldest are over long ago.
    if (carried.size > MOST_CARRIED) carried.delete(carried.values().next().value ?? "");
    this.#carried.set(connection, carried);
  }

  #own(sending: Promise<void>): void {
    this.#sending.add(sending);
    void sending.finally(() => this.#sending.delete(sending));
  }

  async #keepTime(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#closing.signal.aborted) {
      const waiting = new AbortController();
      this.#nudge = Promise.withResolvers<void>();
      const next = [this.#core.deadline, this.#streams.deadline].filter((it) => it !== undefined)
        .reduce<Instant | undefined>((a, b) => a === undefined || b < a ? b : a, undefined);
      await Promise.race([clock.reached(next, waiting.signal), this.#nudge.promise]);
      waiting.abort();
      const now = clock.now();
      const { deadline } = this.#core;
      if (deadline !== undefined && deadline <= now) {
        this.#perform((at) => this.#core.handleTimeout(at));
      }
      this.#streams.sweep(now);
    }
  }
}
