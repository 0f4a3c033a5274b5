/** What the four transactions show in the same way: their machine's state, deadline and failures (RFC 3261 §17). */

import type { Instant } from "../../base/output.ts";
import type { TransactionAction, TransactionMachine } from "./machine.ts";

/** A transaction around its machine; each kind adds the messages that move it. */
export abstract class Transaction<State extends string, Stimulus extends string> {
  /** The machine; its table is the kind's own. */
  protected readonly machine: TransactionMachine<State, Stimulus | "transport-error">;

  /** @param machine In its first state. */
  constructor(machine: TransactionMachine<State, Stimulus | "transport-error">) {
    this.machine = machine;
  }

  /** The state it is in. */
  get state(): State {
    return this.machine.state;
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    return this.machine.deadline;
  }

  /** The transport could not deliver. */
  receiveTransportError(now: Instant): TransactionAction[] {
    return this.machine.stimulate("transport-error", now);
  }

  /** {@link deadline} has passed. */
  handleTimeout(now: Instant): TransactionAction[] {
    return this.machine.handleTimeout(now);
  }
}
