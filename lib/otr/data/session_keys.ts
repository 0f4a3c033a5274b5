/**
 * The keys of one pair of D-H keys: AES and MAC for both directions, the counters, and
 * the extra symmetric key ("Computing AES keys…", "Extra symmetric key").
 */
import { compareBytes } from "../../base/bytes.ts";
import { agree, type DhKeyPair } from "../crypto/dh_group.ts";
import { HmacSha1, sha1, sha256 } from "../crypto/hashes.ts";

/** Keys and counters that belong to (our key, their key). Derived once, wiped when forgotten. */
export class SessionKeys {
  readonly sendingAes: Uint8Array;
  readonly receivingAes: Uint8Array;
  readonly sendingMac: HmacSha1;
  readonly receivingMac: HmacSha1;
  /** 32 octets, h2(0xFF). Version 3 only. */
  readonly extraKey: Uint8Array;
  readonly #receivingMacKey: Uint8Array;
  readonly #lastReceived = new Uint8Array(8);
  #sent = 0;
  #hasVerified = false;

  /** @param theirs Already checked to be in the group and not our own. */
  constructor(ours: DhKeyPair, theirs: bigint) {
    const secbytes = agree(ours, theirs);
    const h1 = (b: number) => sha1(Uint8Array.of(b), secbytes);
    // The higher public key is the "high" end, which sends with byte 1.
    const [sendbyte, recvbyte] = ours.publicKey > theirs ? [0x01, 0x02] : [0x02, 0x01];
    this.sendingAes = h1(sendbyte).slice(0, 16);
    this.receivingAes = h1(recvbyte).slice(0, 16);
    const sendingMacKey = sha1(this.sendingAes);
    this.sendingMac = new HmacSha1(sendingMacKey);
    sendingMacKey.fill(0);
    this.#receivingMacKey = sha1(this.receivingAes);
    this.receivingMac = new HmacSha1(this.#receivingMacKey);
    this.extraKey = sha256(Uint8Array.of(0xff), secbytes);
    secbytes.fill(0);
  }

  /**
   * The counter for the next message that is sent: never zero and never the same twice,
   * or two messages would share a keystream.
   */
  nextCounter(): Uint8Array {
    this.#sent++;
    const counter = new Uint8Array(8);
    new DataView(counter.buffer).setBigUint64(0, BigInt(this.#sent));
    return counter;
  }

  /** Whether a received counter is above all before it under these keys; never true for zero. */
  isFresh(counter: Uint8Array): boolean {
    return compareBytes(counter, this.#lastReceived) > 0;
  }

  /** Remembers that a message with this counter was verified and accepted. */
  accept(counter: Uint8Array): void {
    this.#lastReceived.set(counter);
    this.#hasVerified = true;
  }

  /**
   * Overwrites what receiving needs.
   * @returns The receiving MAC key when it ever verified a message: it is to be revealed.
   */
  retireReceiving(): Uint8Array | undefined {
    const revealed = this.#hasVerified ? this.#receivingMacKey.slice() : undefined;
    this.#hasVerified = false;
    this.receivingAes.fill(0);
    this.#receivingMacKey.fill(0);
    this.receivingMac.destroy();
    return revealed;
  }

  /** Overwrites everything. @returns As {@link retireReceiving}. */
  forget(): Uint8Array | undefined {
    this.sendingAes.fill(0);
    this.extraKey.fill(0);
    this.sendingMac.destroy();
    return this.retireReceiving();
  }
}
