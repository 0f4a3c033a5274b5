/** A registration on real sockets: what the core says about it, and its end (RFC 3261 §10.2). */

import { SottoError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import type { Destination, NameAddress, RegistrationEvent } from "../sip/mod.ts";
import { EventQueue } from "./event_queue.ts";
import type { KeptFlow } from "./sip_keep_alive.ts";

/** What a registration asks of its endpoint. Each does nothing for one that is over. */
export interface RegistrationControl {
  /** The present. */
  now(): Instant;
  /** Resolves at `at`, or never once the signal says so. */
  until(at: Instant, signal: AbortSignal): Promise<void>;
  /** Takes it back. */
  end(registration: Registration): void;
  /** Registers anew. */
  refresh(registration: Registration): void;
}

/** Events that may wait for somebody to read them; more are dropped, and {@link Registration.last} tells. */
const MOST_WAITING = 100;
/** How long {@link Registration.close} waits for the registrar, in milliseconds. */
const END_PATIENCE = 5_000;

/** One address that is kept registered until it is closed. */
export class Registration implements AsyncDisposable {
  readonly #control: RegistrationControl;
  readonly #queue = new EventQueue<RegistrationEvent>(MOST_WAITING);
  readonly #over = Promise.withResolvers<void>();
  readonly #settled = Promise.withResolvers<RegistrationEvent>();
  #last: RegistrationEvent | undefined;
  #registered: RegistrationEvent & { readonly type: "registered" } | undefined;
  #isOver = false;
  /** The core's number; none while the way is looked for. */
  number: number | undefined;
  /** Looks the registrar up again; none where its place was given. */
  relocate: (() => void) | undefined;
  /** Its flow, kept alive while the binding stands: it knows how the registrar sees us. */
  flow: KeptFlow | undefined;

  /** The address of record. */
  readonly address: NameAddress;

  /**
   * @param control The endpoint's door.
   * @param address What is registered.
   */
  constructor(control: RegistrationControl, address: NameAddress) {
    this.#control = control;
    this.address = address;
  }

  /** What happens, for one reader. Ends when nothing more can happen. */
  events(): AsyncIterable<RegistrationEvent> {
    return this.#queue;
  }

  /** The latest event. */
  get last(): RegistrationEvent | undefined {
    return this.#last;
  }

  /** Resolves when nothing more can happen. */
  get over(): Promise<void> {
    return this.#over.promise;
  }

  /** Whether nothing more can happen: it was refused, or taken back. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** What the registrar answered last, while the binding stands. */
  get registered(): RegistrationEvent & { readonly type: "registered" } | undefined {
    return this.#registered;
  }

  /** The way for requests of this address (RFC 3608 §5.1): Route fields behind the outbound proxy's. */
  get serviceRoute(): readonly NameAddress[] {
    return this.#registered?.serviceRoute ?? [];
  }

  /** Where the registrar was found. */
  get destination(): Destination | undefined {
    return this.#registered?.destination;
  }

  /**
   * Resolves with the first outcome: `registered`, `refused`, `failed` or `unregistered`.
   *
   * @param signal Stops waiting; the registration goes on.
   */
  async settled(signal?: AbortSignal): Promise<RegistrationEvent> {
    if (signal === undefined) return await this.#settled.promise;
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([this.#settled.promise, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Registers anew at once, without waiting for the time. */
  refresh(): void {
    this.#control.refresh(this);
  }

  /** Takes the binding back, and waits a few seconds for the registrar to say so. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    if (this.number === undefined) {
      this.take({ type: "unregistered", isConfirmed: true }); // Nothing was sent, and nothing will be.
      return;
    }
    this.#control.end(this);
    const waiting = new AbortController();
    await Promise.race([
      this.#over.promise,
      this.#control.until(this.#control.now() + END_PATIENCE, waiting.signal),
    ]);
    waiting.abort();
    this.finish();
  }

  /** The same as {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Something happened. */
  take(event: RegistrationEvent): void {
    if (this.#isOver) return;
    this.#last = event;
    this.#registered = event.type === "registered"
      ? event
      // A binding that could not be refreshed may still stand.
      : event.type === "failed"
      ? this.#registered
      : undefined;
    try {
      this.#queue.push(event);
    } catch (error) {
      // Nobody reads: the binding is kept up all the same.
      if (!(error instanceof SottoError)) throw error;
    }
    if (event.type === "failed") this.relocate?.();
    if (event.type !== "registering") this.#settled.resolve(event);
    if (event.type === "refused" || event.type === "unregistered") this.finish();
  }

  /** Nothing follows. */
  finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.flow?.close();
    this.#registered = undefined;
    this.#settled.resolve(this.#last ?? { type: "unregistered", isConfirmed: false });
    this.#queue.close();
    this.#over.resolve();
  }
}
