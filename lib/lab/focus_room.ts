/**
 * A chat room as its switch sees it: who is there and under which name, what may be said to
 * whom, and what everybody is told (RFC 7701 §5–§7). Decides, and sends nothing.
 */

import { utf8 } from "../base/bytes.ts";
import { PeerError } from "../base/errors.ts";
import {
  type CpimMessage,
  decodeText,
  parseContentType,
  parseCpim,
  writeContentType,
  writeCpim,
} from "../im/mod.ts";
import { parseOtrMessage } from "../otr/mod.ts";
import { canonicalAor } from "../storage/mod.ts";
import { comparableNickname } from "./nickname_rules.ts";

/** Somebody in the room. */
export interface RoomParticipant {
  /** Address of record. Several sessions of one address are one person in several places. */
  readonly aor: string;
  /** Whether it stands for nobody: then no two sessions are one person. */
  readonly isAnonymous: boolean;
  /** Tokens of its `a=chatroom`, as of now; `undefined` when it knows nothing of rooms. */
  readonly chatroom: () => readonly string[] | undefined;
  /** Whether it takes this type inside CPIM, as of now. */
  readonly accepts: (contentType: string) => boolean;
}

/** A message on its way to one participant: `message/cpim`. */
export interface RoomDelivery {
  /** What {@link FocusRoom.join} returned. */
  readonly to: number;
  readonly body: Uint8Array;
}

/** Bounds of a room. */
export interface RoomLimits {
  /** Participants at the same time. Default 128. */
  readonly participants?: number;
}

interface Member extends RoomParticipant {
  /** As it was asked for; empty for none. */
  nickname: string;
}

/** Whose words are whose. See the module comment. */
export class FocusRoom {
  /** Address of record of the room. */
  readonly aor: string;
  readonly #members = new Map<number, Member>();
  readonly #limit: number;
  #next = 1;

  /** @param aor Address of record of the room: To of what is for everybody. */
  constructor(aor: string, { participants = 128 }: RoomLimits = {}) {
    this.aor = aor;
    this.#limit = participants;
  }

  /** Whether nobody else can come in. */
  get isFull(): boolean {
    return this.#members.size >= this.#limit;
  }

  /** Whether somebody is there. */
  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** Who is there, as people are shown it: nickname and address. */
  get roster(): readonly string[] {
    return this.#members.values().map(shown).toArray();
  }

  /**
   * Somebody comes in: everybody else is told, and the newcomer who is there. One that knows
   * nothing of rooms is told what it is in (§11).
   *
   * @param now Milliseconds since 1970, for the messages.
   * @throws {RangeError} when the room is full.
   */
  join(
    participant: RoomParticipant,
    now: number,
  ): { readonly id: number; readonly deliveries: RoomDelivery[] } {
    if (this.isFull) throw new RangeError("the room is full");
    const id = this.#next++;
    const others = this.roster;
    const member = { ...participant, nickname: "" };
    this.#members.set(id, member);
    const here = others.length === 0 ? "nobody else is here" : `here: ${others.join(", ")}`;
    const warning = participant.chatroom() === undefined
      ? "; this is a conference: everybody in it gets what you write"
      : "";
    return {
      id,
      deliveries: [
        ...this.#announce([id], `welcome to ${this.aor}; ${here}${warning}`, now),
        ...this.#announce(this.#except(id), `${shown(member)} joined`, now),
      ],
    };
  }

  /** Somebody left. Its nickname is free again at once: the room has no quarantine (§4.1). */
  leave(id: number, now: number): RoomDelivery[] {
    const member = this.#members.get(id);
    if (member === undefined) return [];
    this.#members.delete(id);
    return this.#announce(this.#except(id), `${shown(member)} left`, now);
  }

  /** Answers a NICKNAME (§7): 200, 424 for what nobody could read, 425 for what is taken. */
  reserve(
    id: number,
    nickname: string,
    now: number,
  ): { readonly code: number; readonly deliveries: RoomDelivery[] } {
    const member = this.#members.get(id);
    if (member === undefined) return { code: 403, deliveries: [] };
    const wanted = comparableNickname(nickname);
    if (nickname !== "" && wanted === "") return { code: 424, deliveries: [] };
    if (nickname !== "" && this.#isTaken(wanted, id, member)) return { code: 425, deliveries: [] };
    if (nickname === member.nickname) return { code: 200, deliveries: [] };
    const before = shown(member);
    member.nickname = nickname;
    const text = nickname === ""
      ? `${before} gave the nickname up`
      : `${before} is now known as ${nickname}`;
    return { code: 200, deliveries: this.#announce([...this.#members.keys()], text, now) };
  }

  /**
   * What a SEND is refused with by what is in it (§6.1–§6.3); `undefined` lets it pass.
   * @param sender Address of record of whoever sent it.
   */
  judge(sender: string, body: Uint8Array): number | undefined {
    const message = readCpim(body);
    if (message === undefined) return 400;
    if (aorOf(message.from?.uri) !== sender) return 403;
    if (message.to.length > 1 || speaksOtr(message)) return 403;
    const to = aorOf(message.to[0]?.uri);
    if (to === this.aor) return undefined;
    const recipients = this.#sessionsOf(to);
    if (recipients.length === 0) return 404;
    return recipients.some(([, it]) => takesPrivate(it)) ? undefined : 428;
  }

  /**
   * Passes on a message that {@link judge} let pass, as it is: to everybody else, or to every
   * session of the one that it is for. Who does not take its type does not get it (§6.1).
   */
  forward(id: number, body: Uint8Array): RoomDelivery[] {
    const message = readCpim(body);
    if (message === undefined) return [];
    const to = aorOf(message.to[0]?.uri);
    const isForAll = to === this.aor;
    const type = writeContentType(message.contentType);
    const recipients = isForAll
      ? [...this.#members].filter(([it]) => it !== id)
      : this.#sessionsOf(to).filter(([, it]) => takesPrivate(it));
    return recipients.filter(([, it]) => it.accepts(type)).map(([to]) => ({ to, body }));
  }

  #isTaken(wanted: string, id: number, asking: Member): boolean {
    if (wanted === comparableNickname(this.aor)) return true;
    for (const [other, { aor, isAnonymous, nickname }] of this.#members) {
      // §7.1: the same person may have one name in two places.
      const isSame = other === id || (aor === asking.aor && !isAnonymous);
      if (isSame) continue;
      if (wanted === comparableNickname(nickname) || wanted === comparableNickname(aor)) {
        return true;
      }
    }
    return false;
  }

  #sessionsOf(aor: string | undefined): [number, Member][] {
    return [...this.#members].filter(([, it]) => it.aor === aor);
  }

  #except(id: number): number[] {
    return [...this.#members.keys()].filter((it) => it !== id);
  }

  #announce(recipients: readonly number[], text: string, now: number): RoomDelivery[] {
    const room = `sip:${this.aor}`;
    const body = writeCpim({
      from: { uri: room },
      to: [{ uri: room }],
      dateTime: new Date(now).toISOString(),
      contentType: parseContentType("text/plain; charset=utf-8"),
      body: utf8(text),
    });
    return recipients.filter((to) => this.#members.get(to)?.accepts("text/plain") === true)
      .map((to) => ({ to, body }));
  }
}

function shown({ nickname, aor }: Member): string {
  return nickname === "" ? aor : `${nickname} (${aor})`;
}

function aorOf(uri: string | undefined): string | undefined {
  return uri === undefined ? undefined : canonicalAor(uri);
}

/** §6.2: whoever does not say so could not tell it from a message to everybody. */
function takesPrivate({ chatroom }: Member): boolean {
  return chatroom()?.includes("private-messages") === true;
}

function readCpim(body: Uint8Array): CpimMessage | undefined {
  try {
    return parseCpim(body);
  } catch (error) {
    if (error instanceof PeerError) return undefined;
    throw error;
  }
}

/** OTR has two ends: a query to a room would be answered by everybody in it. */
function speaksOtr({ contentType, body }: CpimMessage): boolean {
  if (contentType.type.toLowerCase() !== "text") return false;
  const { type } = parseOtrMessage(decodeText(contentType, body));
  // A tag of white space is on somebody's words; what it leads to is stopped here.
  return type !== "plaintext" && type !== "tagged-plaintext";
}
