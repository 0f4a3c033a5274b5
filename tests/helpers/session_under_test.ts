/** One of our chat sessions over real sockets, in simulated time, with everything it reports. */
import { ChatSession, type SessionEvent, SipEndpoint } from "../../lib/session/mod.ts";
import type {
  ChatSessionOptions,
  EncryptionPolicy,
  IncomingCall,
  KnownFingerprint,
  PeerRecords,
  SessionEnd,
  SmpGuard,
  TrustLevel,
} from "../../lib/session/mod.ts";
import { fingerprintOf, type OtrVersion } from "../../lib/otr/mod.ts";
import { parseSipUri } from "../../lib/sip/mod.ts";
import type { Certificate } from "../../lib/transport/mod.ts";
import type { WireRecord } from "../../lib/base/wire_tap.ts";
import { ManualClock } from "./manual_clock.ts";
import { testConversation, testKey } from "./otr_pair.ts";
import { seededRandom } from "./seeded_random.ts";
import { Growing, inTime } from "./session_watchdog.ts";

/** How a session differs from `prefer`, `known`, nobody known, a caller that learns. */
export interface SessionSetup {
  /** Name of the key in fixtures/keys. Default `alice`. */
  readonly key?: string;
  readonly encryption?: EncryptionPolicy;
  readonly trustLevel?: TrustLevel;
  readonly versions?: readonly OtrVersion[];
  /** What is recorded about the peer. */
  readonly known?: readonly KnownFingerprint[];
  readonly mayLearn?: boolean;
  readonly peer?: string;
  readonly peerIsAnonymous?: boolean;
  readonly setup?: "active" | "passive" | "actpass";
  /** Offers MSRP over TLS with this certificate. Default: TCP. */
  readonly certificate?: Certificate;
  readonly smpAnswer?: string;
  readonly smpGuard?: SmpGuard;
  readonly timeout?: number;
  /** What goes wrong at home: replaces parts of what the session is made of. */
  readonly faults?: Partial<PeerRecords> & Partial<Pick<ChatSessionOptions, "createConversation">>;
}

/** A session and its surroundings. */
export class SessionUnderTest implements AsyncDisposable {
  readonly clock: ManualClock = new ManualClock();
  /** What the session reported. */
  readonly events: Growing<SessionEvent> = new Growing("an event", (it) => JSON.stringify(it));
  /** Every frame and SIP message that it sent or received. */
  readonly wire: WireRecord[] = [];
  /** What was recorded about peers, in order: `learn PEER FINGERPRINT`, `verify …`. */
  readonly recorded: string[] = [];
  readonly sip: SipEndpoint;
  readonly #setup: SessionSetup;
  #session: ChatSession | undefined;
  #following: Promise<void> = Promise.resolve();

  private constructor(sip: SipEndpoint, clock: ManualClock, setup: SessionSetup) {
    this.sip = sip;
    this.clock = clock;
    this.#setup = setup;
  }

  /** An endpoint on loopback, with no call yet. */
  static async open(setup: SessionSetup = {}): Promise<SessionUnderTest> {
    const clock = new ManualClock();
    const sip = await SipEndpoint.open({
      listen: [{ host: "127.0.0.1", port: 0, transport: "udp" }],
      clock,
      random: seededRandom(setup.key === "bob" ? 22 : 11),
      userAgent: "sotto/test",
    });
    return new SessionUnderTest(sip, clock, setup);
  }

  /** Calls `uri`. */
  static async calling(uri: string, setup: SessionSetup = {}): Promise<SessionUnderTest> {
    const ours = await SessionUnderTest.open(setup);
    ours.call(uri);
    return ours;
  }

  /** Calls `uri`; returns at once. */
  call(uri: string): void {
    this.#follow(ChatSession.place(this.sip, parseSipUri(uri), this.options, {
      from: { uri: parseSipUri("sip:alice@example.com") },
    }));
  }

  /** Takes the next call that comes. */
  async takeCall(): Promise<void> {
    const next = await inTime(
      this.sip.calls()[Symbol.asyncIterator]().next(),
      () => "an incoming call",
    );
    this.#follow(ChatSession.accept(this.sip, next.value as IncomingCall, this.options));
  }

  /** Where it can be called. */
  get uri(): string {
    return (this.sip.uris[0] ?? "").replace("sip:", "sip:alice@");
  }

  /** The session, once it was begun. */
  get session(): ChatSession {
    if (this.#session === undefined) throw new Error("no session was begun");
    return this.#session;
  }

  /** The fingerprint of a key of the fixtures. */
  static fingerprint(key: string): string {
    return fingerprintOf(testKey(key).publicKey);
  }

  /** What the session is made of. */
  get options(): ChatSessionOptions {
    const { key = "alice", encryption = "prefer", peer = "plain@127.0.0.1" } = this.#setup;
    const { trustLevel = "known", versions = [3, 2], mayLearn = true } = this.#setup;
    const { smpAnswer, smpGuard, peerIsAnonymous, faults = {} } = this.#setup;
    let rows = this.#setup.known ?? [];
    return {
      clock: this.clock,
      random: seededRandom(key === "bob" ? 44 : 33),
      encryption,
      trustLevel,
      createConversation: faults.createConversation ?? (() =>
        Promise.resolve(
          encryption === "off"
            ? undefined
            : testConversation(key, key === "bob" ? 0x2000_0002 : 0x1000_0001, {
              policy: { versions, sendWhitespaceTag: false, errorStartAke: true },
            }),
        )),
      records: {
        lookup: () => Promise.resolve(rows),
        learn: (address, fingerprint) => {
          this.recorded.push(`learn ${address} ${fingerprint}`);
          rows = [...rows, { fingerprint, trust: "unverified" }];
          return Promise.resolve();
        },
        verify: (address, fingerprint, how) => {
          this.recorded.push(`verify ${address} ${fingerprint} ${how}`);
          rows = [
            ...rows.filter((it) => it.fingerprint !== fingerprint),
            { fingerprint, trust: "verified" },
          ];
          return Promise.resolve();
        },
        ...faults,
      },
      mayLearn,
      self: { aor: "alice@example.com" },
      peer,
      ...(peerIsAnonymous !== undefined ? { peerIsAnonymous } : {}),
      media: {
        transport: this.#setup.certificate === undefined ? "tcp" : "tls",
        setup: this.#setup.setup ?? "actpass",
        certificate: this.#setup.certificate ?? { certPem: "", keyPem: "" },
        random: seededRandom(key === "bob" ? 66 : 55),
        clock: this.clock,
        tap: (record) => this.wire.push(record),
      },
      timeout: this.#setup.timeout ?? 20_000,
      smpAnswer: smpAnswer === undefined ? undefined : new TextEncoder().encode(smpAnswer),
      ...(smpGuard !== undefined ? { smpGuard } : {}),
    };
  }

  /** Waits for an event. */
  async event<T extends SessionEvent["type"]>(
    type: T,
    isWanted: (event: Extract<SessionEvent, { type: T }>) => boolean = () => true,
    from = 0,
  ): Promise<Extract<SessionEvent, { type: T }>> {
    const found = await this.events.first(
      (it) => it.type === type && isWanted(it as Extract<SessionEvent, { type: T }>),
      from,
    );
    return found as Extract<SessionEvent, { type: T }>;
  }

  /** Waits for a state of OTR. */
  async otr(state: string, from = 0): Promise<void> {
    await this.event("otr", (it) => it.state === state, from);
  }

  /** Lets simulated time pass. */
  async advance(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds);
  }

  /** `promise`, while simulated time passes: for what may take as long as it needs. */
  async whileTimePasses<T>(promise: Promise<T>, what = "an end"): Promise<T> {
    let isDone = false;
    const done = promise.finally(() => isDone = true);
    done.catch(() => {}); // Thrown below.
    const started = performance.now();
    while (!isDone) {
      await this.clock.advance(250);
      if (performance.now() - started > 10_000) throw new Error(`${what} did not come`);
    }
    return await done;
  }

  /** Waits until the session is over, and says how it went. */
  async end(): Promise<SessionEnd> {
    return await this.whileTimePasses(this.session.ended, "the end of the session");
  }

  /** Why the session never settled, if it did not. */
  async settledCode(): Promise<string> {
    return await inTime(
      this.session.settled.then(() => "settled", (error) => String(error.code)),
      () => "the policy's decision",
    );
  }

  /** Shown messages: direction, text, encryption. */
  get messages(): string[] {
    return this.events.all.flatMap((it) =>
      it.type === "message" ? [`${it.direction} ${it.body} [${it.encryption}]`] : []
    );
  }

  /** States of OTR with the lock, in order. */
  get otrStates(): string[] {
    return this.events.all.flatMap((it) => it.type === "otr" ? [`${it.state} ${it.lock}`] : []);
  }

  /** States of the call, in order. */
  get callStates(): string[] {
    return this.events.all.flatMap((it) => it.type === "call" ? [it.state] : []);
  }

  /** Codes of the errors that were shown. */
  get errors(): string[] {
    return this.events.all.flatMap((it) => it.type === "error" ? [it.code] : []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#session !== undefined) {
      await this.whileTimePasses(this.#session.hangUp(), "the end of a hang-up");
    }
    await this.whileTimePasses(this.#following, "the end of the events");
    await this.whileTimePasses(this.sip.close(), "the end of the endpoint");
  }

  #follow(session: ChatSession): void {
    this.#session = session;
    this.#following = (async () => {
      for await (const event of session.events) this.events.push(event);
    })();
  }
}
