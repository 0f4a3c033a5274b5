/** Where the bots of a lab live: one SIP endpoint that hands each call to the bot it names. */

import type { RandomSource } from "../base/output.ts";
import type { WireTap } from "../base/wire_tap.ts";
import { type Clock, type IncomingCall, type ListenAddress, SipEndpoint } from "../session/mod.ts";
import { isSipUri, writeUri } from "../sip/mod.ts";
import { canonicalAor } from "../storage/mod.ts";
import type { Certificate } from "../transport/mod.ts";

/** A peer that takes calls by itself. */
export interface LabBot extends AsyncDisposable {
  /** User part of the URIs that it answers to. */
  readonly user: string;
  /** Takes a call, or refuses it. Never rejects; resolves when the conversation is over. */
  take(call: IncomingCall, sip: SipEndpoint): Promise<void>;
}

/** Something that a bot did, for whoever watches the lab. */
export interface BotActivity {
  /** User part of the bot's URI. */
  readonly bot: string;
  /** `refused`: the call was not taken. */
  readonly what: "joined" | "left" | "refused";
  /** Address of record of the caller, as it calls itself. */
  readonly peer: string;
  /** Why, where something went wrong. */
  readonly reason?: string;
}

/** What a {@link BotHouse} is made of. */
export interface BotHouseOptions {
  /** Where calls come in. */
  readonly listen: readonly ListenAddress[];
  readonly bots: readonly LabBot[];
  readonly clock: Clock;
  readonly random: RandomSource;
  /** For the Server header field. */
  readonly userAgent: string;
  /** For SIP over TLS. */
  readonly certificate?: Certificate | undefined;
  readonly tap?: WireTap | undefined;
}

/** Calls to all bots together; more are told to come back (486). */
const MOST_CALLS = 512;

/** An endpoint with bots behind it. See the module comment. */
export class BotHouse implements AsyncDisposable {
  readonly #sip: SipEndpoint;
  readonly #bots: ReadonlyMap<string, LabBot>;
  readonly #conversations = new Set<Promise<void>>();
  readonly #answering: Promise<void>;

  private constructor(sip: SipEndpoint, bots: readonly LabBot[]) {
    this.#sip = sip;
    this.#bots = new Map(bots.map((it) => [it.user, it]));
    this.#answering = this.#answerAll();
  }

  /** Opens the house. @throws {SottoError} `transport/…` when it cannot listen. */
  static async open(options: BotHouseOptions): Promise<BotHouse> {
    const { listen, clock, random, userAgent, certificate, tap } = options;
    const sip = await SipEndpoint.open({
      listen,
      clock,
      random,
      userAgent,
      tap,
      ...(certificate === undefined ? {} : { tls: { certificate } }),
    });
    return new BotHouse(sip, options.bots);
  }

  /** A SIP URI for every address of {@link BotHouseOptions.listen}, in order. */
  get uris(): readonly string[] {
    return this.#sip.uris;
  }

  /** Says goodbye to everybody, and closes. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#bots.values().map((it) => it[Symbol.asyncDispose]()));
    await Promise.all(this.#conversations);
    await this.#sip.close();
    await this.#answering;
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answerAll(): Promise<void> {
    for await (const call of this.#sip.calls()) {
      const bot = this.#bots.get(userOf(call));
      if (bot === undefined) {
        void call.reject(404, "Not Found");
        continue;
      }
      if (this.#conversations.size >= MOST_CALLS) {
        void call.reject(486, "Busy Here");
        continue;
      }
      const conversation = bot.take(call, this.#sip)
        .finally(() => this.#conversations.delete(conversation));
      this.#conversations.add(conversation);
    }
  }
}

/**
 * The address that the caller dialled, as far as it names the bot: behind a proxy the
 * Request-URI is only the way that leads here.
 */
export function calledAs({ to, requestUri }: IncomingCall, user: string): string {
  const dialled = isSipUri(to.uri) && to.uri.user?.toLowerCase() === user ? to.uri : requestUri;
  return canonicalAor(writeUri(dialled)) ?? `${user}@localhost`;
}

function userOf({ requestUri }: IncomingCall): string {
  return (requestUri.user ?? "").toLowerCase();
}
