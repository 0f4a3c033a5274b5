/**
 * Digest authentication for SIP and for MSRP relays: RFC 7616 and 8760, with RFC 2617 and 2069 for
 * old peers. Time and randomness come from outside.
 */

export {
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  digestAlgorithm,
  type DigestHash,
  type DigestMinimum,
  hashOf,
  hexDigest,
  isStrongEnough,
} from "./algorithm.ts";
export { MAX_AUTH_PARAMETERS, MAX_AUTH_VALUE, MAX_CHALLENGES_PER_FIELD } from "./auth_scanner.ts";
export * from "./authentication_info.ts";
export * from "./authorization.ts";
export * from "./challenge.ts";
export { type DigestCredentials, passwordSecret } from "./credentials.ts";
export * from "./digest_client.ts";
export * from "./digest_server.ts";
export type { NonceLimits } from "./server_nonces.ts";
