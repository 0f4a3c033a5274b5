/** Flows that are kept alive: the driver of `KeepAlive`, and who hears of a dead one (RFC 5626 §4.4). */

import { SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import type { HostPort } from "../base/wire_tap.ts";
import {
  type Destination,
  headerValue,
  isReliable,
  KeepAlive,
  type KeepAliveOutput,
  normalizeHost,
  type RegistrationEvent,
} from "../sip/mod.ts";
import type { Clock } from "./clock.ts";

/** A flow to keep alive. */
export interface KeepAliveOptions {
  /** The other end, with an address; over TCP and TLS by a connection that is named, or any. */
  readonly to: Destination;
  /** Milliseconds after which the server may give us up: Flow-Timer. */
  readonly interval?: number | undefined;
  /** Whether the server is known to answer, see `KeepAliveSettings`. Default true. */
  readonly expectsAnswer?: boolean | undefined;
  /** The flow is dead. A connection is closed by then. */
  readonly onFailed?: ((error: SottoError) => void) | undefined;
}

/** A flow that is kept alive. */
export interface KeptFlow {
  /** The other end. */
  readonly to: Destination;
  /** Whether it failed or was stopped. */
  readonly isOver: boolean;
  /** How the server sees us, as far as it said so: over UDP, by STUN. */
  readonly address: HostPort | undefined;
  /** Keep-alives that were answered. */
  readonly answers: number;
  /** Stops. The flow itself stays. */
  close(): void;
}

/** What keep-alives need of an endpoint. */
export interface SipKeepAlivesOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Sends over the flow. */
  readonly send: (data: Uint8Array, to: Destination) => Promise<void>;
  /** The next line end on this connection is a pong. */
  readonly expectPong: (connection: number) => void;
  readonly closeConnection: (connection: number) => Promise<void>;
  /** Flows at once; further ones are not kept alive. Default 64. */
  readonly limit?: number;
}

interface Flow extends KeptFlow {
  readonly core: KeepAlive;
  readonly options: KeepAliveOptions;
  readonly stopped: AbortController;
  address: HostPort | undefined;
  answers: number;
  /** Wakes its loop when its deadline has changed. */
  nudge: () => void;
}

/** All flows of one endpoint that are kept alive. */
export class SipKeepAlives {
  readonly #options: SipKeepAlivesOptions;
  readonly #flows = new Set<Flow>();
  readonly #loops = new Set<Promise<void>>();

  /** @param options What they need. */
  constructor(options: SipKeepAlivesOptions) {
    this.#options = options;
  }

  /** Begins. The first keep-alive is sent after the first interval. */
  start(options: KeepAliveOptions): KeptFlow {
    const { clock, random, limit = 64 } = this.#options;
    const { to, interval, expectsAnswer } = options;
    const settings = { transport: to.transport, random, interval, expectsAnswer };
    const stopped = new AbortController();
    const flow: Flow = {
      to,
      options,
      core: new KeepAlive(settings, clock.now()),
      stopped,
      get isOver() {
        return stopped.signal.aborted;
      },
      address: undefined,
      answers: 0,
      nudge: () => {},
      close: () => stopped.abort(),
    };
    if (this.#flows.size >= limit) return flow;
    this.#flows.add(flow);
    const loop = this.#run(flow).finally(() => {
      this.#flows.delete(flow);
      this.#loops.delete(loop);
    });
    this.#loops.add(loop);
    return flow;
  }

  /** A line end that answers a keep-alive came. */
  receivePong(connection: number): void {
    for (const flow of this.#flowsOf(connection)) {
      this.#carryOut(flow, flow.core.receivePong(this.#options.clock.now()));
    }
  }

  /** A STUN message that is no request came. */
  receiveStun(data: Uint8Array, from: HostPort): void {
    for (const flow of [...this.#flows]) {
      const { transport, host, port } = flow.to;
      const isFrom = transport === "udp" && port === from.port &&
        normalizeHost(host) === normalizeHost(from.host);
      if (isFrom) this.#carryOut(flow, flow.core.receiveStun(data, this.#options.clock.now()));
    }
  }

  /** A connection ended: nothing is left to keep alive. */
  receiveEnd(connection: number): void {
    for (const flow of this.#flowsOf(connection)) flow.close();
  }

  /** Stops all of them. */
  async close(): Promise<void> {
    for (const flow of this.#flows) flow.close();
    await Promise.all([...this.#loops]);
  }

  #flowsOf(connection: number): Flow[] {
    return [...this.#flows].filter(({ to }) => to.connection === connection);
  }

  async #run(flow: Flow): Promise<void> {
    const { clock } = this.#options;
    const { core, stopped: { signal } } = flow;
    const stopped = new Promise<void>((resolve) =>
      signal.addEventListener("abort", () => resolve())
    );
    while (!signal.aborted && core.deadline !== undefined) {
      const waiting = new AbortController();
      const nudged = new Promise<void>((resolve) => flow.nudge = resolve);
      await Promise.race([clock.reached(core.deadline, waiting.signal), nudged, stopped]);
      waiting.abort();
      if (!signal.aborted) this.#carryOut(flow, core.handleTimeout(clock.now()));
    }
  }

  #carryOut(flow: Flow, outputs: readonly KeepAliveOutput[]): void {
    if (flow.stopped.signal.aborted) return;
    for (const output of outputs) {
      switch (output.type) {
        case "transmit": {
          const { connection } = flow.to;
          if (output.wantsPong && connection !== undefined) this.#options.expectPong(connection);
          this.#options.send(output.data, flow.to).catch((error: unknown) => {
            if (!(error instanceof SottoError)) throw error;
            // Over UDP the next request may get through, and silence counts; a connection is over.
            if (isReliable(flow.to.transport)) this.#fail(flow, error);
          });
          break;
        }
        case "alive":
          flow.answers++;
          flow.address = output.address ?? flow.address;
          break;
        case "failed":
          this.#fail(flow, output.error);
          break;
        default:
          output satisfies never;
      }
    }
    flow.nudge();
  }

  #fail(flow: Flow, error: SottoError): void {
    if (flow.stopped.signal.aborted) return;
    flow.close();
    const { connection } = flow.to;
    if (connection !== undefined) void this.#options.closeConnection(connection);
    flow.options.onFailed?.(error);
  }
}

/** The flow that a registration was made over, as the registrar wants it kept (RFC 5626 §4.4). */
export function flowOfRegistration(
  { destination, isOutbound, response }: RegistrationEvent & { readonly type: "registered" },
): KeepAliveOptions {
  const seconds = /^\s*(\d{1,6})\s*$/.exec(headerValue(response, "Flow-Timer") ?? "")?.[1];
  return {
    to: destination,
    expectsAnswer: isOutbound,
    interval: seconds === undefined ? undefined : 1000 * Number(seconds),
  };
}
