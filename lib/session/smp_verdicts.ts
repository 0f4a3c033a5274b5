/**
 * What the OTR engine's news of SMP mean to people: whether the other side saw our proof, who
 * gains trust by a match, and which question is not answered (docs/spec_notes/session.md, "Trust").
 */

import type { ConversationEvent } from "../otr/mod.ts";
import type { SecureChatEvent } from "./secure_chat_events.ts";

/** Blink asks this by itself when ZRTP gave it a string; we have none (facts: Blink §3.7). */
const ZRTP_QUESTION = "What is the ZRTP authentication string?";

/** The message of either side that carries its P and Q, counted from one: the proof. */
const PROOF = 2;

/** What of the engine's event counts here. */
export type SmpNews = Pick<
  Extract<ConversationEvent, { type: "smp" }>,
  "what" | "role" | "question"
>;

/** Follows one exchange after the other. */
export class SmpVerdicts {
  #sent = 0;

  /** An exchange begins, or is ended by us: what was sent before counts for no verdict. */
  restart(): void {
    this.#sent = 0;
  }

  /** A message of the exchange leaves. */
  sent(): void {
    this.#sent += 1;
  }

  /** What the engine says, for the application. */
  read(event: SmpNews): {
    readonly event: Extract<SecureChatEvent, { type: "smp" }>;
    /** Nobody here can answer this question: it is given up. */
    readonly isHopeless: boolean;
    /** The peer's fingerprint is verified by it. */
    readonly givesTrust: boolean;
  } {
    const { what, role, question = null } = event;
    if (what === "asked") this.restart();
    return {
      event: {
        type: "smp",
        state: what === "cheated" ? "error" : what,
        question,
        role,
        proofSeen: this.#sent >= PROOF,
      },
      isHopeless: what === "asked" && question === ZRTP_QUESTION,
      // With a question only the side that asked gains trust.
      givesTrust: what === "success" && (role === "initiator" || question === null),
    };
  }
}
