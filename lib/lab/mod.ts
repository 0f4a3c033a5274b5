/**
 * Servers to try things with, and peers that answer: what `sotto lab` starts, and what the
 * tests of this package talk to. None of it is meant for a public network.
 *
 * @module
 */
export { SipServer, type SipServerOptions } from "./sip_server.ts";
export type { StreamLimits } from "./sip_streams.ts";
export type { SocketFaults } from "./socket_faults.ts";
export * from "./users.ts";
export { type LabFault, MOST_FAULT_DELAY, parseFault } from "./fault.ts";
export { type FaultyNetwork, faultyNetwork, type FaultyNetworkOptions } from "./faulty_network.ts";
export { PathRewriter, type PathRewriterOptions } from "./path_rewriter.ts";
export { type BotActivity, BotHouse, type BotHouseOptions, type LabBot } from "./bot_house.ts";
export { EchoBot, type EchoBotOptions } from "./echo_bot.ts";
export { FocusBot, type FocusBotOptions } from "./focus_bot.ts";
export type { OutboxLimits } from "./focus_outbox.ts";
export type { RoomLimits } from "./focus_room.ts";
export { Lab, type LabOptions } from "./lab.ts";
export { MsrpRelayServer, type MsrpRelayServerOptions, type RelayListen } from "./msrp_relay.ts";
