/**
 * A peer that says everything again. It speaks OTR when it is asked to, with a key that lives
 * as long as it does, and answers questions about the secret that it knows.
 */

import type { RandomSource } from "../base/output.ts";
import { Conversation, type DsaPrivateKey, makeInstanceTag, type OtrVersion } from "../otr/mod.ts";
import {
  ChatSession,
  type ChatSessionOptions,
  type Clock,
  type IncomingCall,
  type PeerRecords,
  type SipEndpoint,
} from "../session/mod.ts";
import { writeUri } from "../sip/mod.ts";
import { canonicalAor } from "../storage/mod.ts";
import type { Certificate } from "../transport/mod.ts";
import { type BotActivity, calledAs, type LabBot } from "./bot_house.ts";

/** What an {@link EchoBot} is made of. */
export interface EchoBotOptions {
  /** Its key; nobody else's. */
  readonly key: DsaPrivateKey;
  /** Octets that answer SMP, whatever the question. */
  readonly smpSecret: Uint8Array;
  /** For MSRP over TLS. */
  readonly certificate: Certificate;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** User part of its URI; default `echo`. */
  readonly user?: string;
  readonly versions?: readonly OtrVersion[];
  /** Told of who comes and goes. */
  readonly onActivity?: (activity: BotActivity) => void;
}

/** Conversations at the same time; further calls are told to come back (486). */
const MOST_SESSIONS = 256;
/** Echoes of one conversation that are under way; nothing more is said until one has arrived. */
const MOST_UNDER_WAY = 64;
/** Bounds set-up and each delivery, in milliseconds. */
const TIMEOUT = 20_000;
/** Whom nobody can be taken for. */
const NOBODY = "anonymous@anonymous.invalid";

/** See the module comment. */
export class EchoBot implements LabBot {
  readonly user: string;
  readonly #options: EchoBotOptions;
  readonly #instanceTag: number;
  readonly #sessions = new Set<ChatSession>();
  #isClosed = false;

  /** @param options Its key, its secret, and the world around it. */
  constructor(options: EchoBotOptions) {
    this.#options = options;
    this.user = options.user ?? "echo";
    this.#instanceTag = makeInstanceTag(options.random);
  }

  async take(call: IncomingCall, sip: SipEndpoint): Promise<void> {
    const peer = canonicalAor(writeUri(call.from.uri)) ?? NOBODY;
    if (this.#isClosed || this.#sessions.size >= MOST_SESSIONS) {
      this.#tell({ what: "refused", peer, reason: "too many conversations" });
      await call.reject(486, "Busy Here");
      return;
    }
    const self = calledAs(call, this.user);
    const session = ChatSession.accept(sip, call, this.#sessionOptions(self, peer));
    session.settled.catch(() => {}); // Told by `ended`.
    this.#sessions.add(session);
    this.#tell({ what: "joined", peer });
    await this.#echo(session);
    this.#sessions.delete(session);
    const { error } = await session.ended;
    this.#tell({ what: "left", peer, ...(error === undefined ? {} : { reason: error.message }) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#sessions.values().map((it) => it.hangUp()));
  }

  /** Everything that a person says comes back, in order; the session has ended when it resolves. */
  async #echo(session: ChatSession): Promise<void> {
    const underWay = new Set<Promise<void>>();
    for await (const event of session.events) {
      if (event.type !== "message" || event.direction !== "in") continue;
      session.typed();
      const echo = session.send(event.body, event.contentType)
        .then(() => {}, () => void session.hangUp()) // Who takes nothing is not talked to.
        .finally(() => underWay.delete(echo));
      underWay.add(echo);
      if (underWay.size >= MOST_UNDER_WAY) await Promise.race(underWay);
    }
    await Promise.all(underWay);
  }

  #sessionOptions(self: string, peer: string): ChatSessionOptions {
    const { clock, random, certificate, smpSecret } = this.#options;
    return {
      clock,
      random,
      encryption: "accept", // It is the caller's to ask: plaintext is echoed as well.
      trustLevel: "any",
      createConversation: () => Promise.resolve(this.#conversation()),
      records: FORGETFUL,
      mayLearn: false,
      self: { aor: self, displayName: "Echo" },
      peer,
      media: {
        transport: "tls",
        setup: "actpass",
        certificate,
        ca: certificate.certPem, // The lab's own relay, which a caller may be behind.
        random,
        clock,
      },
      timeout: TIMEOUT,
      smpAnswer: smpSecret,
    };
  }

  #conversation(): Conversation {
    const { key, random, versions = [3, 2] } = this.#options;
    return new Conversation({
      key,
      instanceTag: this.#instanceTag,
      policy: {
        versions,
        requireEncryption: false,
        sendWhitespaceTag: false,
        whitespaceStartAke: true,
        errorStartAke: false,
      },
      random,
    });
  }

  #tell(activity: Omit<BotActivity, "bot">): void {
    this.#options.onActivity?.({ bot: this.user, ...activity });
  }
}

/** Everybody is met for the first time, every time. */
const FORGETFUL: PeerRecords = {
  lookup: () => Promise.resolve([]),
  learn: () => Promise.resolve(),
  verify: () => Promise.resolve(),
};
