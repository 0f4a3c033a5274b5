/** `a=chatroom`: what somebody supports in chat rooms, and a room allows (RFC 7701 §8). */

import type { Attribute } from "./session_description.ts";

/** The two tokens that RFC 7701 defines: `nickname` is §7, `private-messages` is §6.2. */
export const CHATROOM_TOKENS: readonly string[] = ["nickname", "private-messages"];

/** The tokens of an attribute's value. None may occur twice; of those that do, the first counts. */
export function parseChatroom(value: string): string[] {
  return [...new Set(value.split(/\s+/).filter((it) => it !== ""))];
}

/**
 * The attribute; without tokens it says that RFC 7701 is spoken and nothing more.
 * @throws {TypeError} for what is no token, or occurs twice.
 */
export function chatroomAttribute(tokens: readonly string[]): Attribute {
  if (!tokens.every((it) => TOKEN.test(it)) || new Set(tokens).size !== tokens.length) {
    throw new TypeError("expected tokens, each of them once");
  }
  return tokens.length === 0 ? { name: "chatroom" } : { name: "chatroom", value: tokens.join(" ") };
}

// token of RFC 3261 §25.1; an extension may have dots.
const TOKEN = /^[\w.!%*+`'~-]+$/;
