/** Where the cores meet the world and each other. */
export { type AnsweredCall, type CallSetup, takeCall } from "./call_setup.ts";
export type { PlacedCall } from "./call_setup.ts";
export type { EventPatience } from "./call_events.ts";
export { ChatMedia, type MediaSettings, type OfferOutcome } from "./chat_media.ts";
export type { OfferRefusal } from "./chat_abilities.ts";
export type { Carriage } from "./message_wrapping.ts";
export type * from "./chat_options.ts";
export { ChatSession } from "./chat_session.ts";
export * from "./clock.ts";
export type { RemoteMedia } from "./media_opening.ts";
export { locateByDns } from "./dns_look_up.ts";
export * from "./driver.ts";
export * from "./event_queue.ts";
export type { MediaSwitch } from "./media_switch.ts";
export * from "./listen_check.ts";
export { FileMedia, type FileMediaHost, type FileMediaRun } from "./file_media.ts";
export type * from "./file_offer.ts";
export type { BodyFeed } from "./msrp_session.ts";
export { readableText } from "./message_text.ts";
export {
  type ExpectedFingerprint,
  type MsrpDelivery,
  MsrpEndpoint,
  type MsrpEndpointOptions,
  MsrpSession,
  type OpenOptions,
  type PreparedMsrp,
  type PrepareOptions,
} from "./msrp_endpoint.ts";
export * from "./random.ts";
export * from "./registration.ts";
export type { NicknameOutcome } from "./room_member.ts";
export type { SecureChatTimers } from "./otr_offer.ts";
export * from "./secure_chat.ts";
export * from "./secure_chat_events.ts";
export type * from "./secure_chat_options.ts";
export type * from "./session_event.ts";
export * from "./server_checks.ts";
export * from "./sip_endpoint.ts";
export * from "./sip_ping.ts";
export * from "./smp_lockout.ts";
export * from "./trust_policy.ts";
export { type PrepareRelayedOptions, RelayedMsrp } from "./msrp_relayed.ts";
export {
  RELAY_PORT,
  type RelayAddress,
  type RelayServer,
  relayServers,
  type RelaySettings,
  relayUris,
} from "./msrp_relay_settings.ts";
export {
  MsrpRelays,
  type MsrpRelaysOptions,
  type RelayedPath,
  type RelayWatcher,
} from "./msrp_relays.ts";
export { relayError } from "./msrp_relay_errors.ts";
export * from "./msrp_diagnosis.ts";
export type { SecureChatLimits } from "./waiting_messages.ts";
