/** The UDP sockets of the lab's SIP server, each with a number, so that an answer leaves by the one it was asked at. */

import { SottoError } from "../base/errors.ts";
import type { HostPort, WireTap } from "../base/wire_tap.ts";
import type { Clock } from "../session/mod.ts";
import { answerStun, type Destination, type Flow, isStun } from "../sip/mod.ts";
import { bindUdp, type DatagramSocket, recordDatagrams, resolveHost } from "../transport/mod.ts";
import { faultedDatagrams, type SocketFaults } from "./socket_faults.ts";

/** What the sockets are made with. */
export interface SipDatagramsOptions {
  readonly clock: Clock;
  readonly tap?: WireTap | undefined;
  readonly faults?: SocketFaults | undefined;
  readonly receive: (data: Uint8Array, flow: Flow) => void;
  /** Numbers for sockets, none twice. */
  readonly nextNumber: () => number;
}

/** All of them. */
export class SipDatagrams {
  readonly #options: SipDatagramsOptions;
  readonly #sockets = new Map<number, DatagramSocket>();
  readonly #loops: Promise<void>[] = [];
  readonly #closing = new AbortController();

  /** @param options What they are made with. */
  constructor(options: SipDatagramsOptions) {
    this.#options = options;
  }

  /**
   * Opens a receiving socket.
   *
   * @returns Where it is bound.
   * @throws {SottoError} `transport/…`
   */
  async bind(at: HostPort): Promise<HostPort> {
    const { clock, tap, faults, nextNumber } = this.#options;
    const bound = await bindUdp(at);
    const recorded = tap === undefined
      ? bound
      : recordDatagrams(bound, { tap, protocol: "sip", now: () => clock.wallNow() });
    const socket = faultedDatagrams(recorded, faults);
    const number = nextNumber();
    this.#sockets.set(number, socket);
    this.#loops.push(this.#receive(socket, number));
    return socket.local;
  }

  /** The address of the socket with this number, or of one that can talk to `host`. */
  localAddress(number: number | undefined, host: string): HostPort | undefined {
    return this.#socketFor(number, host)?.local;
  }

  /**
   * Sends a datagram, by the socket that is named if there is one.
   *
   * @throws {SottoError} `transport/…`
   */
  async send(data: Uint8Array, to: Destination): Promise<void> {
    const address = await this.#resolve(to.host);
    const socket = this.#socketFor(to.connection, address);
    if (socket === undefined) {
      throw new SottoError("transport/unreachable", `no UDP socket of the lab reaches ${to.host}`);
    }
    await socket.send(data, { host: address, port: to.port });
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    this.#closing.abort(new SottoError("transport/closed", "the server was closed"));
    await Promise.all([...this.#sockets.values()].map((it) => it.close()));
    await Promise.all(this.#loops);
  }

  async #receive(socket: DatagramSocket, number: number): Promise<void> {
    try {
      for await (const { data, from } of socket) {
        if (isStun(data)) {
          // RFC 5626 §8: who takes SIP over UDP is a limited STUN server at the same port.
          const answer = answerStun(data, from);
          if (answer !== undefined) await socket.send(answer, from);
          continue;
        }
        this.#options.receive(data, { transport: "udp", remote: from, connection: number });
      }
    } catch (error) {
      // A socket that fails is a socket that ends. Anything else is a bug of ours.
      if (!(error instanceof SottoError)) throw error;
    }
  }

  async #resolve(host: string): Promise<string> {
    const addresses = await resolveHost(host, { signal: this.#closing.signal });
    const reached = addresses.find((it) => this.#socketFor(undefined, it) !== undefined);
    const address = reached ?? addresses[0];
    if (address !== undefined) return address;
    throw new SottoError("transport/name-not-found", `${host} has no address`);
  }

  #socketFor(number: number | undefined, host: string): DatagramSocket | undefined {
    const named = number === undefined ? undefined : this.#sockets.get(number);
    if (named !== undefined) return named;
    const sockets = [...this.#sockets.values()];
    return sockets.find(({ local }) => reaches(local.host, host)) ??
      sockets.find(({ local }) => local.host.includes(":") === host.includes(":"));
  }
}

/** Whether a socket bound to `bound` can talk to `address`. */
export function reaches(bound: string, address: string): boolean {
  if (bound.includes(":") !== address.includes(":")) return false;
  return isWildcard(bound) || isLoopback(bound) === isLoopback(address);
}

/** Whether a socket with this address is bound to all of its family. */
export function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}
