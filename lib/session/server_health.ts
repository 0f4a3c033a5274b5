/** Which servers failed lately: they are tried last for a while (RFC 3263 §4.3, RFC 3261 §21.5.4). */

import type { Instant } from "../base/output.ts";
import type { Destination } from "../sip/mod.ts";

/** How servers are remembered. */
export interface ServerHealthOptions {
  /** Milliseconds for which a server that failed is tried last. Default 60,000. */
  readonly patience?: number;
  /** The same for a server that says 503 with a Retry-After: at most this. Default 600,000. */
  readonly mostPatience?: number;
  /** Servers that are remembered; the oldest are forgotten first. Default 256. */
  readonly limit?: number;
}

/** The servers that failed. */
export class ServerHealth {
  readonly #failed = new Map<string, Instant>();
  readonly #options: Required<ServerHealthOptions>;

  /** @param options How they are remembered. */
  constructor(options: ServerHealthOptions = {}) {
    this.#options = { patience: 60_000, mostPatience: 600_000, limit: 256, ...options };
  }

  /**
   * A server refused a connection, was silent, or said 503.
   *
   * @param retryAfter Milliseconds that the server asked for.
   */
  markFailed(to: Destination, now: Instant, retryAfter?: number): void {
    const { patience, mostPatience, limit } = this.#options;
    const key = keyOf(to);
    this.#failed.delete(key);
    this.#failed.set(key, now + Math.min(retryAfter ?? patience, mostPatience));
    const oldest = this.#failed.keys().next().value;
    if (this.#failed.size > limit && oldest !== undefined) this.#failed.delete(oldest);
  }

  /** Whether it failed lately. */
  isFailed(to: Destination, now: Instant): boolean {
    const until = this.#failed.get(keyOf(to));
    if (until === undefined) return false;
    if (until <= now) this.#failed.delete(keyOf(to));
    return until > now;
  }

  /** The same destinations in the same order, but those that failed lately come last. */
  sort(destinations: readonly Destination[], now: Instant): Destination[] {
    const failed = destinations.filter((it) => this.isFailed(it, now));
    return [...destinations.filter((it) => !failed.includes(it)), ...failed];
  }
}

function keyOf({ transport, host, port }: Destination): string {
  return `${transport}|${host.toLowerCase()}|${port}`;
}
