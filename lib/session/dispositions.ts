/** Disposition notifications of one chat: what we ask to be told, and what we tell (RFC 5438 §7). */

import {
  type DispositionRequest,
  type Imdn,
  IMDN_TYPE,
  type ImdnRequest,
  parseImdn,
  writeImdn,
} from "../im/mod.ts";
import { tryParse } from "./message_text.ts";
import type { Content } from "./secure_chat_events.ts";
import type { ImdnEvent } from "./session_event.ts";

/** A message that came, and what its CPIM says of it. */
export interface Arrival {
  /** The MSRP Message-ID. */
  readonly id: string;
  /** URIs of the CPIM; nobody vouches for them. */
  readonly from?: string | undefined;
  readonly to?: readonly string[] | undefined;
  readonly dateTime?: string | undefined;
  readonly imdn?: ImdnRequest | undefined;
}

/** What to tell. */
export interface Notification {
  readonly content: Content;
  /** URI of whoever asked (§7.2.1: the From of its CPIM). */
  readonly to: string | undefined;
}

/** Messages of either side that are remembered for what may still be told of them. */
const MOST_REMEMBERED = 1_024;

/** See the module comment. Says what to send; the policy of the chat decides whether it leaves. */
export class Dispositions {
  readonly #asks: readonly DispositionRequest[];
  readonly #asked = new Set<string>();
  readonly #arrived = new Map<string, Arrival>();
  /** `delivery` and `display` of messages that were told already (§7.2.1: once each). */
  readonly #told = new Set<string>();

  /** @param asks What we want to be told of our messages; empty: nothing is asked. */
  constructor(asks: readonly DispositionRequest[] = []) {
    this.#asks = asks;
  }

  /** What the CPIM of our message asks, if anything. */
  requestFor(id: string): ImdnRequest | undefined {
    if (this.#asks.length === 0) return undefined;
    remember(this.#asked, id);
    return { messageId: id, requests: this.#asks };
  }

  /** A message of a person's came whole and readable: what to tell its sender. */
  delivered(arrival: Arrival): Notification | undefined {
    this.#arrived.delete(arrival.id);
    this.#arrived.set(arrival.id, arrival);
    for (const oldest of this.#arrived.keys()) {
      if (this.#arrived.size <= MOST_REMEMBERED) break;
      this.#arrived.delete(oldest);
    }
    return this.#tell(arrival, "positive-delivery", "delivery", "delivered");
  }

  /** A message came and cannot be read here. */
  failed(arrival: Arrival): Notification | undefined {
    return this.#tell(arrival, "negative-delivery", "delivery", "failed");
  }

  /** A person saw the message: what to tell its sender. Nothing for one that nobody knows. */
  displayed(id: string): Notification | undefined {
    const arrival = this.#arrived.get(id);
    return arrival && this.#tell(arrival, "display", "display", "displayed");
  }

  /** A notification came. It counts only for a message of ours that asked for such. */
  receive(body: Uint8Array, from: string): ImdnEvent | undefined {
    const imdn = tryParse(() => parseImdn(body));
    if (imdn === undefined || !this.#asked.has(imdn.messageId)) return undefined;
    const { messageId: id, notification, status } = imdn;
    return { type: "imdn", id, notification, status, from };
  }

  #tell(
    { imdn, dateTime, from, to }: Arrival,
    request: DispositionRequest,
    notification: Imdn["notification"],
    status: string,
  ): Notification | undefined {
    if (imdn?.requests.includes(request) !== true) return undefined;
    const told = `${notification} ${imdn.messageId}`;
    if (this.#told.has(told)) return undefined;
    remember(this.#told, told);
    const recipientUri = to?.[0];
    const body = writeImdn({
      messageId: imdn.messageId,
      dateTime: dateTime ?? "",
      ...(recipientUri === undefined ? {} : { recipientUri }),
      notification,
      status,
    });
    return { content: { contentType: IMDN_TYPE, body }, to: from };
  }
}

function remember(set: Set<string>, item: string): void {
  set.delete(item);
  set.add(item);
  for (const oldest of set) {
    if (set.size <= MOST_REMEMBERED) break;
    set.delete(oldest);
  }
}
