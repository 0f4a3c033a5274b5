/** How long to wait after a registration failed (RFC 5626 §4.5). */

import type { RandomSource } from "../../base/output.ts";
import { randomUpTo } from "../user_agent/tokens.ts";

/** What bounds the waits. */
export interface RetryTimes {
  /** `base-time`, in milliseconds. @default 2000 */
  readonly retryBase?: number | undefined;
  /** `max-time`, in milliseconds. @default 30000 */
  readonly retryMax?: number | undefined;
}

/**
 * W = min(max-time, base-time * 2^failures), and of that a random 50 to 100 %, so that not
 * everybody comes back at once after an outage.
 *
 * @param failures How many attempts failed in a row, the last one included.
 * @returns Milliseconds.
 */
export function retryDelay(failures: number, times: RetryTimes, random: RandomSource): number {
  // SPEC NOTE sip-37: the defaults of the RFC, 30 s and 30 min, are those of a telephone on a desk.
  const { retryBase = 2_000, retryMax = 30_000 } = times;
  const most = Math.min(retryMax, retryBase * 2 ** Math.min(failures, 30));
  const half = Math.floor(most / 2);
  return most - half + randomUpTo(random, half);
}
