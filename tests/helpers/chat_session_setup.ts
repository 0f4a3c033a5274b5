/** Whole sessions of ours on loopback, with what they are made of at hand. */
import { ChatSession } from "../../lib/session/chat_session.ts";
import type { ChatSessionOptions, PeerRecords } from "../../lib/session/chat_options.ts";
import type { MediaSettings } from "../../lib/session/chat_media.ts";
import { SystemClock } from "../../lib/session/clock.ts";
import { platformRandom } from "../../lib/session/random.ts";
import type { SessionEvent } from "../../lib/session/session_event.ts";
import { SipEndpoint } from "../../lib/session/sip_endpoint.ts";
import type { KnownFingerprint } from "../../lib/session/trust_policy.ts";
import { parseSipUri } from "../../lib/sip/mod.ts";
import { testConversation } from "./otr_pair.ts";

/** Records in memory, with what was asked of them. */
export class MemoryRecords implements PeerRecords {
  readonly rows: Record<string, KnownFingerprint[]> = {};
  readonly log: string[] = [];

  lookup(peer: string): Promise<readonly KnownFingerprint[]> {
    return Promise.resolve(this.rows[peer] ?? []);
  }

  learn(peer: string, fingerprint: string): Promise<void> {
    this.log.push(`learn ${peer} ${fingerprint}`);
    this.#add(peer, { fingerprint, trust: "unverified" });
    return Promise.resolve();
  }

  verify(peer: string, fingerprint: string, how: "manual" | "smp"): Promise<void> {
    this.log.push(`verify ${peer} ${fingerprint} ${how}`);
    this.#add(peer, { fingerprint, trust: "verified" });
    return Promise.resolve();
  }

  #add(peer: string, row: KnownFingerprint): void {
    const others = (this.rows[peer] ?? []).filter((it) => it.fingerprint !== row.fingerprint);
    this.rows[peer] = [...others, row];
  }
}

/** What a test may want to be different. */
export type SetupOptions =
  & Partial<Omit<ChatSessionOptions, "media" | "createConversation">>
  & {
    readonly key?: string;
    readonly versions?: readonly (2 | 3)[];
    readonly media?: Partial<MediaSettings>;
  };

/** Options of a session over plain TCP with a test key and short patience. */
export function sessionOptions(
  name: "alice" | "bob",
  options: SetupOptions = {},
): ChatSessionOptions {
  const { key = name, versions = [3, 2], media = {}, ...rest } = options;
  const clock = new SystemClock();
  const policy = { versions, sendWhitespaceTag: false };
  return {
    clock,
    random: platformRandom,
    encryption: "prefer",
    trustLevel: "known",
    records: new MemoryRecords(),
    mayLearn: name === "alice",
    self: { aor: `${name}@example.com` },
    peer: name === "alice" ? "bob@127.0.0.1" : "alice@example.com",
    timeout: 5_000,
    ...rest,
    createConversation: () =>
      Promise.resolve(testConversation(key, name === "alice" ? 0x1111 : 0x2222, { policy })),
    media: {
      transport: "tcp",
      setup: "actpass",
      certificate: { certPem: "", keyPem: "" },
      random: platformRandom,
      clock,
      ...media,
    },
  };
}

/** One session and everything that it reported. */
export class Told implements AsyncDisposable {
  readonly session: ChatSession;
  readonly events: SessionEvent[] = [];
  readonly #following: Promise<void>;
  #nudge = Promise.withResolvers<void>();

  constructor(session: ChatSession) {
    this.session = session;
    session.settled.catch(() => {}); // The test asks when it wants to know.
    this.#following = this.#follow();
  }

  /** Events of one type. */
  only<T extends SessionEvent["type"]>(type: T): Extract<SessionEvent, { type: T }>[] {
    return this.events.filter((it): it is Extract<SessionEvent, { type: T }> => it.type === type);
  }

  /** Bodies of the messages that came, with their encryption. */
  get received(): [string, string][] {
    return this.only("message").filter((it) => it.direction === "in")
      .map((it) => [it.body, it.encryption]);
  }

  /** `state lock` of every `otr` event. */
  get locks(): string[] {
    return this.only("otr").map((it) => `${it.state} ${it.lock}`);
  }

  /** Waits for an event that is wanted, among those that came and those that come. */
  async until(wanted: (event: SessionEvent) => boolean): Promise<SessionEvent> {
    for (;;) {
      const found = this.events.find(wanted);
      if (found !== undefined) return found;
      this.#nudge = Promise.withResolvers<void>();
      await this.#nudge.promise;
    }
  }

  /** Resolves when everything was told. */
  get over(): Promise<void> {
    return this.#following;
  }

  /** Waits until OTR is in a state, last of all. */
  async shows(lock: string): Promise<void> {
    await this.until(() => this.locks.at(-1) === lock);
  }

  /** Waits for a message. */
  async hears(body: string): Promise<void> {
    await this.until((it) => it.type === "message" && it.direction === "in" && it.body === body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.hangUp();
    await this.#following;
  }

  async #follow(): Promise<void> {
    for await (const event of this.session.events) {
      this.events.push(event);
      this.#nudge.resolve();
    }
    this.#nudge.resolve();
  }
}

/** A SIP endpoint for a session; a callee listens. */
export async function openSip(listen: boolean): Promise<SipEndpoint> {
  return await SipEndpoint.open({
    listen: listen ? [{ host: "127.0.0.1", port: 0, transport: "udp" }] : [],
    clock: new SystemClock(),
    random: platformRandom,
    userAgent: "test",
  });
}

/** Calls `uri` as alice. */
export function placeSession(sip: SipEndpoint, uri: string, options: SetupOptions = {}): Told {
  return new Told(
    ChatSession.place(sip, parseSipUri(uri), sessionOptions("alice", options), {
      from: { uri: parseSipUri("sip:alice@example.com") },
    }),
  );
}

/** Two sessions of ours that have called each other. */
export class SessionPair implements AsyncDisposable {
  readonly alice: Told;
  readonly bob: Told;
  readonly #sips: readonly SipEndpoint[];

  private constructor(alice: Told, bob: Told, sips: readonly SipEndpoint[]) {
    this.alice = alice;
    this.bob = bob;
    this.#sips = sips;
  }

  static async open(alice: SetupOptions = {}, bob: SetupOptions = {}): Promise<SessionPair> {
    const [calling, answering] = [await openSip(false), await openSip(true)];
    const told = placeSession(calling, answering.uris[0]?.replace("sip:", "sip:bob@") ?? "", alice);
    const next = await answering.calls()[Symbol.asyncIterator]().next();
    const session = ChatSession.accept(answering, next.value, sessionOptions("bob", bob));
    return new SessionPair(told, new Told(session), [calling, answering]);
  }

  /** Both sides have settled, well or badly. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.alice.session.settled, this.bob.session.settled]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.alice[Symbol.asyncDispose]();
    await this.bob[Symbol.asyncDispose]();
    await Promise.all(this.#sips.map((sip) => sip.close()));
  }
}
