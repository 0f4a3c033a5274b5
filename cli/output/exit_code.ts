/** The exit statuses that scripts rely on, and which of them an error means. */
import { PeerError, SottoError } from "../../lib/base/mod.ts";
import { CliError } from "./cli_error.ts";

/** Promised to scripts: changing a meaning is a breaking change. */
export const EXIT = {
  /** Done, and everything expected happened. */
  ok: 0,
  /** Ran, but an expectation, a verdict or a check failed. */
  failed: 1,
  /** Wrong usage. */
  usage: 2,
  /** Cannot resolve, refused, reset, cut off; dead servers. */
  network: 3,
  /** The peer refused, rejected our credentials, or broke its protocol. */
  peer: 4,
  /** The fingerprint changed, or is not verified where that was required. */
  untrusted: 5,
  /** Silence. */
  timeout: 6,
  /** Encryption was required and did not come about, ended, or cannot be had. */
  unencrypted: 7,
  /** Local data is damaged, or a rewrite would lose something. Nothing was overwritten. */
  damaged: 8,
  /** Not in this build, or not with this peer. */
  unsupported: 127,
  /** SIGINT, after a clean end. */
  interrupted: 130,
  /** SIGTERM, after a clean end. */
  terminated: 143,
} as const;

/** One of the promised statuses. */
export type ExitStatus = typeof EXIT[keyof typeof EXIT];

/** Codes whose status is not that of their room. The longest matching entry wins. */
const BY_CODE: Readonly<Record<string, ExitStatus>> = {
  "storage/lock-timeout": EXIT.timeout,
  "transport/bad-certificate": EXIT.damaged,
  "transport/timeout": EXIT.timeout,
  "sip/credentials-rejected": EXIT.peer,
  "sip/digest-too-weak": EXIT.peer,
  "sip/no-credentials": EXIT.peer,
  "sip/registration-refused": EXIT.peer,
  "sip/timeout": EXIT.timeout,
  "sip/flow-failed": EXIT.network,
  "sip/no-server": EXIT.network,
  "sip/not-available": EXIT.network,
  "sip/unsupported-uri": EXIT.unsupported,
  "sip/unsupported-authentication": EXIT.peer,
  "session/timeout": EXIT.timeout,
  "session/msrp-timeout": EXIT.timeout,
  "session/answer-unusable": EXIT.peer,
  "session/connection-broken": EXIT.network,
  "session/connection-lost": EXIT.network,
  "session/ended": EXIT.peer,
  "session/msrp-closed": EXIT.network,
  "session/msrp-refused": EXIT.peer,
  "session/msrp-strangers": EXIT.network,
  "session/no-room": EXIT.unsupported,
  "session/offer-refused": EXIT.peer,
  "session/rejected": EXIT.peer,
  "session/relay-credentials": EXIT.peer,
  "session/relay-fault": EXIT.peer,
  "session/relay-insecure": EXIT.usage,
  "session/relay-lost": EXIT.network,
  "session/relay-no-answer": EXIT.timeout,
  "session/relay-none": EXIT.network,
  "session/relay-refused": EXIT.peer,
  "session/tls-fingerprint-mismatch": EXIT.peer,
  "session/unavailable": EXIT.network,
  "session/untrusted": EXIT.untrusted,
  "session/unencrypted": EXIT.unencrypted,
  "session/otr-focus": EXIT.unencrypted,
  "session/otr-off": EXIT.unencrypted,
};

const BY_ROOM: Readonly<Record<string, ExitStatus>> = {
  cli: EXIT.usage,
  transport: EXIT.network,
  storage: EXIT.damaged,
  trace: EXIT.damaged,
};

/**
 * The status that `error` ends the command with: what a {@link CliError} says; 4 for what
 * the peer did wrong; otherwise by code, then by room; 1 for everything unforeseen.
 */
export function exitStatusOf(error: unknown): ExitStatus {
  if (error instanceof CliError) return error.status;
  if (!(error instanceof SottoError)) return EXIT.failed;
  const exact = BY_CODE[error.code];
  if (exact !== undefined) return exact;
  if (error instanceof PeerError) return EXIT.peer;
  return BY_ROOM[error.code.slice(0, error.code.indexOf("/"))] ?? EXIT.failed;
}
