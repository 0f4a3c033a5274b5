/** All registrations of one user agent. */

import type { Instant } from "../../base/output.ts";
import type { Destination } from "../user_agent/destination.ts";
import {
  Registration,
  type RegistrationContext,
  type RegistrationOptions,
} from "./registration.ts";

/** The core's number of a registration; never used twice. */
export type RegistrationId = number;

/** Registrations that one user agent keeps: far above what one person has accounts. */
export const MAX_REGISTRATIONS = 256;

/** Keeps them, and their time. */
export class Registrations {
  readonly #contextFor: (
    registration: RegistrationId,
  ) => Omit<RegistrationContext, "forget">;
  readonly #all = new Map<RegistrationId, Registration>();
  #count = 0;

  /** @param contextFor The surroundings of each. */
  constructor(
    contextFor: (registration: RegistrationId) => Omit<RegistrationContext, "forget">,
  ) {
    this.#contextFor = contextFor;
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    const times = [...this.#all.values()].map((it) => it.deadline).filter((it) => it !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** {@link deadline} may have passed. */
  handleTimeout(now: Instant): void {
    for (const it of [...this.#all.values()]) it.handleTimeout(now);
  }

  /**
   * Begins one.
   *
   * @throws {RangeError} beyond {@link MAX_REGISTRATIONS}.
   * @throws {TypeError} when the address is no SIP URI.
   */
  begin(options: RegistrationOptions, now: Instant): RegistrationId {
    if (this.#all.size >= MAX_REGISTRATIONS) throw new RangeError("too many registrations");
    const id = ++this.#count;
    const context: RegistrationContext = {
      ...this.#contextFor(id),
      forget: () => this.#all.delete(id),
    };
    this.#all.set(id, new Registration(context, options, now));
    return id;
  }

  /** Registers anew at once. One that is over stays so. */
  refresh(id: RegistrationId, now: Instant): void {
    this.#all.get(id)?.refresh(now);
  }

  /** Where the registrar is from now on. */
  relocate(id: RegistrationId, destinations: readonly Destination[]): void {
    this.#all.get(id)?.relocate(destinations);
  }

  /** Takes one back. One that is over stays so. */
  end(id: RegistrationId, now: Instant): void {
    this.#all.get(id)?.end(now);
  }

  /** A connection is gone, or its keep-alives are not answered. */
  receiveFlowEnd(connection: number, now: Instant): void {
    for (const it of [...this.#all.values()]) it.receiveFlowEnd(connection, now);
  }
}
