/** Two encryption policies that talk to each other in memory, in simulated time. */
import { decodeUtf8Lossy, utf8 } from "../../lib/base/bytes.ts";
import type { OtrVersion } from "../../lib/otr/mod.ts";
import { SecureChat } from "../../lib/session/secure_chat.ts";
import type {
  Content,
  SecureChatEvent,
  SecureChatOutput,
} from "../../lib/session/secure_chat_events.ts";
import type { SecureChatOptions } from "../../lib/session/secure_chat_options.ts";
import { testConversation } from "./otr_pair.ts";

/** A name in a story. */
export type Who = "alice" | "bob";

/** A body that left. */
export interface Sent {
  readonly from: Who;
  readonly purpose: "user" | "otr" | "control";
  readonly text: string;
  readonly contentType: string;
}

/** What one side may differ in from `prefer`, `known`, nothing recorded. */
export type ChatOptions =
  & Partial<Omit<SecureChatOptions, "role" | "conversation">>
  & { readonly versions?: readonly OtrVersion[]; readonly key?: string };

/** One side of a story, alone or with the other. */
export function testChat(who: Who, options: ChatOptions = {}): SecureChat {
  const { versions = [3, 2], key = who, ...rest } = options;
  return new SecureChat({
    role: who === "alice" ? "caller" : "callee",
    encryption: "prefer",
    trustLevel: "known",
    peer: who === "alice" ? "bob@example.net" : "alice@example.com",
    known: [],
    isFocus: false,
    conversation: testConversation(key, who === "alice" ? 0x1000 : 0x2000, {
      policy: { versions, sendWhitespaceTag: false },
    }),
    ...rest,
  });
}

/** Text as a content. */
export function text(body: string, contentType = "text/plain; charset=utf-8"): Content {
  return { contentType, body: utf8(body) };
}

/** Alice calls Bob. Bodies travel at once unless {@link hold} is set. */
export class ChatPair {
  readonly chats: Record<Who, SecureChat>;
  readonly sent: Sent[] = [];
  readonly events: Record<Who, SecureChatEvent[]> = { alice: [], bob: [] };
  /** Keeps bodies in {@link waiting} until {@link deliver}. */
  hold = false;
  readonly waiting: Sent[] = [];
  now = 0;

  constructor(alice: ChatOptions = {}, bob: ChatOptions = {}) {
    this.chats = { alice: testChat("alice", alice), bob: testChat("bob", bob) };
  }

  /** Both streams are bound. Bob first: he waits anyway. */
  start(): this {
    return this.act("bob", (chat, now) => chat.start(now))
      .act("alice", (chat, now) => chat.start(now));
  }

  /** One side does something. */
  act(who: Who, verb: (chat: SecureChat, now: number) => SecureChatOutput[]): this {
    for (const output of verb(this.chats[who], this.now)) {
      if (output.type === "event") this.events[who].push(output.event);
      else {
        const { purpose, content: { contentType, body } } = output;
        this.#carry({ from: who, purpose, contentType, text: decodeUtf8Lossy(body) });
      }
    }
    return this;
  }

  /** One side says something. */
  say(who: Who, body: string, id: string = body): this {
    return this.act(who, (chat, now) => chat.send(id, text(body), now));
  }

  /** Lets time pass for both, stopping at every deadline. */
  wait(milliseconds: number): this {
    const end = this.now + milliseconds;
    for (;;) {
      const next = Math.min(
        end,
        ...(["alice", "bob"] as const).map((who) => this.chats[who].deadline ?? Infinity),
      );
      this.now = Math.max(this.now, next);
      for (const who of ["alice", "bob"] as const) {
        const { deadline } = this.chats[who];
        if (deadline !== undefined && deadline <= this.now) {
          this.act(who, (chat, now) => chat.handleTimeout(now));
        }
      }
      if (this.now >= end) return this;
    }
  }

  /** Delivers what was held, and what follows from it. */
  deliver(): this {
    this.hold = false;
    for (const sent of this.waiting.splice(0)) this.#carry(sent, false);
    return this;
  }

  /** Messages that one side received: text, encryption. */
  received(who: Who): [string, string][] {
    return this.events[who].flatMap((event) =>
      event.type === "message-received"
        ? [[decodeUtf8Lossy(event.content.body), event.encryption] as [string, string]]
        : []
    );
  }

  /** The states of OTR that one side went through, with the lock. */
  states(who: Who): string[] {
    return this.events[who].flatMap((event) =>
      event.type === "otr" ? [`${event.state} ${event.lock}`] : []
    );
  }

  /** Events of one type. */
  only<T extends SecureChatEvent["type"]>(
    who: Who,
    type: T,
  ): Extract<SecureChatEvent, { type: T }>[] {
    return this.events[who].filter((event): event is Extract<SecureChatEvent, { type: T }> =>
      event.type === type
    );
  }

  #carry(sent: Sent, record = true): void {
    if (record) this.sent.push(sent);
    if (this.hold) {
      this.waiting.push(sent);
      return;
    }
    const to = sent.from === "alice" ? "bob" : "alice";
    this.act(to, (chat, now) => chat.receive(text(sent.text, sent.contentType), now));
  }
}
