/**
 * Off-the-Record Messaging, versions 2 and 3: a synchronous core without sockets, clock or
 * randomness of its own. Start at {@link Conversation}.
 */
export { Conversation, type InstanceFacts, type SendOptions } from "./conversation.ts";
export type { ReceiveOptions } from "./message_receiver.ts";
export type { ConversationOptions } from "./conversation_options.ts";
export type {
  ConversationEvent,
  ConversationOutput,
  ExtraKey,
  MessageKept,
  MessageReceived,
  MessageStateName,
  MessageUnreadable,
  SmpEvent,
  StateChanged,
  TransmitKind,
} from "./events.ts";
export { type ConversationLimits, DEFAULT_LIMITS } from "./limits.ts";
export { chooseVersion, DEFAULT_POLICY, type OtrPolicy, type OtrVersion } from "./policy.ts";
export type { SmpOutcome, SmpRole } from "./smp/smp_state.ts";

export { DsaPrivateKey, type DsaPrivateNumbers } from "./keys/dsa_private_key.ts";
export { DsaPublicKey } from "./keys/dsa_public_key.ts";
export { fingerprintOf, formatFingerprint, parseFingerprint } from "./keys/fingerprint.ts";
export type { DsaNumbers, DsaParameters } from "./crypto/dsa.ts";
export type { DsaProgress } from "./crypto/dsa_parameters.ts";

export {
  armour,
  type MalformedMessage,
  type OtrMessage,
  parseOtrMessage,
} from "./wire/message_kind.ts";
export { type PlaintextMessage, type Surroundings, writeOtrMessage } from "./wire/message_kind.ts";
export { decodeBase64, encodeBase64 } from "./wire/base64.ts";
export {
  type AkeBody,
  type EncodedBody,
  type EncodedMessage,
  readEncodedMessage,
  type UnknownEncoded,
  writeEncodedMessage,
} from "./wire/encoded_message.ts";
export { type EncodedHeader, MESSAGE_TYPES } from "./wire/encoded_header.ts";
export { type DataBody, IGNORE_UNREADABLE, maccedPart } from "./wire/data_message.ts";
export type { DhCommitBody } from "./wire/dh_commit_message.ts";
export type { DhKeyBody } from "./wire/dh_key_message.ts";
export type { RevealSignatureBody } from "./wire/reveal_signature_message.ts";
export type { SignatureBody } from "./wire/signature_message.ts";
export { type ErrorMessage, writeErrorMessage } from "./wire/error_message.ts";
export { type Fragment, type FragmentHeader, writeFragments } from "./wire/fragment.ts";
export { isInstanceTag, makeInstanceTag, SMALLEST_INSTANCE_TAG } from "./wire/instance_tag.ts";
export { type QueryMessage, writeQueryTag } from "./wire/query_message.ts";
export { type TaggedPlaintext, writeWhitespaceTag } from "./wire/whitespace_tag.ts";
export { type Plaintext, readPlaintext, TLV, type Tlv, writePlaintext } from "./wire/tlv.ts";

export { type AkeKeys, type BlockKeys, deriveAkeKeys } from "./ake/ake_keys.ts";
export {
  openSignature,
  type SignatureBlock,
  type SignedKeys,
  type Signer,
} from "./ake/signature_block.ts";
export { SessionKeys } from "./data/session_keys.ts";
export { agree, type DhKeyPair, generateDhKeyPair } from "./crypto/dh_group.ts";
export { aesCtr } from "./crypto/aes_ctr.ts";
export { HmacSha1, hmacSha256, sha1, sha256 } from "./crypto/hashes.ts";
export {
  readSmpMessage,
  SMP_FIELDS,
  type SmpMessage,
  type SmpMessageName,
  type SmpNumbers,
} from "./smp/smp_messages.ts";
export { smpSecret, type SmpSecretParts } from "./smp/smp_secret.ts";
