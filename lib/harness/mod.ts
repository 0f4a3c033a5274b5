/** Is that other program right? Are we? Peers, and the wire between them. */
export * from "./peer.ts";
export * from "./wire.ts";
export * from "./peers/command.ts";
