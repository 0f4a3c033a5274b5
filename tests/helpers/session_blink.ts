/**
 * A client with the habits of the Blink family, behind the plain client: OTR for every content
 * type, no NUL where there are no TLVs, CPIM with bare LF inside, reports as it asks for them.
 */
import { decodeUtf8Lossy, utf8 } from "../../lib/base/bytes.ts";
import {
  armour,
  type Conversation,
  type ConversationOutput,
  type OtrVersion,
  parseOtrMessage,
  type SendOptions,
  writeEncodedMessage,
} from "../../lib/otr/mod.ts";
import { testConversation } from "./otr_pair.ts";
import type { PlainFrame, PlainMsrpClient } from "./plain_msrp_client.ts";
import { Growing } from "./session_watchdog.ts";

/** A content that it decrypted, or got in clear. */
export interface BlinkReceived {
  readonly contentType: string;
  readonly content: string;
  readonly encrypted: boolean;
  readonly frame: PlainFrame;
}

/** Which of the clients it is. */
export interface BlinkOptions {
  readonly versions?: readonly OtrVersion[];
  /** Last change to what it sends. */
  readonly disturb?: (message: string) => string;
  /** Name of its key in fixtures/keys. Default `bob`. */
  readonly key?: string;
  /** When it stops listening. */
  readonly until?: Promise<void>;
  /** What its engine asks for its own messages: one generation asks for both reports. */
  readonly asksReports?: boolean;
}

const BOTH_REPORTS = ["Failure-Report: yes", "Success-Report: yes"];
const NO_REPORTS = ["Failure-Report: no", "Success-Report: no"];

/** What today's generation says to begin, octet by octet. */
export const BLINK_QUERY =
  "?OTRv3?  I would like to start an Off-the-Record private conversation, but you do not seem to support that.";
/** What the first generation says. */
export const BLINK_2013_QUERY =
  "?OTRv2?\nI have requested end-to-end encryption but this software does not support this feature. ";

/** The client at work. */
export class BlinkBehind {
  readonly conversation: Conversation;
  readonly received: Growing<BlinkReceived> = new Growing(
    "a content",
    (it) => `${it.contentType} ${it.content}`,
  );
  /** Everything else that its engine reported: `smp asked`, `encrypted`, … */
  readonly notes: Growing<string> = new Growing("a note of the engine", (it) => it);
  readonly #client: PlainMsrpClient;
  readonly #options: BlinkOptions;
  #saying: Promise<void> = Promise.resolve();
  #isDeaf = false;

  constructor(client: PlainMsrpClient, options: BlinkOptions = {}) {
    this.#client = client;
    this.#options = options;
    const { key = "bob", versions = [3], until } = options;
    const instanceTag = key === "bob" ? 0x2000_0002 : 0x3000_0003;
    this.conversation = testConversation(key, instanceTag, { policy: { versions } });
    void until?.then(() => this.#isDeaf = true);
    // What was said before it sat down was not said to it.
    const before = new Set(client.frames.all);
    client.frames.follow((frame) => {
      if (!before.has(frame)) this.#hear(frame);
    });
  }

  /** Says its query, as it does as soon as the stream is there. */
  async start(query: string = BLINK_QUERY): Promise<void> {
    // Its engine has to know that it asked: commits are only taken after a query of ours.
    this.conversation.query(0);
    await this.#say(query, "text/plain");
  }

  /** Its user says something. */
  async send(
    text: string,
    contentType = 'text/html; charset="utf8"',
    options: SendOptions = { plainContent: true },
  ): Promise<void> {
    for (const output of this.conversation.sendMessage(utf8(text), 0, options)) {
      if (output.type === "transmit") await this.#say(output.message, contentType, BOTH_REPORTS);
    }
  }

  /** Its engine does something. */
  async act(verb: (conversation: Conversation) => ConversationOutput[]): Promise<void> {
    await this.#carry(verb(this.conversation));
  }

  /** Waits until it is encrypted. */
  async encrypted(): Promise<void> {
    await this.notes.first((it) => it === "encrypted");
  }

  #hear(frame: PlainFrame): void {
    const { what, content, contentType = "text/plain" } = frame;
    if (what !== "SEND" || content === undefined || this.#isDeaf) return;
    const isText = contentType.startsWith("text/");
    const outputs = this.conversation.receiveMessage(content, 0, { plainContent: !isText });
    for (const output of outputs) {
      if (output.type !== "event" || output.event.type !== "message-received") continue;
      const { event } = output;
      this.received.push({
        contentType,
        content: decodeUtf8Lossy(event.content),
        encrypted: event.encrypted,
        frame,
      });
    }
    void this.#carry(outputs).catch(() => {}); // The connection may have gone.
  }

  async #carry(outputs: readonly ConversationOutput[]): Promise<void> {
    for (const output of outputs) {
      if (output.type === "transmit") await this.#say(output.message, "text/plain");
      else if (output.event.type === "smp") this.notes.push(`smp ${output.event.what}`);
      else if (output.event.type === "state-changed") this.notes.push(output.event.state);
      else if (output.event.type === "error-received") {
        this.notes.push(`error ${output.event.text}`);
      }
    }
  }

  /** One message after another, as they were handed over. */
  #say(message: string, contentType: string, headers?: readonly string[]): Promise<void> {
    const { disturb = (it) => it, asksReports = false } = this.#options;
    const length = utf8(message).length;
    this.#saying = this.#saying.then(async () => {
      await this.#client.say(disturb(message), {
        contentType,
        cpim: true,
        headers: headers ?? (asksReports ? BOTH_REPORTS : NO_REPORTS),
        // Beyond 2048 it does not say where the message ends.
        ...(length > 2048 ? { byteRange: `1-*/${length}` } : {}),
      });
    });
    return this.#saying;
  }
}

/** Replaces the field of revealed MAC keys in a data message: nothing protects it. */
export function withOldMacKeys(message: string, oldMacKeys: Uint8Array): string {
  const parsed = parseOtrMessage(message);
  if (parsed.type !== "data") return message;
  return armour(writeEncodedMessage({ ...parsed, oldMacKeys }));
}
