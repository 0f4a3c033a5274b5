/**
 * authstate: the authenticated key exchange as one total table ("State transitions").
 * Handlers return the next state and what to send; they throw {@link PeerError} for a
 * message that does not check out, and {@link receiveAkeMessage} then stays where it was.
 */
import { compareBytes, equalBytes } from "../../base/bytes.ts";
import { constantTimeEqual } from "../../base/constant_time.ts";
import { PeerError } from "../../base/errors.ts";
import type { RandomSource } from "../../base/output.ts";
import { aesCtr, ZERO_COUNTER } from "../crypto/aes_ctr.ts";
import {
  agree,
  copyDhKeyPair,
  type DhKeyPair,
  generateDhKeyPair,
  mpi,
  readDhPublicKey,
  wipeDhKeyPair,
} from "../crypto/dh_group.ts";
import { fromBigInt } from "../crypto/arithmetic/mod.ts";
import { sha256 } from "../crypto/hashes.ts";
import type { DsaPrivateKey } from "../keys/dsa_private_key.ts";
import type { DsaPublicKey } from "../keys/dsa_public_key.ts";
import type { OtrVersion } from "../policy.ts";
import { WireReader } from "../wire/data_types.ts";
import type { DhCommitBody } from "../wire/dh_commit_message.ts";
import type { DhKeyBody } from "../wire/dh_key_message.ts";
import type { AkeBody } from "../wire/encoded_message.ts";
import type { RevealSignatureBody } from "../wire/reveal_signature_message.ts";
import type { SignatureBody } from "../wire/signature_message.ts";
import { type AkeKeys, deriveAkeKeys, wipeAkeKeys } from "./ake_keys.ts";
import { openSignature, sealSignature } from "./signature_block.ts";

/** No exchange in progress. */
export interface AuthNone {
  readonly name: "AUTHSTATE_NONE";
}

/** We committed and wait for the D-H Key. */
export interface AwaitingDhKey {
  readonly name: "AUTHSTATE_AWAITING_DHKEY";
  readonly version: OtrVersion;
  readonly r: Uint8Array;
  readonly x: DhKeyPair;
  readonly commit: DhCommitBody;
}

/** We sent our D-H Key and wait for the Reveal Signature. */
export interface AwaitingRevealSig {
  readonly name: "AUTHSTATE_AWAITING_REVEALSIG";
  readonly version: OtrVersion;
  readonly y: DhKeyPair;
  readonly theirCommit: DhCommitBody;
}

/** We revealed and wait for the Signature. */
export interface AwaitingSig {
  readonly name: "AUTHSTATE_AWAITING_SIG";
  readonly version: OtrVersion;
  readonly x: DhKeyPair;
  readonly theirKey: DhKeyBody;
  readonly gy: bigint;
  readonly keys: AkeKeys;
  readonly reveal: RevealSignatureBody;
}

/** authstate, without version 1's. */
export type AkeState = AuthNone | AwaitingDhKey | AwaitingRevealSig | AwaitingSig;

/** What the exchange needs from outside. */
export interface AkeContext {
  readonly key: DsaPrivateKey;
  readonly random: RandomSource;
}

/** What a completed exchange leaves behind. */
export interface AkeResult {
  readonly version: OtrVersion;
  /** Our D-H key number 1. Now the receiver's to wipe. */
  readonly ours: DhKeyPair;
  readonly theirs: bigint;
  readonly theirKeyId: number;
  readonly theirPublicKey: DsaPublicKey;
  readonly ssid: Uint8Array;
  /** Which half of the ssid we read aloud: the first if we sent the Reveal Signature. */
  readonly ssidHalf: "first" | "second";
}

/** What a message led to. */
export interface AkeTransition {
  readonly next: AkeState;
  readonly send?: { readonly version: OtrVersion; readonly body: AkeBody };
  readonly result?: AkeResult;
}

/** The number of the D-H key that an AKE is about: it always starts a new series. */
export const AKE_KEY_ID = 1;

/** The state before and after every exchange. */
export const AUTH_NONE: AuthNone = { name: "AUTHSTATE_NONE" };

type Handler<S, M> = (
  state: S,
  body: M,
  version: OtrVersion,
  context: AkeContext,
) => AkeTransition;

type Cells<S> = { [B in AkeBody as B["type"]]: Handler<S, B> | "ignore" };

/** Every state and every message; a cell is a handler or the word `ignore`. */
export const AKE_TRANSITIONS: { [S in AkeState as S["name"]]: Cells<S> } = {
  AUTHSTATE_NONE: {
    "dh-commit": replyWithDhKey,
    "dh-key": "ignore",
    "reveal-signature": "ignore",
    "signature": "ignore",
  },
  AUTHSTATE_AWAITING_DHKEY: {
    "dh-commit": resolveCrossedCommits,
    "dh-key": revealOurSignature,
    "reveal-signature": "ignore",
    "signature": "ignore",
  },
  AUTHSTATE_AWAITING_REVEALSIG: {
    "dh-commit": repeatDhKey,
    "dh-key": "ignore",
    "reveal-signature": answerWithSignature,
    "signature": "ignore",
  },
  AUTHSTATE_AWAITING_SIG: {
    "dh-commit": replyWithDhKey,
    "dh-key": repeatRevealSignature,
    "reveal-signature": "ignore",
    "signature": complete,
  },
};

/** Begins an exchange: a D-H Commit, whatever the state was. */
export function startAke(version: OtrVersion, { random }: AkeContext): AkeTransition {
  const x = generateDhKeyPair(random);
  const r = random(16);
  const gx = mpi(x.publicKey);
  const commit: DhCommitBody = {
    type: "dh-commit",
    encryptedGx: aesCtr(r, ZERO_COUNTER, gx),
    hashedGx: sha256(gx),
  };
  return {
    next: { name: "AUTHSTATE_AWAITING_DHKEY", version, r, x, commit },
    send: { version, body: commit },
  };
}

/**
 * Feeds one message. `undefined` when the state ignores it.
 *
 * SPEC NOTE otr-1: on a failed verification one place of the specification sends
 * authstate to NONE, the receiving rules say "ignore the message". We ignore.
 *
 * @throws {PeerError} when the message does not check out; the caller keeps its state.
 */
export function receiveAkeMessage(
  state: AkeState,
  body: AkeBody,
  version: OtrVersion,
  context: AkeContext,
): AkeTransition | undefined {
  // The cell for a state's name takes that state, and for a body's type that body: what
  // the table's type says, but no inference can follow through two indexes at once.
  const handler = AKE_TRANSITIONS[state.name][body.type] as
    | Handler<AkeState, AkeBody>
    | "ignore";
  return handler === "ignore" ? undefined : handler(state, body, version, context);
}

/** A copy of a state in which we wait for a D-H Key: several instances may answer one Commit. */
export function copyAwaitingDhKey(state: AwaitingDhKey): AwaitingDhKey {
  return { ...state, r: state.r.slice(), x: copyDhKeyPair(state.x) };
}

/** Overwrites the secrets of a state that is being left for good. */
export function wipeAkeState(state: AkeState): void {
  switch (state.name) {
    case "AUTHSTATE_NONE":
      return;
    case "AUTHSTATE_AWAITING_DHKEY":
      state.r.fill(0);
      return wipeDhKeyPair(state.x);
    case "AUTHSTATE_AWAITING_REVEALSIG":
      return wipeDhKeyPair(state.y);
    case "AUTHSTATE_AWAITING_SIG":
      wipeAkeKeys(state.keys);
      return wipeDhKeyPair(state.x);
    default:
      return state satisfies never;
  }
}

function replyWithDhKey(
  state: AkeState,
  theirCommit: DhCommitBody,
  version: OtrVersion,
  { random }: AkeContext,
): AkeTransition {
  const y = generateDhKeyPair(random);
  wipeAkeState(state);
  return {
    next: { name: "AUTHSTATE_AWAITING_REVEALSIG", version, y, theirCommit },
    send: { version, body: dhKey(y) },
  };
}

/**
 * Both sides committed. The higher hash stands, and its sender repeats its Commit without
 * leaving AUTHSTATE_AWAITING_DHKEY. A Commit of another version is no tie: it is answered.
 */
function resolveCrossedCommits(
  state: AwaitingDhKey,
  theirs: DhCommitBody,
  version: OtrVersion,
  context: AkeContext,
): AkeTransition {
  const oursIsHigher = version === state.version &&
    compareBytes(state.commit.hashedGx, theirs.hashedGx) > 0;
  return oursIsHigher
    ? { next: state, send: { version, body: state.commit } }
    : replyWithDhKey(state, theirs, version, context);
}

/** The same D-H Key for the new Commit, which replaces the old. */
function repeatDhKey(
  state: AwaitingRevealSig,
  theirCommit: DhCommitBody,
  version: OtrVersion,
  context: AkeContext,
): AkeTransition {
  if (version !== state.version) return replyWithDhKey(state, theirCommit, version, context);
  return { next: { ...state, theirCommit }, send: { version, body: dhKey(state.y) } };
}

function revealOurSignature(
  state: AwaitingDhKey,
  theirKey: DhKeyBody,
  version: OtrVersion,
  { key }: AkeContext,
): AkeTransition {
  refuseOtherVersion(state, version);
  const gy = readDhPublicKey(theirKey.gy, "g^y");
  refuseOurOwn(gy, state.x);
  const secbytes = agree(state.x, gy);
  const keys = deriveAkeKeys(secbytes);
  secbytes.fill(0);
  const block = sealSignature(
    keys.reveal,
    { signers: state.x.publicKey, verifiers: gy },
    key,
    AKE_KEY_ID,
  );
  const reveal = { type: "reveal-signature", revealedKey: state.r, ...block } as const;
  return {
    next: { name: "AUTHSTATE_AWAITING_SIG", version, x: state.x, theirKey, gy, keys, reveal },
    send: { version, body: reveal },
  };
}

/** The same D-H Key again: our answer was lost. Another one belongs to nothing we know. */
function repeatRevealSignature(
  state: AwaitingSig,
  theirKey: DhKeyBody,
  version: OtrVersion,
): AkeTransition {
  const isRepeat = version === state.version && equalBytes(theirKey.gy, state.theirKey.gy);
  return isRepeat ? { next: state, send: { version, body: state.reveal } } : { next: state };
}

function answerWithSignature(
  state: AwaitingRevealSig,
  body: RevealSignatureBody,
  version: OtrVersion,
  { key }: AkeContext,
): AkeTransition {
  refuseOtherVersion(state, version);
  const gx = openCommit(state.theirCommit, body.revealedKey);
  refuseOurOwn(gx, state.y);
  const secbytes = agree(state.y, gx);
  const keys = deriveAkeKeys(secbytes);
  secbytes.fill(0);
  try {
    const dh = { signers: gx, verifiers: state.y.publicKey };
    const signer = openSignature(keys.reveal, dh, body);
    const ours = { signers: state.y.publicKey, verifiers: gx };
    const block = sealSignature(keys.signature, ours, key, AKE_KEY_ID);
    return {
      next: AUTH_NONE,
      send: { version, body: { type: "signature", ...block } },
      result: {
        version,
        ours: state.y,
        theirs: gx,
        theirKeyId: signer.keyId,
        theirPublicKey: signer.publicKey,
        ssid: keys.ssid,
        ssidHalf: "second",
      },
    };
  } finally {
    wipeAkeKeys(keys);
  }
}

function complete(state: AwaitingSig, body: SignatureBody, version: OtrVersion): AkeTransition {
  refuseOtherVersion(state, version);
  const dh = { signers: state.gy, verifiers: state.x.publicKey };
  const signer = openSignature(state.keys.signature, dh, body);
  wipeAkeKeys(state.keys);
  return {
    next: AUTH_NONE,
    result: {
      version,
      ours: state.x,
      theirs: state.gy,
      theirKeyId: signer.keyId,
      theirPublicKey: signer.publicKey,
      ssid: state.keys.ssid,
      ssidHalf: "first",
    },
  };
}

/** Decrypts g^x with the revealed r and checks it against the hash that was promised. */
function openCommit({ encryptedGx, hashedGx }: DhCommitBody, r: Uint8Array): bigint {
  if (r.length !== 16) {
    throw new PeerError(
      "otr/ake-hash-mismatch",
      "OTRv3 Reveal Signature Message",
      `expected a revealed key of 16 octets, found ${r.length}`,
    );
  }
  const gx = aesCtr(r, ZERO_COUNTER, encryptedGx);
  if (!constantTimeEqual(sha256(gx), hashedGx)) {
    throw new PeerError(
      "otr/ake-hash-mismatch",
      "OTRv3 Reveal Signature Message",
      "the revealed g^x is not what was committed to",
    );
  }
  const reader = new WireReader(gx);
  const value = readDhPublicKey(reader.mpi("g^x"), "g^x");
  reader.end("g^x");
  return value;
}

function dhKey(y: DhKeyPair): DhKeyBody {
  return { type: "dh-key", gy: fromBigInt(y.publicKey) };
}

/** With equal keys both sides would be the "low" end and share one keystream. */
function refuseOurOwn(theirs: bigint, ours: DhKeyPair): void {
  if (theirs === ours.publicKey) {
    throw new PeerError(
      "otr/bad-dh-key",
      "OTRv3 Computing AES keys, MAC keys, and the secure session id",
      "expected a D-H key that is not our own",
    );
  }
}

function refuseOtherVersion(state: { readonly version: OtrVersion }, version: OtrVersion): void {
  if (version !== state.version) {
    throw new PeerError(
      "otr/ake-version-mismatch",
      "OTRv3 The protocol state machine",
      `expected a message of version ${state.version}, found ${version}`,
    );
  }
}
