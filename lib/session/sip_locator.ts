/** Where the servers of URIs are: RFC 3263 by DNS, remembered for a short while, the dead ones last. */

import { SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import {
  type Destination,
  isAddress,
  judgeSipMessage,
  locateSender,
  locateServers,
  type Location,
  type NameAddress,
  type SipTransport,
  type SipUri,
  topVia,
  withParameter,
  writeUri,
} from "../sip/mod.ts";
import type { DnsOptions } from "../transport/mod.ts";
import type { Clock } from "./clock.ts";
import { locateByDns } from "./dns_look_up.ts";
import { ServerHealth, type ServerHealthOptions } from "./server_health.ts";

/** What a locator is made with. */
export interface SipLocatorOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Whom to ask; its signal ends everything. */
  readonly dns?: DnsOptions | undefined;
  readonly health?: ServerHealthOptions | undefined;
}

/** What was found, and until when it is believed. */
interface Known {
  readonly location: Location;
  readonly until: number;
}

/** One endpoint's knowledge of where others are. */
export class SipLocator {
  /** Who failed lately. */
  readonly health: ServerHealth;
  readonly #options: SipLocatorOptions;
  /** By transport and URI. Retransmissions and the next requests go to where the first one went. */
  readonly #known = new Map<string, Known>();
  /** Addresses of names, so that what is said about us suits where it goes. */
  readonly #addresses = new Map<string, string>();

  /** @param options What it is made with. */
  constructor(options: SipLocatorOptions) {
    this.#options = options;
    this.health = new ServerHealth(options.health);
  }

  /**
   * Where a request to `uri` goes. Not empty.
   *
   * @param transport What the user asked for, over what the URI says.
   * @throws {SottoError} `sip/unsupported-uri`, `sip/not-available`, `sip/no-server`,
   * `transport/name-not-found`, `transport/name-server`.
   */
  async locate(uri: SipUri, transport?: SipTransport): Promise<readonly Destination[]> {
    const { clock, random, dns } = this.#options;
    const { user: _user, password: _password, ...place } = uri;
    const key = `${transport ?? ""}|${writeUri(place)}`;
    const known = this.#known.get(key);
    let location = known !== undefined && known.until > clock.now() ? known.location : undefined;
    if (location === undefined) {
      location = await locateByDns(locateServers(uri, { random, transport }), dns);
      if (location.error !== undefined) throw location.error;
      bounded(this.#known, key, { location, until: clock.now() + MEMORY });
    }
    return this.health.sort(location.destinations, clock.now());
  }

  /**
   * The addresses behind a destination that is a name, as the core has it: the transport stays,
   * because it stands in the Via already. A destination with an address is its own answer.
   *
   * @throws {SottoError} as {@link locate}.
   */
  resolve(to: Destination): readonly Destination[] | Promise<readonly Destination[]> {
    return isAddress(to.host) ? [to] : this.#resolve(to);
  }

  /** The address that {@link resolve} found for a name; an address is its own answer. */
  addressOf(host: string): string {
    return this.#addresses.get(host) ?? host;
  }

  /** Where else a response can go, by the sent-by of its topmost Via (RFC 3263 §5). Empty when nowhere. */
  async alternatives(response: Uint8Array): Promise<readonly Destination[]> {
    const judged = judgeSipMessage(response, { transport: "udp" });
    if (judged.verdict !== "valid" || judged.message.kind !== "response") return [];
    const { random, dns, clock } = this.#options;
    const locating = locateSender(topVia(judged.message), { random });
    return this.health.sort((await locateByDns(locating, dns)).destinations, clock.now());
  }

  async #resolve(to: Destination): Promise<readonly Destination[]> {
    const uri: SipUri = {
      scheme: "sip",
      host: to.host,
      port: to.portIsImplied === true ? undefined : to.port,
      parameters: [],
      headers: [],
    };
    const found = await this.locate(uri, to.transport);
    const [first] = found;
    if (first === undefined) throw new SottoError("sip/no-server", `${to.host} has no address`);
    bounded(this.#addresses, to.host, first.host);
    return found.map(({ host, port }) => ({ ...to, domain: to.domain ?? to.host, host, port }));
  }
}

/** An outbound proxy as the loose route that requests begin with (RFC 3261 §8.1.2, §16.12.1.1). */
export function outboundRoutes(proxy: SipUri | undefined): NameAddress[] {
  if (proxy === undefined) return [];
  const uri = { ...proxy, parameters: withParameter(proxy.parameters, "lr") };
  return [{ uri, parameters: [] }];
}

/** Remembers, and forgets the oldest when there are too many. */
function bounded<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next().value;
  if (map.size > MOST_KNOWN && oldest !== undefined) map.delete(oldest);
}

/** Milliseconds for which an answer is believed: DNS said how long, the resolver does not (SPEC NOTE transport-2). */
const MEMORY = 30_000;
/** Names and URIs that are remembered. */
const MOST_KNOWN = 128;
