/** SIP user agent core: RFC 3261 and what it pulls in. Sockets, time and randomness come from outside. */

export * from "./message/message.ts";
export * from "./message/method.ts";
export * from "./message/status.ts";
export * from "./message/host.ts";
export {
  hasParameter,
  type Parameter,
  parameterValue,
  withParameter,
  writeParameters,
} from "./message/parameters.ts";
export * from "./message/uri.ts";
export * from "./message/uri_comparison.ts";
export * from "./message/name_address.ts";
export * from "./message/via.ts";
export * from "./message/cseq.ts";
export * from "./message/header_fields.ts";
export * from "./message/message_parser.ts";
export * from "./message/message_writer.ts";
export * from "./message/stream_framer.ts";
export * from "./flow/keep_alive.ts";
export * from "./flow/stun_message.ts";
export * from "./transaction/timers.ts";
export * from "./dialog/dialog_id.ts";
export { routeTo, type Routing } from "./dialog/route_set.ts";
export { type CertifiedNames, identityFault, sipIdentities } from "./location/domain_identity.ts";
export * from "./location/location.ts";
export { locateServers, srvName } from "./location/locate.ts";
export { locateSender } from "./location/locate_sender.ts";
export { type NaptrRule } from "./location/naptr_choice.ts";
export { sortSrv, type SrvServer } from "./location/srv_order.ts";
export * from "./user_agent/destination.ts";
export type { AnswerOptions } from "./user_agent/incoming_call.ts";
export type { InviteOptions } from "./user_agent/outgoing_call.ts";
export type { CredentialLookup, CredentialOptions } from "./user_agent/request_credentials.ts";
export * from "./user_agent/user_agent_core.ts";
export type { UserAgentLimits, UserAgentOptions } from "./user_agent/user_agent_options.ts";
export type { DeadServer } from "./user_agent/pending_request.ts";
export { type Binding, MAX_BINDINGS } from "./registration/bindings.ts";
export type { RetryTimes } from "./registration/retry_delay.ts";
export {
  type RegistrationEvent,
  registrationHop,
  type RegistrationOptions,
} from "./registration/registration.ts";
export { MAX_REGISTRATIONS, type RegistrationId } from "./registration/registrations.ts";
export { RedirectTargets } from "./user_agent/redirect_targets.ts";
export * from "./events.ts";
export { newCallId, newTag } from "./user_agent/tokens.ts";
export type { SipServerEvent, SipServerOutput } from "./server/events.ts";
export type { BindingLimits } from "./server/location_table.ts";
export type { RegistrarTimes } from "./server/registrar.ts";
export type { ServerPlace } from "./server/server_identity.ts";
export {
  SipServerCore,
  type SipServerCoreOptions,
  type SipServerLimits,
} from "./server/server_core.ts";
