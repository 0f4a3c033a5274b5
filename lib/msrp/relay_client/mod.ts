/**
 * The client's half of RFC 4976: AUTH to one relay or several in a row, and what they grant.
 *
 * @module
 */

export type * from "./events.ts";
export { DEFAULT_RELAY_EXPIRES } from "./relay_answer.ts";
export { ownPath, type RelayAuthorizationConfig, type RelayToAsk } from "./relay_authorization.ts";
export { TRIAL_TIMEOUT } from "./relay_authorizations.ts";
export { type UriParameterChoice, UriParameterMemory } from "./uri_parameter.ts";
