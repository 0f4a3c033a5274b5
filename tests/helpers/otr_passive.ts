/** Reads a recorded conversation from the wire alone, with the D-H private keys of one end. */
import { equalBytes, fromHex } from "../../lib/base/bytes.ts";
import { otherSide, type Side } from "../../lib/harness/mod.ts";
import {
  aesCtr,
  type DataBody,
  type DhCommitBody,
  type DhKeyPair,
  type EncodedHeader,
  maccedPart,
  parseOtrMessage,
  type Plaintext,
  readPlaintext,
  SessionKeys,
} from "../../lib/otr/mod.ts";
import { generateDhKeyPair } from "../../lib/otr/mod.ts";
import type { Recording } from "./otr_recording.ts";

/** What one Data Message held. */
export interface OverheardMessage extends Plaintext {
  readonly from: Side;
}

/** Octets of a D-H private key: how the draws that are such keys are told from others. */
const DH_PRIVATE_OCTETS = 40;

/** Decrypts every Data Message of a recording. @throws when one cannot be, or its MAC is wrong. */
export function overhear({ steps, draws }: Recording): OverheardMessage[] {
  const listener = new Listener(
    draws.flatMap((it) => it.draws).filter((it) => it.length === 2 * DH_PRIVATE_OCTETS),
  );
  const pieces: Record<Side, string> = { a: "", b: "" };
  for (const { side, events } of steps) {
    for (const event of events) {
      if (event.ev !== "inject") continue;
      const message = parseOtrMessage(event.msg);
      if (message.type !== "fragment") {
        listener.hear(side, event.msg);
        continue;
      }
      pieces[side] = (message.k === 1 ? "" : pieces[side]) + message.piece;
      if (message.k === message.n) listener.hear(side, pieces[side]);
    }
  }
  return listener.overheard;
}

class Listener {
  readonly overheard: OverheardMessage[] = [];
  readonly #privateKeys = new Map<bigint, DhKeyPair>();
  readonly #commits: Partial<Record<Side, DhCommitBody>> = {};
  readonly #dhKeys: Partial<Record<Side, bigint>> = {};
  #publicKeys: Record<Side, Map<number, bigint>> = { a: new Map(), b: new Map() };

  constructor(privateKeys: readonly string[]) {
    for (const digits of privateKeys) {
      const pair = generateDhKeyPair(() => fromHex(digits));
      this.#privateKeys.set(pair.publicKey, pair);
    }
  }

  hear(from: Side, text: string): void {
    const message = parseOtrMessage(text);
    switch (message.type) {
      case "dh-commit":
        this.#commits[from] = message;
        return;
      case "dh-key":
        this.#dhKeys[from] = numberOf(message.gy);
        return;
      case "reveal-signature": {
        const commit = this.#commits[from];
        const gy = this.#dhKeys[otherSide(from)];
        if (commit === undefined || gy === undefined) return;
        const gx = aesCtr(message.revealedKey, new Uint8Array(8), commit.encryptedGx);
        this.#publicKeys = { a: new Map(), b: new Map() };
        this.#publicKeys[from].set(1, numberOf(gx.subarray(4)));
        this.#publicKeys[otherSide(from)].set(1, gy);
        return;
      }
      case "data":
        this.overheard.push({ from, ...this.#decrypt(from, message) });
    }
  }

  #decrypt(from: Side, message: EncodedHeader & DataBody): Plaintext {
    const theirs = this.#publicKeys[from];
    theirs.set(message.senderKeyId + 1, numberOf(message.nextDh));
    const sender = theirs.get(message.senderKeyId) ?? 0n;
    const recipient = this.#publicKeys[otherSide(from)].get(message.recipientKeyId) ?? 0n;
    const ofSender = this.#privateKeys.get(sender);
    const ofRecipient = this.#privateKeys.get(recipient);
    const pair = ofSender ?? ofRecipient;
    if (pair === undefined) throw new Error("neither private key was drawn by an end of ours");
    const keys = new SessionKeys(pair, pair === ofSender ? recipient : sender);
    const [aes, mac] = pair === ofSender
      ? [keys.sendingAes, keys.sendingMac]
      : [keys.receivingAes, keys.receivingMac];
    if (!equalBytes(mac.compute(maccedPart(message, message)), message.mac)) {
      throw new Error("the MAC does not verify");
    }
    return readPlaintext(aesCtr(aes, message.counter, message.encryptedMessage), 100);
  }
}

function numberOf(magnitude: Uint8Array): bigint {
  return magnitude.reduce((sum, octet) => sum << 8n | BigInt(octet), 0n);
}
