/** Keeps one flow alive and notices when it is not (RFC 5626 §4.4). Pure: time and randomness come from outside. */

import { ascii } from "../../base/ascii.ts";
import { equalBytes } from "../../base/bytes.ts";
import { PeerError, SottoError } from "../../base/errors.ts";
import type { Instant, RandomSource } from "../../base/output.ts";
import type { HostPort } from "../../base/wire_tap.ts";
import { isReliable, type SipTransport } from "../message/message.ts";
import { writeHostPort } from "../message/host.ts";
import { parseStun, type StunMessage, writeStun } from "./stun_message.ts";

/** How a flow is kept alive. */
export interface KeepAliveSettings {
  readonly transport: SipTransport;
  readonly random: RandomSource;
  /**
   * The Flow-Timer of the registration: milliseconds after which the server may give us up.
   * Without it 120,000 for connections, 29,000 for UDP.
   */
  readonly interval?: number | undefined;
  /**
   * Whether the server is known to answer (§4.4: it was registered with by `outbound`, or a
   * person said so). Otherwise line ends hold the way open over connections, and over UDP
   * nothing is sent: STUN must not be sent to who does not expect it (§8). Default true.
   */
  readonly expectsAnswer?: boolean | undefined;
}

/** What is to be done, or has happened. */
export type KeepAliveOutput =
  /** Send this over the flow. A pong answers it if `wantsPong`. */
  | { readonly type: "transmit"; readonly data: Uint8Array; readonly wantsPong: boolean }
  /** The server is there. Over UDP it says under which address it sees us. */
  | { readonly type: "alive"; readonly address: HostPort | undefined }
  /** The flow is dead; nothing follows. */
  | { readonly type: "failed"; readonly error: SottoError };

type State =
  | { readonly type: "resting"; readonly until: Instant }
  | { readonly type: "pinged"; readonly until: Instant }
  | {
    readonly type: "asked";
    readonly until: Instant;
    readonly transaction: Uint8Array;
    /** Requests that were sent. */
    readonly count: number;
  }
  | { readonly type: "over" };

/** One flow's keep-alive. */
export class KeepAlive {
  readonly #settings: KeepAliveSettings;
  #state: State;
  #address: HostPort | undefined;

  /** @param settings How; the first keep-alive is sent after the first interval. */
  constructor(settings: KeepAliveSettings, now: Instant) {
    this.#settings = settings;
    const { transport, expectsAnswer = true } = settings;
    this.#state = isReliable(transport) || expectsAnswer ? this.#rest(now) : { type: "over" };
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    return this.#state.type === "over" ? undefined : this.#state.until;
  }

  /** {@link deadline} has passed. */
  handleTimeout(now: Instant): KeepAliveOutput[] {
    const state = this.#state;
    if (state.type === "over" || state.until > now) return [];
    switch (state.type) {
      case "resting":
        return isReliable(this.#settings.transport) ? this.#ping(now) : this.#ask(now);
      case "pinged":
        return this.#fail("the server does not answer keep-alives");
      case "asked": {
        const count = state.count + 1;
        if (count > MOST_REQUESTS) return this.#fail("the server does not answer STUN");
        // RFC 5389 §7.2.1: twice as long each time, and 16 RTO after the last.
        const wait = count === MOST_REQUESTS ? 16 * RTO : RTO * 2 ** (count - 1);
        this.#state = { ...state, count, until: now + wait };
        return [this.#request(state.transaction)];
      }
      default:
        return state satisfies never;
    }
  }

  /** The answer to a ping of ours. */
  receivePong(now: Instant): KeepAliveOutput[] {
    if (this.#state.type !== "pinged") return [];
    this.#state = this.#rest(now);
    return [{ type: "alive", address: undefined }];
  }

  /** A STUN message from the server. What is no answer to our question is ignored. */
  receiveStun(data: Uint8Array, now: Instant): KeepAliveOutput[] {
    const state = this.#state;
    if (state.type !== "asked") return [];
    let message: StunMessage;
    try {
      message = parseStun(data);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      return [];
    }
    if (!equalBytes(message.transaction, state.transaction)) return [];
    if (message.class === "error") {
      return this.#fail(`the server refuses STUN: ${message.errorCode ?? "without a code"}`);
    }
    const { mappedAddress } = message;
    // RFC 5389 §7.3.3: with attributes that have to be understood it is as if none had come.
    if (message.class !== "success" || message.unknownAttributes !== undefined) return [];
    if (mappedAddress === undefined) return this.#fail("the server does not say how it sees us");
    const before = this.#address;
    this.#address = mappedAddress;
    if (before !== undefined && !isSame(before, mappedAddress)) {
      return this.#fail(`our address changed from ${show(before)} to ${show(mappedAddress)}`);
    }
    this.#state = this.#rest(now);
    return [{ type: "alive", address: mappedAddress }];
  }

  #ping(now: Instant): KeepAliveOutput[] {
    const { expectsAnswer = true } = this.#settings;
    this.#state = expectsAnswer ? { type: "pinged", until: now + PONG_PATIENCE } : this.#rest(now);
    return [{ type: "transmit", data: ascii("\r\n\r\n"), wantsPong: expectsAnswer }];
  }

  #ask(now: Instant): KeepAliveOutput[] {
    const transaction = this.#settings.random(12).slice();
    this.#state = { type: "asked", transaction, count: 1, until: now + RTO };
    return [this.#request(transaction)];
  }

  #request(transaction: Uint8Array): KeepAliveOutput {
    return {
      type: "transmit",
      data: writeStun({ class: "request", transaction }),
      wantsPong: false,
    };
  }

  #fail(why: string): KeepAliveOutput[] {
    this.#state = { type: "over" };
    return [{ type: "failed", error: new SottoError("sip/flow-failed", why) }];
  }

  /** §4.4: a different time each time, so that not everybody comes at once. */
  #rest(now: Instant): State {
    const { interval, transport, random } = this.#settings;
    const [least, most] = interval !== undefined
      ? [0.8 * Math.max(interval, LEAST_INTERVAL), Math.max(interval, LEAST_INTERVAL)]
      : isReliable(transport)
      ? [95_000, 120_000]
      : [24_000, 29_000];
    const [high = 0, low = 0] = random(2);
    return { type: "resting", until: now + least + (most - least) * ((high * 256 + low) / 65_535) };
  }
}

function isSame(a: HostPort, b: HostPort): boolean {
  return a.host === b.host && a.port === b.port;
}

function show({ host, port }: HostPort): string {
  return writeHostPort(host, port);
}

/** A server that wants more than this wants too much, in milliseconds. */
const LEAST_INTERVAL = 1_000;
/** §4.4.1, in milliseconds. */
const PONG_PATIENCE = 10_000;
/** RFC 5389 §7.2.1: the first retransmission, in milliseconds, and how many requests there are. */
const RTO = 500;
const MOST_REQUESTS = 7;
