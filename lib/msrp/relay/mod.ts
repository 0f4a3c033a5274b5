/** An MSRP relay as a core (RFC 4976 §6). */

export type * from "./events.ts";
export type { RelayLimits } from "./limits.ts";
export { MsrpRelay, type MsrpRelayOptions } from "./relay.ts";
export type { RelayAuthOptions } from "./relay_auth.ts";
