/** The MSRP relay of the lab: the core of `lib/msrp` on real listeners, TCP and TLS, IPv4 and IPv6 (RFC 4976). */

import type { DigestAlgorithm, DigestCredentials } from "../auth/mod.ts";
import type { RandomSource } from "../base/output.ts";
import type { HostPort, WireTap } from "../base/wire_tap.ts";
import {
  MsrpRelay,
  type MsrpUri,
  type RelayAuthOptions,
  type RelayConnectionFacts,
  type RelayConnectionId,
  type RelayEvent,
  type RelayLimits,
  type RelayOutput,
  writeMsrpUri,
} from "../msrp/mod.ts";
import type { Clock } from "../session/mod.ts";
import {
  type ByteStream,
  type Certificate,
  type Listener,
  listenTcp,
  listenTls,
} from "../transport/mod.ts";
import { openNextHop, relayHostsOf } from "./msrp_next_hop.ts";
import { RelayLink } from "./msrp_relay_link.ts";
import type { SocketFaults } from "./socket_faults.ts";

/** Where a relay listens. */
export interface RelayListen extends HostPort {
  readonly transport: "tcp" | "tls";
}

/** What a {@link MsrpRelayServer} is made of. */
export interface MsrpRelayServerOptions {
  /** Port 0 lets the system choose. At least one. */
  readonly listen: readonly RelayListen[];
  /**
   * The host of the URIs that are handed out: RFC 4976 §4.2 wants a name. By default `localhost`
   * for what comes in on a loopback address, and else the address that was listened at.
   */
  readonly hostName?: string | undefined;
  /** Further names and addresses under which clients call for AUTH. */
  readonly aliases?: readonly string[] | undefined;
  /** Shown to clients over TLS and to other relays. Needed for TLS. */
  readonly certificate?: Certificate | undefined;
  /** Authorities that vouch for other relays, PEM, instead of the system's. */
  readonly ca?: string | undefined;
  /** Default: the host name, or `localhost`. */
  readonly realm?: string | undefined;
  readonly lookup: (username: string) => DigestCredentials | undefined;
  readonly algorithms?: readonly DigestAlgorithm[] | undefined;
  /** Takes AUTH over plain TCP, which RFC 4976 §8 forbids. Default `false`. */
  readonly allowsInsecure?: boolean | undefined;
  /** Bounds of Expires, in seconds. */
  readonly expires?:
    | Pick<RelayAuthOptions, "minExpires" | "maxExpires" | "defaultExpires">
    | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly limits?: RelayLimits | undefined;
  readonly tap?: WireTap | undefined;
  /** A bad network between the relay and everybody. */
  readonly faults?: SocketFaults | undefined;
  readonly onEvent?: ((event: RelayEvent) => void) | undefined;
}

/** A running relay. */
export class MsrpRelayServer implements AsyncDisposable {
  readonly #options: MsrpRelayServerOptions;
  readonly #listeners: readonly { readonly listener: Listener; readonly authority: MsrpUri }[];
  readonly #core: MsrpRelay;
  readonly #links = new Map<RelayConnectionId, RelayLink>();
  readonly #opening = new Map<RelayConnectionId, AbortController>();
  readonly #accepting: Promise<unknown>;
  readonly #leaving = new Set<Promise<void>>();
  #alarm: { readonly at: number; readonly off: AbortController } | undefined;
  #closed: Promise<void> | undefined;

  private constructor(
    options: MsrpRelayServerOptions,
    listeners: readonly { readonly listener: Listener; readonly authority: MsrpUri }[],
  ) {
    this.#options = options;
    this.#listeners = listeners;
    const { random, limits, expires } = options;
    this.#core = new MsrpRelay({
      random,
      limits,
      authorities: listeners.flatMap(({ listener: { local }, authority }) =>
        [...new Set([authority.host, ...namesOf(local.host), ...options.aliases ?? []])]
          .map((host) => ({ ...authority, host }))
      ),
      auth: {
        realm: options.realm ?? options.hostName ?? DEFAULT_NAME,
        lookup: options.lookup,
        algorithms: options.algorithms,
        allowsInsecure: options.allowsInsecure,
        ...expires,
      },
    });
    this.#accepting = Promise.all(listeners.map((it) => this.#acceptAll(it)));
  }

  /**
   * Listens.
   *
   * @throws {SottoError} `transport/…` when it cannot listen.
   * @throws {RangeError} without a place to listen at.
   * @throws {TypeError} for TLS without a certificate, or digest algorithms that RFC 4976 forbids.
   */
  static async open(options: MsrpRelayServerOptions): Promise<MsrpRelayServer> {
    if (options.listen.length === 0) throw new RangeError("expected an address to listen at");
    const listeners: { listener: Listener; authority: MsrpUri }[] = [];
    try {
      for (const at of options.listen) {
        const listener = await listen(at, options);
        listeners.push({
          listener,
          authority: {
            scheme: at.transport === "tls" ? "msrps" : "msrp",
            host: options.hostName ?? nameOf(listener.local.host),
            port: listener.local.port,
            transport: "tcp",
          },
        });
      }
      return new MsrpRelayServer(options, listeners);
    } catch (error) {
      await Promise.all(listeners.map(({ listener }) => listener.close()));
      throw error;
    }
  }

  /** Where it is reached, a URI for each listener, without session-id. */
  get uris(): string[] {
    return this.#listeners.map(({ authority }) => writeMsrpUri(authority));
  }

  /** Connections that are open or being opened. */
  get connectionCount(): number {
    return this.#core.connectionCount;
  }

  /** URIs that are good now. */
  get sessionCount(): number {
    return this.#core.sessionCount;
  }

  /** Ends everything. Safe to call twice; never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await Promise.all(this.#listeners.map(({ listener }) => listener.close()));
    await this.#accepting;
    this.#carryOut(this.#core.shutDown(this.#now));
    this.#alarm?.off.abort();
    await Promise.all(this.#leaving);
  }

  get #now(): number {
    return this.#options.clock.now();
  }

  async #acceptAll(
    { listener, authority }: { readonly listener: Listener; readonly authority: MsrpUri },
  ): Promise<void> {
    try {
      for await (const stream of listener) {
        const { tls } = stream;
        const isSecure = authority.scheme === "msrps";
        const facts = { isSecure, relayHosts: relayHostsOf(tls), authority };
        const { connection, outputs } = this.#core.accept(facts, this.#now);
        this.#links.set(connection, this.#link(connection, stream));
        this.#carryOut(outputs);
      }
    } catch {
      // The system takes the port away: those who are connected go on.
    }
  }

  #link(id: RelayConnectionId, stream: ByteStream): RelayLink {
    const { clock, tap, faults } = this.#options;
    return new RelayLink(stream, {
      onOctets: (bytes) => this.#carryOut(this.#core.receive(id, bytes, this.#now)),
      onWritable: () => this.#carryOut(this.#core.handleWritable(id, this.#now)),
      onEnd: () => this.#carryOut(this.#core.receiveEnd(id, this.#now)),
    }, { clock, tap, faults });
  }

  #carryOut(outputs: readonly RelayOutput[]): void {
    for (const output of outputs) {
      switch (output.type) {
        case "transmit":
          this.#links.get(output.connection)?.write(output.data);
          break;
        case "connect":
          this.#leave(this.#open(output.connection, output.to));
          break;
        case "pause":
          this.#links.get(output.connection)?.pause();
          break;
        case "resume":
          this.#links.get(output.connection)?.resume();
          break;
        case "close":
          this.#drop(output.connection);
          break;
        case "event":
          this.#options.onEvent?.(output.event);
          break;
        default:
          output satisfies never;
      }
    }
    this.#setAlarm();
  }

  async #open(id: RelayConnectionId, to: MsrpUri): Promise<void> {
    const { random, certificate, ca } = this.#options;
    const stop = new AbortController();
    this.#opening.set(id, stop);
    let facts: RelayConnectionFacts;
    try {
      const opened = await openNextHop(to, { random, certificate, ca }, stop.signal);
      facts = opened.facts;
      if (stop.signal.aborted) {
        await opened.stream.close();
        return;
      }
      this.#links.set(id, this.#link(id, opened.stream));
    } catch {
      // The core tells those who wait for it; why is of no use to them.
      this.#opening.delete(id);
      this.#carryOut(this.#core.connectFailed(id, this.#now));
      return;
    }
    this.#opening.delete(id);
    this.#carryOut(this.#core.connected(id, facts, this.#now));
  }

  #drop(id: RelayConnectionId): void {
    this.#opening.get(id)?.abort();
    this.#opening.delete(id);
    const link = this.#links.get(id);
    this.#links.delete(id);
    if (link !== undefined) this.#leave(link.close());
  }

  /** Keeps a promise until it is over, so that {@link close} leaves nothing behind. */
  #leave(leaving: Promise<void>): void {
    this.#leaving.add(leaving);
    void leaving.finally(() => this.#leaving.delete(leaving));
  }

  /** An alarm that comes too early does no harm: the core then has nothing due. */
  #setAlarm(): void {
    const { deadline } = this.#core;
    if (deadline === undefined || (this.#alarm !== undefined && this.#alarm.at <= deadline)) return;
    this.#alarm?.off.abort();
    const alarm = { at: deadline, off: new AbortController() };
    this.#alarm = alarm;
    void this.#options.clock.reached(deadline, alarm.off.signal).then(() => {
      if (this.#alarm !== alarm || this.#closed !== undefined) return;
      this.#alarm = undefined;
      this.#carryOut(this.#core.handleTimeout(this.#now));
    });
  }
}

function listen(at: RelayListen, { certificate, ca }: MsrpRelayServerOptions): Promise<Listener> {
  if (at.transport === "tcp") return listenTcp(at);
  if (certificate === undefined) throw new TypeError("a relay needs a certificate for TLS");
  // §6.1: every client is asked for a certificate; those who have none are clients.
  return listenTls(at, {
    certificate,
    requestClientCertificate: true,
    ...(ca !== undefined && { ca }),
  });
}

/** What clients may call a relay that listens at `host`. */
function namesOf(host: string): readonly string[] {
  if (isAny(host)) return [DEFAULT_NAME, "127.0.0.1", "::1"];
  return isLoopback(host) ? [DEFAULT_NAME, "127.0.0.1", "::1", host] : [host];
}

/** What it calls itself. */
function nameOf(host: string): string {
  return isAny(host) || isLoopback(host) ? DEFAULT_NAME : host;
}

function isAny(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function isLoopback(host: string): boolean {
  return host.startsWith("127.") || host === "::1";
}

const DEFAULT_NAME = "localhost";
