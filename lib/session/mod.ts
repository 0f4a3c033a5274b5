/** Where the cores meet the world and each other. */
export type { MediaSettings } from "./chat_media.ts";
export {
  ChatSession,
  type ChatSessionOptions,
  type PeerRecords,
  readableText,
  type SendOutcome,
  type SessionEnd,
  type SmpGuard,
  type SmpOutcome,
} from "./chat_session.ts";
export * from "./clock.ts";
export * from "./driver.ts";
export * from "./event_queue.ts";
export {
  type ExpectedFingerprint,
  type MsrpDelivery,
  MsrpEndpoint,
  type MsrpEndpointOptions,
  MsrpSession,
  type OpenOptions,
  PreparedMsrp,
  type PrepareOptions,
} from "./msrp_endpoint.ts";
export * from "./random.ts";
export * from "./secure_chat.ts";
export type * from "./session_event.ts";
export * from "./sip_endpoint.ts";
export * from "./trust_policy.ts";
