/** What the four transaction machines share: a total table, timers, actions in order (RFC 3261 §17). */

import type { Instant } from "../../base/output.ts";
import type { SipMessage, SipRequest, SipResponse } from "../message/message.ts";
import { timerDelay, type TimerName, type Timers } from "./timers.ts";

/** What a transaction asks of the layers around it, in order. */
export type TransactionAction =
  /** Hand the message to the transport, to where the transaction's messages go. */
  | { readonly type: "send"; readonly message: SipMessage }
  /** Client: a response for the transaction user. */
  | { readonly type: "response"; readonly response: SipResponse }
  /** INVITE server: the ACK to a 2xx, for the transaction user. */
  | { readonly type: "ack"; readonly request: SipRequest }
  /** Nothing came in time (Timers B, F, H). */
  | { readonly type: "timed-out" }
  /** The transport could not deliver. */
  | { readonly type: "transport-failed" };

/** What a handler of the table may do before it names the next state. */
export interface Step {
  /** The message that is the stimulus, where it is one. */
  readonly message: SipMessage | undefined;
  /** Adds an action. */
  act(action: TransactionAction): void;
  /** Starts a timer with the delay that the RFC gives it. Timers without one do not run. */
  start(name: TimerName): void;
  /** Starts a timer that has fired again, with twice its delay, at least `least`, at most `most`. */
  restart(name: TimerName, most: number, least?: number): void;
  /** Stops timers. */
  stop(...names: TimerName[]): void;
}

/** A cell: what to do, or that the stimulus means nothing in this state. */
export type Cell<State extends string> = ((step: Step) => State) | "ignore";

/** Every state crossed with every stimulus. */
export type TransitionTable<State extends string, Stimulus extends string> = Readonly<
  Record<State, Readonly<Record<Stimulus, Cell<State>>>>
>;

/** Timers stimulate a machine under these names. */
export type TimerStimulus<Name extends TimerName> = `timer-${Name}`;

/** One transaction in one of its states. */
export class TransactionMachine<State extends string, Stimulus extends string> {
  readonly #table: TransitionTable<State, Stimulus>;
  readonly #timers: Timers;
  readonly #isReliable: boolean;
  readonly #running = new Map<TimerName, { at: Instant; delay: number }>();
  /** Delay of the timer that fired last. */
  #fired = 0;
  #state: State;

  /**
   * @param table Its transitions.
   * @param initial The state it begins in.
   * @param timers How long its timers run.
   * @param isReliable Whether its transport is.
   */
  constructor(
    table: TransitionTable<State, Stimulus>,
    initial: State,
    timers: Timers,
    isReliable: boolean,
  ) {
    this.#table = table;
    this.#state = initial;
    this.#timers = timers;
    this.#isReliable = isReliable;
  }

  /** The state it is in. */
  get state(): State {
    return this.#state;
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    let earliest: Instant | undefined;
    for (const { at } of this.#running.values()) {
      if (earliest === undefined || at < earliest) earliest = at;
    }
    return earliest;
  }

  /** Begins: starts timers and sends what is sent first. */
  begin(now: Instant, first: (step: Step) => void): TransactionAction[] {
    const actions: TransactionAction[] = [];
    first(this.#step(undefined, now, actions));
    return actions;
  }

  /** Something happened. */
  stimulate(stimulus: Stimulus, now: Instant, message?: SipMessage): TransactionAction[] {
    const actions: TransactionAction[] = [];
    const cell: Cell<State> = this.#table[this.#state][stimulus];
    if (cell !== "ignore") this.#state = cell(this.#step(message, now, actions));
    if (this.#state === "Terminated") this.#running.clear();
    return actions;
  }

  /** Fires the timers whose time has come, the earliest first. */
  handleTimeout(now: Instant): TransactionAction[] {
    const actions: TransactionAction[] = [];
    for (;;) {
      const due = [...this.#running].filter(([, { at }]) => at <= now)
        .sort(([, a], [, b]) => a.at - b.at)[0];
      if (due === undefined) return actions;
      const [name, timer] = due;
      this.#running.delete(name);
      this.#fired = timer.delay;
      // The table has a row for every timer that its handlers start.
      actions.push(...this.stimulate(`timer-${name}` as Stimulus, now));
    }
  }

  #step(message: SipMessage | undefined, now: Instant, actions: TransactionAction[]): Step {
    return {
      message,
      act: (action) => actions.push(action),
      start: (name) => {
        const delay = timerDelay(name, this.#timers, this.#isReliable);
        if (delay !== undefined) this.#running.set(name, { at: now + delay, delay });
      },
      restart: (name, most, least = 0) => {
        const delay = Math.max(least, Math.min(2 * this.#fired, most));
        this.#running.set(name, { at: now + delay, delay });
      },
      stop: (...names) => names.forEach((name) => this.#running.delete(name)),
    };
  }
}
