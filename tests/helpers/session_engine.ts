/** An OTR engine behind the plain client: what the client hears goes in, what comes out it says. */
import type { Peer, PeerEvent, PeerInit, PeerOperation } from "../../lib/harness/mod.ts";
import { InProcessPeer } from "../../lib/harness/mod.ts";
import { testKey } from "./otr_pair.ts";
import type { PlainMsrpClient, SendParts } from "./plain_msrp_client.ts";
import { seededRandom } from "./seeded_random.ts";
import { Growing } from "./session_watchdog.ts";

/** How an engine's messages travel. */
export interface EngineOptions {
  /** Versions for its `init`. Default `23`. */
  readonly versions?: string;
  readonly policy?: PeerInit["policy"];
  /** Octets of its longest message. Default: it never fragments. */
  readonly fragment?: number;
  /** How its messages are sent. Default: bare `text/plain`. */
  readonly parts?: SendParts;
}

/** The engine at work. Its operations run one after another. */
export class EngineBehind implements AsyncDisposable {
  /** What the engine reported. */
  readonly events: Growing<PeerEvent> = new Growing(
    "an event of the engine",
    (it) => JSON.stringify(it),
  );
  /** What it sent, in order. */
  readonly injected: string[] = [];
  readonly #client: PlainMsrpClient;
  readonly #peer: Peer;
  readonly #options: EngineOptions;
  #working: Promise<void> = Promise.resolve();
  #failure: unknown;

  private constructor(client: PlainMsrpClient, peer: Peer, options: EngineOptions) {
    this.#client = client;
    this.#peer = peer;
    this.#options = options;
    // What was said before it sat down was not said to it.
    const before = new Set(client.frames.all);
    client.frames.follow((frame) => {
      const { what, content } = frame;
      if (what !== "SEND" || content === undefined || before.has(frame)) return;
      void this.perform({ op: "recv", msg: content }).catch((error) => this.#failure = error);
    });
  }

  /** Starts `peer`, or our own engine with Bob's key, behind `client`. */
  static async start(
    client: PlainMsrpClient,
    options: EngineOptions = {},
    peer: Peer = bobsEngine(),
  ): Promise<EngineBehind> {
    const engine = new EngineBehind(client, peer, options);
    const { versions = "23", policy, fragment } = options;
    await engine.perform({
      op: "init",
      name: "bob",
      versions,
      ...(policy !== undefined ? { policy } : {}),
      ...(fragment !== undefined ? { fragment } : {}),
    });
    return engine;
  }

  /** Runs an operation; what it injects is said before this resolves. */
  async perform(operation: PeerOperation): Promise<void> {
    const work = this.#working.then(async () => {
      for (const event of await this.#peer.perform(operation)) {
        if (event.ev === "inject") {
          this.injected.push(event.msg);
          await this.#client.say(event.msg, this.#options.parts);
        }
        this.events.push(event);
      }
    });
    this.#working = work.catch(() => {}); // The next operation does not depend on it.
    await work;
  }

  /** Waits for an event. */
  async event<E extends PeerEvent["ev"]>(
    ev: E,
    isWanted: (event: Extract<PeerEvent, { ev: E }>) => boolean = () => true,
  ): Promise<Extract<PeerEvent, { ev: E }>> {
    return await this.events.first((it) =>
      it.ev === ev && isWanted(it as Extract<PeerEvent, { ev: E }>)
    ) as Extract<PeerEvent, { ev: E }>;
  }

  /** Waits until it is encrypted. */
  async encrypted(): Promise<Extract<PeerEvent, { ev: "state" }>> {
    return await this.event("state", (it) => it.state === "encrypted");
  }

  /** Texts that were shown to its user: `*` marks what came encrypted. */
  get shown(): string[] {
    return this.events.all.flatMap((it) =>
      it.ev === "plaintext" ? [`${it.encrypted ? "*" : ""}${it.text}`] : []
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#working;
    await this.#peer.close();
    if (this.#failure !== undefined) throw this.#failure;
  }
}

function bobsEngine(): Peer {
  return new InProcessPeer({
    identity: () => ({ key: testKey("bob"), instanceTag: 0x2000_0002 }),
    random: seededRandom(0xb0b),
  });
}
