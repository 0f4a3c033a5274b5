/** The registrations of one endpoint: found, begun, kept alive, found again after a failure (RFC 5626 §4.2, §4.4). */

import { SottoError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import {
  type Destination,
  type RegistrationEvent,
  type RegistrationOptions,
  sameUri,
  type SipOutput,
  type Uri,
  type UserAgentCore,
} from "../sip/mod.ts";
import type { Clock } from "./clock.ts";
import { Registration, type RegistrationControl } from "./registration.ts";
import { flowOfRegistration, type KeepAliveOptions, type KeptFlow } from "./sip_keep_alive.ts";

/** What registrations need of an endpoint. */
export interface SipRegistrationsOptions {
  readonly clock: Clock;
  readonly core: UserAgentCore;
  /** The way to the core. */
  readonly perform: (act: (now: Instant) => SipOutput[]) => void;
  /** The registrar's servers, from the first that can be reached on. */
  readonly reach: (options: RegistrationOptions) => Promise<readonly Destination[]>;
  readonly keepAlive: (options: KeepAliveOptions) => KeptFlow;
  /** A flow to this place died. */
  readonly markFailed: (to: Destination) => void;
}

/** All of them, by the core's numbers. */
export class SipRegistrations {
  readonly #options: SipRegistrationsOptions;
  readonly #registrations = new Map<number, Registration>();
  #isClosed = false;

  /** @param options What they need. */
  constructor(options: SipRegistrationsOptions) {
    this.#options = options;
  }

  /** Begins one. Returns at once; everything else is an event of it. */
  start(options: RegistrationOptions): Registration {
    const registration = new Registration(this.#control, options.address);
    void this.#begin(registration, options);
    return registration;
  }

  /** The one of an address of record. */
  of(address: Uri): Registration | undefined {
    return [...this.#registrations.values()].find((it) => sameUri(it.address.uri, address));
  }

  /** The core reported something about one. */
  take(number: number, event: RegistrationEvent): void {
    const registration = this.#registrations.get(number);
    if (registration === undefined) return;
    registration.take(event);
    this.#keepFlow(registration, event);
    if (registration.isOver) this.#registrations.delete(number);
  }

  /** Nothing follows for any of them. Takes no binding back. */
  close(): void {
    this.#isClosed = true;
    for (const registration of this.#registrations.values()) registration.finish();
    this.#registrations.clear();
  }

  async #begin(registration: Registration, options: RegistrationOptions): Promise<void> {
    const { core, perform, reach } = this.#options;
    let destinations: readonly Destination[] = [];
    try {
      destinations = await reach(options);
    } catch (error) {
      if (!(error instanceof SottoError)) throw error;
      registration.take({ type: "refused", error, response: undefined });
      return;
    }
    if (registration.isOver || this.#isClosed) return;
    perform((now) => {
      const begun = core.register({ ...options, destinations }, now);
      registration.number = begun.registration;
      this.#registrations.set(begun.registration, registration);
      return begun.outputs;
    });
    if (options.destinations !== undefined) return;
    registration.relocate = () => void this.#relocate(registration, options);
  }

  /** RFC 5626 §4.2.1: after a failure DNS is asked again. */
  async #relocate(registration: Registration, options: RegistrationOptions): Promise<void> {
    try {
      const destinations = await this.#options.reach(options);
      const { number } = registration;
      if (number !== undefined) this.#options.core.relocateRegistration(number, destinations);
    } catch (error) {
      // The next attempt goes where the last one went, and tells what is wrong.
      if (!(error instanceof SottoError)) throw error;
    }
  }

  /** The flow of a registration is kept alive as long as the address is registered over it. */
  #keepFlow(registration: Registration, event: RegistrationEvent): void {
    const { flow } = registration;
    if (event.type !== "registered") {
      flow?.close();
      return;
    }
    const { to, ...how } = flowOfRegistration(event);
    if (flow !== undefined && !flow.isOver && isSameFlow(flow.to, to)) return;
    flow?.close();
    registration.flow = this.#options.keepAlive({
      ...how,
      to,
      onFailed: () => {
        this.#options.markFailed(to);
        // The end of a connection is seen by the core; over UDP nothing ends.
        if (to.connection === undefined) registration.refresh();
      },
    });
  }

  /** The door of the registrations. */
  readonly #control: RegistrationControl = {
    now: () => this.#options.clock.now(),
    until: (at, signal) => this.#options.clock.reached(at, signal),
    end: ({ number }) => {
      const { core, perform } = this.#options;
      if (number !== undefined) perform((now) => core.unregister(number, now));
    },
    refresh: ({ number }) => {
      const { core, perform } = this.#options;
      if (number !== undefined) perform((now) => core.refreshRegistration(number, now));
    },
  };
}

function isSameFlow(a: Destination, b: Destination): boolean {
  return a.transport === b.transport && a.host === b.host && a.port === b.port &&
    a.connection === b.connection;
}
