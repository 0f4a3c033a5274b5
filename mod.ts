/**
 * Private chat over SIP: OTR inside MSRP. Each room of the library is a namespace, exactly
 * as its own `mod.ts` shows it; the words that every room's signatures share stand beside them.
 *
 * A program that needs one room may import that room's `mod.ts` alone.
 *
 * @module
 */
export * as base from "./lib/base/mod.ts";
export * as harness from "./lib/harness/mod.ts";
export * as im from "./lib/im/mod.ts";
export * as msrp from "./lib/msrp/mod.ts";
export * as otr from "./lib/otr/mod.ts";
export * as sdp from "./lib/sdp/mod.ts";
export * as session from "./lib/session/mod.ts";
export * as sip from "./lib/sip/mod.ts";
export * as storage from "./lib/storage/mod.ts";
export * as trace from "./lib/trace/mod.ts";
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
