/** The way that was taken while locating: asks, notes down, and bounds what comes (RFC 3263 §4.2, RFC 2782). */

import { type ErrorCode, SottoError } from "../../base/errors.ts";
import { escapeText } from "../../base/escape.ts";
import { isAddress, isHost, normalizeHost } from "../message/host.ts";
import type { SipTransport } from "../message/message.ts";
import type { Destination } from "../user_agent/destination.ts";
import type {
  Location,
  LocationLimits,
  LocationPolicy,
  LocationStep,
  LookUp,
  LookUpAnswer,
} from "./location.ts";
import type { NaptrRule } from "./naptr_choice.ts";
import { sortSrv, type SrvServer } from "./srv_order.ts";

/** A place that a name stands for. */
interface Place {
  readonly host: string;
  readonly port: number;
}

/** What each destination of one URI has in common. */
export interface Goal {
  /** What a certificate must speak for: the host of the URI (RFC 5922 §7.3). */
  readonly domain: string;
  /** The transport was asked for. */
  readonly isFixed: boolean;
}

/** A service's servers: none known, decidedly none, or some. */
export type Servers = readonly SrvServer[] | "unknown" | "not-available";

/** What a step of locating is written as: it asks, and returns what it found. */
type Asking<Result> = Generator<readonly LookUp[], Result, readonly LookUpAnswer[]>;

const DEFAULT_LIMITS: Required<LocationLimits> = {
  records: 64,
  services: 4,
  servers: 16,
  addresses: 8,
  destinations: 32,
};

/** One way from a name to places. */
export class Trail {
  readonly #steps: LocationStep[] = [];
  readonly #goal: Goal;
  readonly #policy: LocationPolicy;
  readonly #limits: Required<LocationLimits>;
  /** Why addresses could not be had, the first time. */
  #failure: SottoError | undefined;

  /** @param goal Goes into every destination. */
  constructor(goal: Goal, policy: LocationPolicy) {
    this.#goal = goal;
    this.#policy = policy;
    this.#limits = { ...DEFAULT_LIMITS, ...policy.limits };
  }

  /** Most services that are asked for servers. */
  get serviceLimit(): number {
    return this.#limits.services;
  }

  /** Notes a decision that asked nobody. */
  note(clause: string, decision: string): void {
    this.#steps.push({ clause, decision });
  }

  /** The end of the way: no destination. */
  fail(code: ErrorCode, clause: string, message: string): Location {
    this.note(clause, message);
    return { destinations: [], steps: this.#steps, error: new SottoError(code, message) };
  }

  /** NAPTR records of a domain; what is decided about them is noted by {@link decide}. */
  *naptr(name: string): Asking<readonly NaptrRule[]> {
    const question: LookUp = { type: "NAPTR", name };
    const [answer = {}] = yield [question];
    const records = (answer.naptr ?? []).slice(0, this.#limits.records);
    const found = answer.error === undefined ? records.map(showNaptr) : [answer.error.message];
    this.#steps.push({ clause: "RFC 3263 §4.1", question, found, decision: "" });
    return records;
  }

  /** Adds to the last step what follows from it. */
  decide(decision: string): void {
    const last = this.#steps.pop();
    if (last !== undefined) this.#steps.push({ ...last, decision });
  }

  /** SRV records of several services, asked for at once, each in the order of trial. */
  *srv(clause: string, names: readonly string[]): Asking<Servers[]> {
    const questions = names.map((name): LookUp => ({ type: "SRV", name }));
    const answers = yield questions;
    return questions.map((question, at) => this.#judgeSrv(clause, question, answers[at] ?? {}));
  }

  #judgeSrv(clause: string, question: LookUp, answer: LookUpAnswer): Servers {
    const records = (answer.srv ?? []).slice(0, this.#limits.records);
    const found = answer.error === undefined ? records.map(showSrv) : [answer.error.message];
    const decide = (decision: string) => this.#steps.push({ clause, question, found, decision });
    const [only] = records;
    if (only === undefined) {
      decide("no servers are named");
      return "unknown";
    }
    if (records.length === 1 && only.target === ".") {
      decide("the domain says that it does not offer this (RFC 2782)");
      return "not-available";
    }
    const usable = records.filter(({ target, port }) => isHost(target) && port > 0);
    const servers = sortSrv(usable, this.#policy.random).slice(0, this.#limits.servers);
    const order = servers.map(({ target, port }) => `${target}:${port}`).join(", ");
    decide(servers.length === 0 ? "none of them can be used" : `tried in this order: ${order}`);
    return servers.length === 0 ? "not-available" : servers;
  }

  /** The end of the way: the addresses of places, in order. */
  *reach(clause: string, transport: SipTransport, places: readonly Place[]): Asking<Location> {
    const names = [...new Set(places.map(({ host }) => host).filter((it) => !isAddress(it)))];
    const questions = names.map((name): LookUp => ({ type: "address", name }));
    const answers = questions.length === 0 ? [] : yield questions;
    const known = new Map<string, readonly string[]>();
    for (const [at, question] of questions.entries()) {
      known.set(question.name, this.#judgeAddresses(clause, question, answers[at] ?? {}));
    }
    const destinations: Destination[] = [];
    for (const { host, port } of places) {
      for (const address of known.get(host) ?? [host]) {
        const isKnown = destinations.some((it) => it.host === address && it.port === port);
        if (isKnown || destinations.length >= this.#limits.destinations) continue;
        destinations.push({ transport, host: address, port, ...this.#goal });
      }
    }
    if (destinations.length > 0) return { destinations, steps: this.#steps };
    const error = this.#failure ??
      new SottoError("sip/no-server", `${this.#goal.domain} has no server that has an address`);
    return { destinations, steps: this.#steps, error };
  }

  #judgeAddresses(clause: string, question: LookUp, answer: LookUpAnswer): readonly string[] {
    const addresses = (answer.addresses ?? []).filter(isAddress).slice(0, this.#limits.addresses);
    const found = answer.error === undefined ? addresses : [answer.error.message];
    const decision = addresses.length === 0 ? "it cannot be reached" : "tried in this order";
    this.#steps.push({ clause, question, found, decision });
    if (addresses.length === 0) this.#failure ??= answer.error;
    return addresses.map(plainAddress);
  }
}

/** IPv4 inside IPv6 is reached as IPv4; other spellings stay as they came. */
function plainAddress(address: string): string {
  return address.toLowerCase().startsWith("::ffff:") ? normalizeHost(address) : address;
}

function showNaptr({ order, preference, flags, services, replacement }: NaptrRule): string {
  const text = `${order} ${preference} "${flags}" "${services}" ${replacement}`;
  return escapeText(text, 200);
}

function showSrv({ priority, weight, port, target }: SrvServer): string {
  return escapeText(`${priority} ${weight} ${port} ${target}`, 200);
}
