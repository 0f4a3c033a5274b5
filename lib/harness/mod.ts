/** Is that other program right? Are we? Scripted conversations, peers, and the wire between them. */
export * from "./peer.ts";
export * from "./peer_server.ts";
export * from "./peers/command.ts";
export * from "./peers/in_process.ts";
export * from "./wire.ts";
export * from "./conversation/mod.ts";
