/** "Is typing" in both directions, with its timers (RFC 3994 §3.2, §3.3). */

import {
  ComposingReceiver,
  ComposingSender,
  type ComposingSenderOptions,
  type IsComposing,
} from "../im/mod.ts";
import type { Clock } from "./clock.ts";

/** Who is told. */
export interface ComposingTalkOptions {
  readonly clock: Clock;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Says it to the peer; `refresh` in seconds. */
  readonly send: (state: "active" | "idle", refresh: number) => void;
  /** The peer began to type, or stopped. */
  readonly tell: (state: "active" | "idle") => void;
  readonly timers?: ComposingSenderOptions | undefined;
}

/** Our typing and the peer's. */
export class ComposingTalk {
  readonly #options: ComposingTalkOptions;
  readonly #sender: ComposingSender;
  readonly #receiver = new ComposingReceiver();
  #waiting = new AbortController();

  /** @param options Who is told, and by which clock. */
  constructor(options: ComposingTalkOptions) {
    this.#options = options;
    this.#sender = new ComposingSender(options.timers);
  }

  /** A key was pressed. */
  typed(): void {
    this.#act((now) => this.#sender.composing(now));
  }

  /** What was typed was given up. */
  stopped(): void {
    this.#act(() => this.#sender.stopped());
  }

  /** The message itself leaves. */
  said(): void {
    this.#sender.messageSent();
    this.#wait();
  }

  /** A status document of the peer's came. */
  heard(status: IsComposing): void {
    this.#tell(this.#receiver.receiveStatus(status, this.#options.clock.now()));
  }

  /** A message of the peer's came: that is what it typed. */
  received(): void {
    this.#tell(this.#receiver.receiveMessage());
  }

  #act(verb: (now: number) => "active" | "idle" | undefined): void {
    const state = verb(this.#options.clock.now());
    if (state !== undefined) this.#options.send(state, this.#sender.refresh);
    this.#wait();
  }

  #tell(state: "active" | "idle" | undefined): void {
    if (state !== undefined) this.#options.tell(state);
    this.#wait();
  }

  /** Waits for the earlier of both deadlines, in place of whatever was waited for. */
  #wait(): void {
    const { clock, signal } = this.#options;
    this.#waiting.abort();
    if (signal.aborted) return;
    const { deadline: ours = Infinity } = this.#sender;
    const { deadline: theirs = Infinity } = this.#receiver;
    const earliest = Math.min(ours, theirs);
    if (earliest === Infinity) return;
    const waiting = this.#waiting = new AbortController();
    const either = AbortSignal.any([waiting.signal, signal]);
    void clock.reached(earliest, either).then(() => {
      if (either.aborted) return;
      if (clock.now() >= theirs) this.#tell(this.#receiver.handleTimeout(clock.now()));
      this.#act((now) => now >= ours ? this.#sender.handleTimeout(now) : undefined);
    });
  }
}
