/** The sockets of a SIP endpoint: where it listens, what it says of itself, what it sends by (RFC 3261 §18). */

import { SottoError } from "../base/errors.ts";
import type { HostPort, WireTap } from "../base/wire_tap.ts";
import { answerStun, type Destination, type Flow, isStun, type SipTransport } from "../sip/mod.ts";
import {
  bindUdp,
  type DatagramSocket,
  type Listener,
  listenTcp,
  listenTls,
  localAddressTowards,
  recordDatagrams,
} from "../transport/mod.ts";
import type { Clock } from "./clock.ts";
import { type ConnectionFlow, SipConnections, type SipTlsOptions } from "./sip_connections.ts";
import type { SipLocator } from "./sip_locator.ts";

/** Where SIP is received. */
export interface ListenAddress {
  /** An address; `0.0.0.0` or `::` for all. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly transport: SipTransport;
}

/** What the sockets bring in. */
export interface SipLinksHandler {
  receiveDatagram(data: Uint8Array, flow: Flow): void;
  /** STUN that is no request: those are answered here (RFC 5626 §8). */
  receiveStun(data: Uint8Array, from: HostPort): void;
  receiveOctets(data: Uint8Array, flow: ConnectionFlow): void;
  /** A connection ended: what was sent over it and not answered may be lost. */
  receiveEnd(connection: number): void;
}

/** What the sockets are made with. */
export interface SipLinksOptions {
  readonly clock: Clock;
  readonly handler: SipLinksHandler;
  readonly tap?: WireTap | undefined;
  readonly tls: SipTlsOptions;
  /** Finds the addresses of names. */
  readonly locator: SipLocator;
  /** Most connections at once; further ones are cut. */
  readonly connectionLimit: number;
}

/** A socket that receives. */
interface Place {
  readonly transport: SipTransport;
  readonly local: HostPort;
  readonly socket: DatagramSocket | Listener;
}

/** All sockets of one endpoint. */
export class SipLinks {
  readonly #options: SipLinksOptions;
  readonly #places: Place[] = [];
  readonly #connections: SipConnections;
  readonly #sending = new Set<Promise<void>>();
  readonly #loops = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  /** @param options What they are made with. */
  constructor(options: SipLinksOptions) {
    this.#options = options;
    const { clock, tap, tls, connectionLimit, handler } = options;
    this.#connections = new SipConnections({
      clock,
      tap,
      tls,
      limit: connectionLimit,
      receiveOctets: (data, flow) => handler.receiveOctets(data, flow),
      receiveEnd: (connection) => handler.receiveEnd(connection),
    });
  }

  /** Where SIP is received. */
  get places(): readonly { readonly transport: SipTransport; readonly local: HostPort }[] {
    return this.#places;
  }

  /**
   * Opens a receiving socket.
   *
   * @throws {SottoError} `transport/…`, or `sip/no-certificate` for TLS without one.
   */
  async listen({ host, port, transport }: ListenAddress): Promise<Place> {
    const at: HostPort = { host, port };
    if (transport === "udp") return await this.#bind(at);
    const { certificate } = this.#options.tls;
    if (transport === "tls" && certificate === undefined) {
      throw new SottoError("sip/no-certificate", "listening for TLS takes a certificate");
    }
    const socket = transport === "tls" && certificate !== undefined
      ? await listenTls(at, { certificate })
      : await listenTcp(at);
    const place: Place = { transport, local: socket.local, socket };
    this.#places.push(place);
    this.#run(this.#accept(socket, transport));
    return place;
  }

  /** The address under which a peer at `host` reaches us over `transport`. */
  localAddress(transport: SipTransport, host: string): HostPort {
    const address = this.#options.locator.addressOf(host);
    const place = this.#places.find((it) =>
      it.transport === transport && reaches(it.local.host, address)
    );
    const connected = this.#connections.localAddress(transport, address);
    const specific = place !== undefined && !isWildcard(place.local.host)
      ? place.local.host
      : undefined;
    return {
      host: specific ?? connected?.host ?? ourAddress(address),
      // Nobody listens there: answers come back on the connection they belong to.
      port: place?.local.port ?? connected?.port ?? 5060,
    };
  }

  /**
   * Makes sure that a request to `to` can be sent and answered: a socket is bound or a
   * connection made, and somewhere we listen for what the peer sends later.
   *
   * @param to With an address.
   * @throws {SottoError} `transport/…`
   */
  async prepare(to: Destination): Promise<void> {
    const address = to.host;
    if (to.transport === "udp") {
      await this.#placeTowards(address);
      return;
    }
    const local = await this.#connections.prepare(to);
    const isHeard = this.#places.some((it) =>
      it.transport === to.transport && reaches(it.local.host, address)
    );
    if (isHeard || (to.transport === "tls" && this.#options.tls.certificate === undefined)) return;
    await this.listen({ host: local.host, port: 0, transport: to.transport });
  }

  /**
   * Sends a message. Messages to one place leave in the order of the calls.
   *
   * @returns Resolves with the connection it took, once the system has it.
   * @throws {SottoError} `transport/…`
   */
  send(data: Uint8Array, to: Destination, onLink?: (connection: number) => void): Promise<void> {
    const found = this.#connections.hasLinkTo(to) ? [to] : this.#options.locator.resolve(to);
    const sent = found instanceof Promise
      ? found.then((places) => this.#sendToOne(data, places, onLink))
      : this.#sendToOne(data, found, onLink);
    const settled = sent.catch(() => {}); // The caller hears of it through `sent`.
    this.#sending.add(settled);
    void settled.finally(() => this.#sending.delete(settled));
    return sent;
  }

  /**
   * Sends a response whose way is gone to where its Via leads by DNS (RFC 3263 §5).
   *
   * @param failed Where it could not be sent.
   * @returns Whether it left.
   */
  async sendElsewhere(data: Uint8Array, failed: Destination): Promise<boolean> {
    try {
      const places = (await this.#options.locator.alternatives(data))
        .filter(({ host, port }) => host !== failed.host || port !== failed.port);
      await this.#sendToOne(data, places);
      return places.length > 0;
    } catch (error) {
      if (!(error instanceof SottoError)) throw error;
      return false; // The first failure is what counts.
    }
  }

  /** `to` with the number of the connection that leads there, made if there is none; UDP has none. */
  async flowTo(to: Destination): Promise<Destination> {
    if (to.transport === "udp") return to;
    return { ...to, connection: await this.#connections.linkTo(to) };
  }

  /** Closes a connection once everything before was written. */
  closeConnection(connection: number): Promise<void> {
    return this.#connections.closeOne(connection);
  }

  /** Resolves when everything that was handed to {@link send} has left, or failed to. */
  async flush(): Promise<void> {
    await Promise.all([...this.#sending]);
  }

  /** Closes everything, after what was handed to {@link send} has left or `grace` has passed. */
  async close(grace: number): Promise<void> {
    const { clock } = this.#options;
    const waiting = new AbortController();
    await Promise.race([
      this.flush(),
      clock.reached(clock.now() + grace, waiting.signal),
    ]);
    waiting.abort();
    this.#closing.abort(new SottoError("transport/closed", "the endpoint was closed"));
    await Promise.all(this.#places.map(({ socket }) => socket.close()));
    await this.#connections.close();
    await Promise.all([...this.#loops]);
  }

  #bind(at: HostPort): Promise<Place> {
    const binding = this.#bindNow(at);
    this.#run(binding.then(() => {}));
    return binding;
  }

  async #bindNow(at: HostPort): Promise<Place> {
    const { tap, clock } = this.#options;
    const bound = await bindUdp(at);
    if (this.#closing.signal.aborted) await bound.close();
    this.#closing.signal.throwIfAborted();
    const socket = tap === undefined
      ? bound
      : recordDatagrams(bound, { tap, protocol: "sip", now: () => clock.wallNow() });
    const place: Place = { transport: "udp", local: socket.local, socket };
    this.#places.push(place);
    this.#run(this.#receive(socket));
    return place;
  }

  async #placeTowards(address: string): Promise<Place & { readonly socket: DatagramSocket }> {
    const suits = (it: Place): it is Place & { readonly socket: DatagramSocket } =>
      it.transport === "udp" && reaches(it.local.host, address);
    const found = this.#places.find(suits);
    if (found !== undefined) return found;
    const host = isLoopback(address)
      ? loopbackOf(address)
      : address.includes(":")
      ? "::"
      : "0.0.0.0";
    const place = await this.#bind({ host, port: 0 });
    return suits(place) ? place : await this.#placeTowards(address);
  }

  /** To the first that can be reached: one that refuses a connection has received nothing. */
  async #sendToOne(
    data: Uint8Array,
    places: readonly Destination[],
    onLink?: (connection: number) => void,
  ): Promise<void> {
    for (const [at, to] of places.entries()) {
      try {
        // Not awaited before: with one place, messages leave in the order of the calls.
        if (to.transport === "udp") await this.#sendDatagram(data, to);
        else await this.#connections.send(data, to, onLink);
        return;
      } catch (error) {
        if (at + 1 >= places.length || !(error instanceof SottoError)) throw error;
        this.#options.locator.health.markFailed(to, this.#options.clock.now());
      }
    }
  }

  async #sendDatagram(data: Uint8Array, { host, port }: Destination): Promise<void> {
    const { socket } = await this.#placeTowards(host);
    await socket.send(data, { host, port });
  }

  async #accept(listener: Listener, transport: "tcp" | "tls"): Promise<void> {
    for await (const stream of listener) {
      await this.#connections.accept(stream, transport);
    }
  }

  async #receive(socket: DatagramSocket): Promise<void> {
    for await (const { data, from } of socket) {
      if (!isStun(data)) {
        this.#options.handler.receiveDatagram(data, { transport: "udp", remote: from });
        continue;
      }
      const answer = answerStun(data, from);
      if (answer === undefined) this.#options.handler.receiveStun(data, from);
      else await socket.send(answer, from).catch(() => {}); // The asker will ask again.
    }
  }

  #run(loop: Promise<void>): void {
    const settled = loop.catch((error: unknown) => {
      // A socket that fails is a socket that ends. Anything else is a bug of ours.
      if (!(error instanceof SottoError)) throw error;
    });
    this.#loops.add(settled);
    void settled.finally(() => this.#loops.delete(settled));
  }
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}

function loopbackOf(address: string): string {
  return address.includes(":") ? "::1" : "127.0.0.1";
}

/** Whether a socket bound to `bound` can talk to `address`. */
function reaches(bound: string, address: string): boolean {
  if (bound.includes(":") !== address.includes(":")) return false;
  return isWildcard(bound) || isLoopback(bound) === isLoopback(address);
}

function ourAddress(remote: string): string {
  try {
    return localAddressTowards(remote) ?? loopbackOf(remote);
  } catch {
    // The list of interfaces is not ours to read: the peer then has `received` and `rport`.
    return loopbackOf(remote);
  }
}
