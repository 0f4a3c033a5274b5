/** Collects what a core asks its driver to do, in order. */

import { writeSipMessage } from "../message/message_writer.ts";
import type { SipMessage } from "../message/message.ts";
import type { SipTask } from "../events.ts";
import type { Destination } from "./destination.ts";

/** The outputs of one call into the core, until they are taken. */
export class Outbox<Event> {
  #outputs: SipTask<Event>[] = [];

  /** A message for the network. */
  transmit(message: SipMessage, to: Destination, transaction?: string): void {
    this.transmitBytes(writeSipMessage(message), to, transaction);
  }

  /** Octets for the network. */
  transmitBytes(data: Uint8Array, to: Destination, transaction?: string): void {
    this.#outputs.push(
      transaction === undefined
        ? { type: "transmit", data, to }
        : { type: "transmit", data, to, transaction },
    );
  }

  /** Something for the application, or for the log. */
  report(event: Event): void {
    this.#outputs.push({ type: "event", event });
  }

  /** Nothing follows on `connection`. */
  close(connection: number): void {
    this.#outputs.push({ type: "close", connection });
  }

  /** What was collected since the last time. */
  take(): SipTask<Event>[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}
