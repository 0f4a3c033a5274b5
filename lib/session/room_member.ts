/** One of many in a chat room: nicknames, and messages for one member alone (RFC 7701 §6.2, §7). */

import { SottoError } from "../base/errors.ts";
import { canonicalAor } from "../storage/mod.ts";
import type { Arrival } from "./dispositions.ts";
import type { MsrpSession } from "./msrp_endpoint.ts";

/** What a switch answered to NICKNAME. */
export interface NicknameOutcome {
  /** Whether the name is ours now. */
  readonly status: "accepted" | "refused";
  /** As in RFC 7701 §10.3: 200; 403 not allowed; 424 malformed; 425 taken. 408 without an answer. */
  readonly code: number;
  readonly reason: string;
}

/** What the room says of itself. */
export interface RoomFacts {
  readonly isFocus: boolean;
  /** Tokens of its `a=chatroom`; `undefined` when it has none. */
  readonly chatroom: readonly string[] | undefined;
}

/** Messages for one member that wait to leave; see also the limits of the secure chat. */
const MOST_ADDRESSED = 1_024;

/** Our membership. Holds nothing of messages but whom they are for. */
export class RoomMember {
  readonly #recipients = new Map<string, string>();

  /**
   * Asks for a nickname; an empty one gives the present one up.
   *
   * @throws {SottoError} `session/no-room` when the other side is no conference that has
   * nicknames; what `MsrpSession.useNickname` throws.
   */
  async useNickname(
    room: RoomFacts,
    msrp: MsrpSession | undefined,
    nickname: string,
  ): Promise<NicknameOutcome> {
    mustAllow(room, "nickname", "nicknames");
    if (msrp === undefined) throw new SottoError("session/not-open", "the session is not open");
    const { code, comment } = await msrp.useNickname(nickname);
    const isAccepted = code >= 200 && code < 300;
    return { status: isAccepted ? "accepted" : "refused", code, reason: comment };
  }

  /**
   * Remembers that a message of ours is for one member alone.
   * @throws {SottoError} `session/no-room`, `session/queue-full`.
   */
  address(room: RoomFacts, id: string, to: string): void {
    mustAllow(room, "private-messages", "private messages");
    if (this.#recipients.size >= MOST_ADDRESSED) {
      throw new SottoError("session/queue-full", "too many private messages wait to leave");
    }
    this.#recipients.set(id, to);
  }

  /** Whom the message that leaves now is for, if for one member alone. */
  recipientOf(id: string | undefined): string | undefined {
    if (id === undefined) return undefined;
    return this.#recipients.get(id);
  }

  /** The fate of a message is known. */
  forget(id: string): void {
    this.#recipients.delete(id);
  }
}

/**
 * Who wrote a message that a conference forwarded, and whether it is for us alone: what the
 * switch checked, as far as it checks anything (RFC 7701 §6.1, §6.2).
 */
export function roomSender(
  { from, to }: Pick<Arrival, "from" | "to">,
  room: string,
): { readonly from?: string; readonly private?: true } {
  const sender = from === undefined ? undefined : canonicalAor(from) ?? from;
  const isPrivate = to?.length === 1 && canonicalAor(to[0] ?? "") !== room;
  return {
    ...(sender === undefined ? {} : { from: sender }),
    ...(isPrivate ? { private: true } : {}),
  };
}

/** RFC 7701 §8: a private message to a room that knows none would go to everybody. */
function mustAllow({ isFocus, chatroom }: RoomFacts, token: string, what: string): void {
  if (isFocus && chatroom?.includes(token) === true) return;
  throw new SottoError(
    "session/no-room",
    isFocus ? `the conference has no ${what}` : `${what} are for conferences, and this is none`,
  );
}
