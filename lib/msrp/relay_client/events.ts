/** What a connection reports about the relays that it asks to act for us (RFC 4976 §5.1). */
import type { PeerError } from "../../base/errors.ts";
import type { MsrpUri } from "../uri.ts";

/** All relays of an authorization have granted their URIs, or have done so again. */
export interface RelayPathGranted {
  readonly type: "relay-granted";
  /** What `authorize` was told. */
  readonly authorization: string;
  /** Use-Path: the way out, our own relay first. Reversed it stands in `a=path` (§5.1). */
  readonly usePath: readonly MsrpUri[];
  /** Seconds that it is good for. */
  readonly expires: number;
  /** `refresh` with the same path, or `moved` with another one, of which the peer must be told. */
  readonly occasion: "first" | "refresh" | "moved";
  /** For each relay in the row: whether `uri` stood in the credentials that it accepted. */
  readonly withUri: readonly boolean[];
  /** Whether every relay proved that it knows the password (§9.1). Not all of them try. */
  readonly isProven: boolean;
}

/** A relay did not grant its URI. */
export interface RelayPathRefused {
  readonly type: "relay-refused";
  readonly authorization: string;
  /** The relay as it was addressed. */
  readonly relay: MsrpUri;
  /** Its place in the row, from 0. */
  readonly index: number;
  readonly cause: RelayPathRefusalCause;
  /** Status of the response; 0 without one. */
  readonly code: number;
  readonly comment: string;
  /** Whether credentials were sent, and whether `uri` stood in them. */
  readonly credentials: "none" | "with-uri" | "without-uri";
  /** What the relay did wrong, when it did. */
  readonly error?: PeerError | undefined;
  /** Of a refresh: the old path goes on for so many milliseconds. */
  readonly remaining?: number | undefined;
}

/** Why a relay granted nothing. */
export type RelayPathRefusalCause =
  /** The password, or the name, is wrong. */
  | "credentials"
  /** The credentials are fine and it will not: 403, 423 twice, any other code. */
  | "refused"
  /** No answer in time. */
  | "no-answer"
  /** It closed the connection in place of an answer. */
  | "connection"
  /** Its answer breaks a rule: see `error`. */
  | "fault";

/** The time of a path is over, and no refresh succeeded. */
export interface RelayPathExpired {
  readonly type: "relay-expired";
  readonly authorization: string;
}

/** Everything that concerns relays. */
export type RelayPathEvent = RelayPathGranted | RelayPathRefused | RelayPathExpired;
