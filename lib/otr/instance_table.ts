/**
 * The instances of one peer ("Instance Tags"): state is kept for each apart, so that two
 * clients of the peer do not disturb each other. Also decides who is spoken to.
 */
import { copyAwaitingDhKey } from "./ake/ake_state.ts";
import { PeerError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import type { ConversationSettings } from "./conversation_options.ts";
import { PeerInstance } from "./peer_instance.ts";
import type { AkeBody } from "./wire/encoded_message.ts";

/** See the module comment. */
export class InstanceTable {
  readonly #settings: ConversationSettings;
  readonly #instances = new Map<number, PeerInstance>();
  /** Stands for version 2's only instance, and for whoever answers a Commit to nobody. */
  readonly anybody: PeerInstance;
  /** Instances that already took over the D-H Commit that went to nobody in particular. */
  #answered = new Set<number>();
  #current: PeerInstance;

  /** @param settings `limits.instances` bounds the table. */
  constructor(settings: ConversationSettings) {
    this.#settings = settings;
    this.anybody = new PeerInstance(0, settings);
    this.#current = this.anybody;
  }

  /** Whom messages go to: the instance whose AKE completed last, or the one that was selected. */
  get current(): PeerInstance {
    return this.#current;
  }

  set current(instance: PeerInstance) {
    this.#current = instance;
  }

  /** Every instance, the one with tag 0 first. */
  all(): PeerInstance[] {
    return [this.anybody, ...this.#instances.values()];
  }

  /** The instance with this tag, if it is known. */
  find(tag: number): PeerInstance | undefined {
    return tag === 0 ? this.anybody : this.#instances.get(tag);
  }

  /** A new D-H Commit goes to everybody: all may answer it once. */
  forgetAnswers(): void {
    this.#answered = new Set();
  }

  /**
   * The instance that an AKE message is for. One that answers, or crosses, our Commit to
   * nobody in particular gets a copy of the state that waits for the answer.
   *
   * @returns `undefined` when the message belongs to nothing we have begun.
   * @throws {PeerError} `otr/too-many-instances` when no place can be made.
   */
  forAke(tag: number, body: AkeBody, now: Instant): PeerInstance | undefined {
    const known = this.find(tag);
    if (tag === 0) return known;
    const pending = this.anybody.auth;
    const mayAdopt = pending.name === "AUTHSTATE_AWAITING_DHKEY" && pending.version === 3 &&
      !this.#answered.has(tag) && this.#answered.size < this.#settings.limits.instances &&
      (body.type === "dh-commit" || body.type === "dh-key");
    if (known === undefined && body.type !== "dh-commit" && !mayAdopt) return undefined;
    const instance = known ?? this.#add(tag);
    if (mayAdopt && !isAnswering(instance)) {
      this.#answered.add(tag);
      instance.adopt(copyAwaitingDhKey(pending), now);
    }
    return instance;
  }

  #add(tag: number): PeerInstance {
    if (this.#instances.size >= this.#settings.limits.instances) this.#makeRoom();
    const instance = new PeerInstance(tag, this.#settings);
    this.#instances.set(tag, instance);
    return instance;
  }

  /** Only an instance without a session can be forgotten; the oldest goes first. */
  #makeRoom(): void {
    for (const [tag, instance] of this.#instances) {
      if (instance.message.name !== "MSGSTATE_PLAINTEXT" || instance === this.#current) continue;
      instance.forget();
      this.#instances.delete(tag);
      return;
    }
    throw new PeerError(
      "otr/too-many-instances",
      "OTRv3 Instance Tags",
      `expected at most ${this.#settings.limits.instances} instances of one peer`,
    );
  }
}

/**
 * Whether the peer's instance began the exchange that runs with it. One that we began is
 * replaced by our newer Commit: it got stuck, or nobody would have asked again.
 */
function isAnswering({ auth }: PeerInstance): boolean {
  return auth.name === "AUTHSTATE_AWAITING_REVEALSIG";
}
