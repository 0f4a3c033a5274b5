/** The medium of a conference, seen from its focus (RFC 7701): what it says, allows and refuses. */

import type { JudgedMessage } from "../msrp/mod.ts";

/** How a {@link ChatMedia} differs that belongs to a switch. */
export interface MediaSwitch {
  /** Tokens of `a=chatroom` (§8): what the room allows. */
  readonly chatroom: readonly string[];
  /** What may be inside the CPIM: `a=accept-wrapped-types`. */
  readonly wrappedTypes: readonly string[];
  /** Octets of the largest message: `a=max-size`. */
  readonly maxSize: number;
  /** Answers a whole message with a code that refuses it, or lets it pass (§6.3). */
  readonly judgeMessage: (message: JudgedMessage) => number | undefined;
  /** Answers a NICKNAME (§7.1). */
  readonly reserveNickname: (nickname: string) => number;
}
