/**
 * Private chat over SIP: OTR inside MSRP. Each room of the library is a namespace, exactly
 * as its own `mod.ts` shows it; the words that every room's signatures share stand beside them.
 *
 * A program that needs one room may import that room's `mod.ts` alone.
 *
 * @module
 */
/** Digest authentication, for SIP and for MSRP relays. */
export * as auth from "./lib/auth/mod.ts";
/** Octets, errors, secrets: what every room speaks with. */
export * as base from "./lib/base/mod.ts";
/** Other engines as peers, and scripted conversations. */
export * as harness from "./lib/harness/mod.ts";
/** Servers to try things with: a registrar and proxy, a relay, and peers that answer. */
export * as lab from "./lib/lab/mod.ts";
/** What messages contain: CPIM, isComposing, IMDN, media types. */
export * as im from "./lib/im/mod.ts";
/** The Message Session Relay Protocol as an endpoint. */
export * as msrp from "./lib/msrp/mod.ts";
/** Off-the-Record Messaging, versions 2 and 3. */
export * as otr from "./lib/otr/mod.ts";
/** Session descriptions, and MSRP's offers and answers. */
export * as sdp from "./lib/sdp/mod.ts";
/** Calls that become private chats: the rooms put together. */
export * as session from "./lib/session/mod.ts";
/** A SIP user agent core. */
export * as sip from "./lib/sip/mod.ts";
/** Keys, trust and the home folder. */
export * as storage from "./lib/storage/mod.ts";
/** What went over the wire, written down and explained. */
export * as trace from "./lib/trace/mod.ts";
/** TCP, TLS and UDP. */
export * as transport from "./lib/transport/mod.ts";
export {
  type ErrorCode,
  type Instant,
  type Output,
  PeerError,
  type ProtocolCore,
  type RandomSource,
  Secret,
  SottoError,
} from "./lib/base/mod.ts";
