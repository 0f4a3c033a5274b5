/**
 * Who may go on guessing our secret: the failures of the last hour and the guesses that run now
 * count together. Without the latter, as many calls as run at once would have a guess each
 * before the first failure is written.
 */
import { escapeText } from "../base/escape.ts";
import type { SmpFailureLog } from "../storage/mod.ts";
import type { SmpGuard } from "./chat_options.ts";
import type { Clock } from "./clock.ts";

/** A guard for one session. */
export interface SmpAttempt extends SmpGuard {
  /** The session is over: what ran in it runs no more. Safe to call again. */
  release(): Promise<void>;
}

/** The guesses of everybody at one home, as far as this process sees them. */
export class SmpLockout {
  readonly #log: SmpFailureLog;
  readonly #clock: Pick<Clock, "wallNow">;
  /** Guesses that run, by address and by fingerprint. No more than there are sessions. */
  readonly #running = new Map<string, number>();
  /** One at a time: between a look at the log and what follows from it, nothing changes. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param log The failures that were written down. */
  constructor(log: SmpFailureLog, clock: Pick<Clock, "wallNow">) {
    this.#log = log;
    this.#clock = clock;
  }

  /** The guard of a new session. To be released when the session is over. */
  attempt(): SmpAttempt {
    let held: readonly string[] = [];
    const release = (): void => {
      for (const key of held) {
        const left = (this.#running.get(key) ?? 1) - 1;
        if (left > 0) this.#running.set(key, left);
        else this.#running.delete(key);
      }
      held = [];
    };
    return {
      refusal: (address, fingerprint) =>
        this.#inTurn(async () => {
          release(); // One session guesses one guess at a time.
          const now = this.#clock.wallNow();
          const failed = await this.#log.failuresOf(address, fingerprint, now);
          const keys = [`address ${address}`, `fingerprint ${fingerprint}`];
          const counts = [failed.address, failed.fingerprint];
          const isTooMuch = keys.some((key, at) =>
            (counts[at] ?? 0) + (this.#running.get(key) ?? 0) >= this.#log.threshold
          );
          if (isTooMuch) {
            return `SMP question from ${
              escapeText(address)
            } not answered: too many failures in the last hour`;
          }
          for (const key of keys) this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
          held = keys;
          return undefined;
        }),
      failed: (address, fingerprint) =>
        this.#inTurn(async () => {
          await this.#log.recordFailure(address, fingerprint, this.#clock.wallNow());
          release();
        }),
      succeeded: (address, fingerprint) =>
        this.#inTurn(async () => {
          await this.#log.clear(address, fingerprint, this.#clock.wallNow());
          release();
        }),
      release: () => this.#inTurn(() => Promise.resolve(release())),
    };
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {}); // Whoever asked is told.
    return done;
  }
}
