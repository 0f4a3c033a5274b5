/** D-H keys in the 1536-bit group: generate, agree, check ("Encoded messages", AKE overview). */
import { ByteWriter } from "../../base/byte_writer.ts";
import { PeerError } from "../../base/errors.ts";
import type { RandomSource } from "../../base/output.ts";
import { writeMpi } from "../wire/data_types.ts";
import { arithmetic, fromBigInt, toBigInt } from "./arithmetic/mod.ts";

/** A key pair. */
export interface DhKeyPair {
  /** x: 40 octets. Overwritten by {@link wipeDhKeyPair}. */
  readonly privateKey: Uint8Array;
  /** g^x. */
  readonly publicKey: bigint;
}

/** A fresh key pair with a private key of 320 bits, the least that is allowed. */
export function generateDhKeyPair(random: RandomSource): DhKeyPair {
  const privateKey = random(40); // Ours from now on: wiped where it was made.
  return { privateKey, publicKey: arithmetic.fixedBaseG2(privateKey) };
}

/** A copy whose wiping leaves the original alone. */
export function copyDhKeyPair({ privateKey, publicKey }: DhKeyPair): DhKeyPair {
  return { privateKey: privateKey.slice(), publicKey };
}

/** Overwrites the private key. */
export function wipeDhKeyPair(pair: DhKeyPair): void {
  pair.privateKey.fill(0);
}

/**
 * "secbytes": the shared secret as an MPI of minimum length ("Computing AES keys, MAC
 * keys, and the secure session id").
 *
 * @param theirs Already checked by {@link readDhPublicKey}.
 */
export function agree(ours: DhKeyPair, theirs: bigint): Uint8Array<ArrayBuffer> {
  const secret = arithmetic.agree(theirs, ours.privateKey);
  let zeros = 0;
  while (secret[zeros] === 0) zeros++; // How many there are, the length on the wire would tell.
  const written = mpiOf(secret.subarray(zeros));
  secret.fill(0);
  return written;
}

/**
 * Reads a public key of the peer and checks that it is in the group.
 *
 * @param magnitude As it was written; leading zeros are tolerated.
 * @throws {PeerError} `otr/bad-dh-key` when it is not 2 … modulus−2 or generates no
 * subgroup of prime order.
 */
export function readDhPublicKey(magnitude: Uint8Array, what: string): bigint {
  // Longer than any honest value, even with a few leading zeros: not worth converting.
  const value = magnitude.length > 256 ? 0n : toBigInt(magnitude);
  if (!isKnownMember(value) && !arithmetic.isMember(value)) {
    throw new PeerError(
      "otr/bad-dh-key",
      "OTRv3 Authenticated Key Exchange",
      `expected ${what} to be a member of the group`,
    );
  }
  MEMBERS.add(value);
  return value;
}

/** Values that passed lately: every message of one direction announces the same key again. */
const MEMBERS = new Set<bigint>();
const REMEMBERED_MEMBERS = 16;

function isKnownMember(value: bigint): boolean {
  if (MEMBERS.delete(value)) return true; // Added again by the caller: as the newest.
  for (const oldest of MEMBERS) {
    if (MEMBERS.size < REMEMBERED_MEMBERS) break;
    MEMBERS.delete(oldest);
  }
  return false;
}

/** A number as an MPI of minimum length. */
export function mpi(value: bigint): Uint8Array<ArrayBuffer> {
  return mpiOf(fromBigInt(value));
}

function mpiOf(magnitude: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(200);
  writeMpi(writer, magnitude);
  return writer.finish();
}
