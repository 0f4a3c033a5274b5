/** The first server that can be reached, of those where a request may go (RFC 3263 §4.2, §4.3). */

import { SottoError } from "../base/errors.ts";
import type { Destination } from "../sip/mod.ts";
import type { Clock } from "./clock.ts";
import type { ServerHealth } from "./server_health.ts";

/** What trying takes. */
export interface ReachOptions {
  /** Binds or connects. */
  readonly prepare: (to: Destination) => Promise<void>;
  /** Told of those that cannot be reached. */
  readonly health: ServerHealth;
  readonly clock: Clock;
  /** Milliseconds that one server may take as long as there is another. Default 4,000. */
  readonly patience?: number;
}

/**
 * Tries one after the other.
 *
 * @returns The first that can be reached and those after it.
 * @throws {SottoError} what the first of them said, when none can be.
 */
export async function firstReachable(
  destinations: readonly Destination[],
  { prepare, health, clock, patience = 4_000 }: ReachOptions,
): Promise<readonly Destination[]> {
  let failure: SottoError | undefined;
  for (const [at, to] of destinations.entries()) {
    const isLast = at + 1 === destinations.length;
    const waiting = new AbortController();
    const preparing = prepare(to);
    try {
      if (isLast) await preparing;
      else {
        await Promise.race([
          preparing,
          clock.reached(clock.now() + patience, waiting.signal).then(() => {
            throw new SottoError("transport/timeout", `${to.host} does not answer`);
          }),
        ]);
      }
      return destinations.slice(at);
    } catch (error) {
      preparing.catch(() => {}); // The next one is being tried already.
      if (!(error instanceof SottoError)) throw error;
      health.markFailed(to, clock.now());
      failure ??= error;
    } finally {
      waiting.abort();
    }
  }
  throw failure ?? new SottoError("sip/no-server", "there is no server to try");
}

/**
 * The same promise, but no longer than `patience` milliseconds.
 *
 * @throws {SottoError} `sip/timeout`; what the promise rejects with later is dropped.
 */
export async function withinPatience<Result>(
  preparing: Promise<Result>,
  clock: Clock,
  patience: number,
): Promise<Result> {
  const waiting = new AbortController();
  try {
    return await Promise.race([
      preparing,
      clock.reached(clock.now() + patience, waiting.signal).then((): never => {
        throw new SottoError("sip/timeout", "the network did not answer");
      }),
    ]);
  } finally {
    waiting.abort();
    preparing.catch(() => {}); // Too late to matter: the race has told the caller already.
  }
}
