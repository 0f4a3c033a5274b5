/** Plaintext ↔ Data Message within one encrypted session ("Exchanging data", "Key Management"). */
import { constantTimeEqual } from "../../base/constant_time.ts";
import { PeerError } from "../../base/errors.ts";
import { aesCtr } from "../crypto/aes_ctr.ts";
import { fromBigInt } from "../crypto/arithmetic/mod.ts";
import { readDhPublicKey } from "../crypto/dh_group.ts";
import { type DataBody, maccedPart } from "../wire/data_message.ts";
import type { EncodedHeader } from "../wire/encoded_header.ts";
import type { KeyRotation } from "./key_rotation.ts";

/** A message that was verified and decrypted. */
export interface Decrypted {
  readonly plaintext: Uint8Array;
  /** The extra symmetric key of the keys it came under: a copy. */
  readonly extraKey: Uint8Array;
}

/** A message that was encrypted. */
export interface Encrypted {
  readonly body: DataBody;
  /** The extra symmetric key of the keys it goes under: a copy. */
  readonly extraKey: Uint8Array;
}

/** Encrypts, authenticates and attaches the MAC keys that are to be revealed. */
export function encryptData(
  rotation: KeyRotation,
  header: EncodedHeader,
  flags: number,
  plaintext: Uint8Array,
): Encrypted {
  const { keys, senderKeyId, recipientKeyId, nextDh } = rotation.sending();
  const counter = keys.nextCounter();
  const macced = {
    type: "data",
    flags,
    senderKeyId,
    recipientKeyId,
    nextDh: fromBigInt(nextDh),
    counter,
    encryptedMessage: aesCtr(keys.sendingAes, counter, plaintext),
  } as const;
  const mac = keys.sendingMac.compute(maccedPart(header, macced));
  const body = { ...macced, mac, oldMacKeys: rotation.takeOldMacKeys() };
  return { body, extraKey: keys.extraKey.slice() };
}

/**
 * Verifies keyids, MAC and counter, then decrypts, then rotates keys, in this order:
 * nothing is decrypted or changed by a message that somebody else made.
 *
 * @throws {PeerError} when it does not check out; nothing has changed then.
 */
export function decryptData(
  rotation: KeyRotation,
  header: EncodedHeader,
  body: DataBody,
): Decrypted {
  const keys = rotation.receiving(body.senderKeyId, body.recipientKeyId);
  if (!constantTimeEqual(keys.receivingMac.compute(maccedPart(header, body)), body.mac)) {
    throw new PeerError("otr/data-mac-mismatch", RULE, "the authenticator does not verify");
  }
  if (!keys.isFresh(body.counter)) {
    throw new PeerError("otr/replayed-counter", RULE, "expected a counter above all before it");
  }
  let nextDh = 0n;
  if (rotation.bringsNextKey(body.senderKeyId)) {
    nextDh = readDhPublicKey(body.nextDh, "the next D-H key");
    if (rotation.isOurs(nextDh)) {
      throw new PeerError("otr/bad-dh-key", RULE, "expected a D-H key that is not our own");
    }
  }
  const plaintext = aesCtr(keys.receivingAes, body.counter, body.encryptedMessage);
  const extraKey = keys.extraKey.slice();
  keys.accept(body.counter);
  rotation.rotate(body.senderKeyId, body.recipientKeyId, nextDh);
  return { plaintext, extraKey };
}

const RULE = "OTRv3 Key Management";
