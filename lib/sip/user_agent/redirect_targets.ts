/** Where a call goes that was redirected: by preference, never twice to the same place (RFC 3261 §8.1.3.4, §21.3). */

import { PeerError } from "../../base/errors.ts";
import type { HeaderField } from "../message/message.ts";
import { parseNameAddressList } from "../message/name_address.ts";
import { parameterValue } from "../message/parameters.ts";
import { isSipUri, type SipUri } from "../message/uri.ts";
import { sameUri } from "../message/uri_comparison.ts";
import { asRequestUri } from "../dialog/route_set.ts";

/** Statuses whose Contact says where else to try. 305 and 380 mean something else. */
const REDIRECTIONS: ReadonlySet<number> = new Set([300, 301, 302]);

/** The targets of one call. */
export class RedirectTargets {
  readonly #limit: number;
  readonly #isSecure: boolean;
  /** Everything that was tried or waits to be. */
  readonly #known: SipUri[];
  #waiting: SipUri[] = [];
  #followed = 0;

  /**
   * @param original What was called first.
   * @param limit How many other targets are tried at most.
   */
  constructor(original: SipUri, limit: number) {
    this.#limit = limit;
    this.#isSecure = original.scheme === "sips";
    this.#known = [original];
  }

  /**
   * The call was refused, or failed without a response.
   *
   * @param status 300 to 699, or `undefined` without a response.
   * @param headers Of the response.
   * @returns The next target, or `undefined` when the failure stands: for 6xx, when nobody
   *   redirected the call, and when no target is left.
   */
  next(status: number | undefined, headers: readonly HeaderField[]): SipUri | undefined {
    if (status !== undefined && status >= 600) return undefined;
    if (status !== undefined && REDIRECTIONS.has(status)) this.#add(headers);
    if (this.#followed >= this.#limit) return undefined;
    const target = this.#waiting.shift();
    if (target !== undefined) this.#followed++;
    return target;
  }

  #add(headers: readonly HeaderField[]): void {
    const found: { readonly uri: SipUri; readonly q: number }[] = [];
    for (const { name, value } of headers) {
      if (name.toLowerCase() !== "contact" || value === "*") continue;
      try {
        for (const { uri, parameters } of parseNameAddressList(value, "Contact")) {
          const q = Number(parameterValue(parameters, "q") ?? "1");
          if (isSipUri(uri)) found.push({ uri: asRequestUri(uri), q: q >= 0 && q <= 1 ? q : 1 });
        }
      } catch (error) {
        if (!(error instanceof PeerError)) throw error; // What nobody can read leads nowhere.
      }
    }
    // Equal preferences stay in the order in which they came.
    for (const { uri } of found.sort((a, b) => b.q - a.q)) {
      // §8.1.3.4: a call that was to be secure stays so.
      if (this.#isSecure && uri.scheme !== "sips") continue;
      if (this.#known.length > MOST_KNOWN || this.#known.some((it) => sameUri(it, uri))) continue;
      this.#known.push(uri);
      this.#waiting.push(uri);
    }
  }
}

/** Targets that are remembered, so that a server cannot fill memory with them. */
const MOST_KNOWN = 64;
