/**
 * Which relays want `uri` in Authorization, and which break on it: found out by trying, in an
 * order that ends, and remembered. RFC 4976 §7 has no such parameter.
 */
import type { RelayPathRefused } from "./events.ts";
import { type MsrpUri, writeMsrpUri } from "../uri.ts";

/** A choice for `RelayToAsk.uriParameter`. */
export type UriParameterChoice = "yes" | "no" | "probably-not";

/** What has been learned about relays. One for a process. */
export class UriParameterMemory {
  readonly #known = new Map<string, "yes" | "no">();
  readonly #limit: number;

  /** @param limit Relays that are remembered; the one that was learned first goes first. Default 256. */
  constructor(limit: number = 256) {
    this.#limit = limit;
  }

  /**
   * How to begin with a relay: with `uri`, as the reference of HTTP has it and most servers
   * know it, unless it is known to break on that.
   */
  choose(relay: MsrpUri): UriParameterChoice {
    return this.#known.get(keyOf(relay)) === "no" ? "probably-not" : "yes";
  }

  /** Whether something was learned about the relay. */
  isKnown(relay: MsrpUri): boolean {
    return this.#known.has(keyOf(relay));
  }

  /** The relay accepted credentials of this kind. */
  learn(relay: MsrpUri, kind: "yes" | "no"): void {
    const key = keyOf(relay);
    this.#known.delete(key);
    this.#known.set(key, kind);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#limit && oldest !== undefined) this.#known.delete(oldest);
  }

  /**
   * Whether a refusal is worth another connection on which `uri` is left out: silence, or a
   * hang-up, in answer to credentials that had it. Never twice for one session: the second time
   * they did not have it.
   */
  static isWorthWithout(refusal: RelayPathRefused): boolean {
    return refusal.credentials === "with-uri" && refusal.remaining === undefined &&
      (refusal.cause === "no-answer" || refusal.cause === "connection");
  }
}

function keyOf({ scheme, host, port }: MsrpUri): string {
  return writeMsrpUri({ scheme, host: host.toLowerCase(), port, transport: "tcp" });
}
