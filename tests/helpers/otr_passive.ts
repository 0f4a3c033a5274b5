/**
 * Somebody on the wire who knows the D-H private keys: reads what was said, and writes
 * messages anew under the same keys, as a peer without manners could.
 */
import { equalBytes, fromHex } from "../../lib/base/bytes.ts";
import {
  aesCtr,
  armour,
  type DataBody,
  type DhCommitBody,
  type DhKeyPair,
  type EncodedHeader,
  generateDhKeyPair,
  maccedPart,
  parseOtrMessage,
  type Plaintext,
  readPlaintext,
  SessionKeys,
  writeEncodedMessage,
} from "../../lib/otr/mod.ts";
import type { Recording } from "./otr_recording.ts";

/** What one Data Message held. */
export interface OverheardMessage extends Plaintext {
  readonly from: string;
}

/** What to change in a Data Message. The MAC is made anew unless it is given. */
export interface Rewriting extends Partial<Omit<DataBody, "type" | "encryptedMessage">> {
  /** The new plaintext, NUL and records included. */
  readonly plaintext?: Uint8Array;
}

/** Octets of a D-H private key: how the draws that are such keys are told from others. */
export const DH_PRIVATE_OCTETS = 40;

/** Decrypts every Data Message of a recording. @throws when one cannot be, or its MAC is wrong. */
export function overhear({ steps, draws }: Recording): OverheardMessage[] {
  const listener = new Listener();
  for (const digits of draws.flatMap((it) => it.draws)) listener.learn(fromHex(digits));
  const overheard: OverheardMessage[] = [];
  const pieces: Record<string, string> = {};
  for (const { side, events } of steps) {
    for (const event of events) {
      if (event.ev !== "inject") continue;
      const message = parseOtrMessage(event.msg);
      let whole = event.msg;
      if (message.type === "fragment") {
        whole = pieces[side] = (message.k === 1 ? "" : pieces[side] ?? "") + message.piece;
        if (message.k < message.n) continue;
      }
      const read = listener.hear(side, whole);
      if (read !== undefined) overheard.push({ from: side, ...readPlaintext(read, 100) });
    }
  }
  return overheard;
}

/** Follows one conversation. */
export class Listener {
  readonly #privateKeys = new Map<bigint, DhKeyPair>();
  readonly #commits = new Map<string, DhCommitBody>();
  /** D-H Key messages, by who sent them. */
  readonly #dhKeys = new Map<string, bigint>();
  /** Public keys by owner and number. */
  #publicKeys = new Map<string, bigint>();
  #speakers = new Set<string>();

  /** Takes a draw of randomness: a D-H private key, or something of another length. */
  learn(octets: Uint8Array): void {
    if (octets.length !== DH_PRIVATE_OCTETS) return;
    const pair = generateDhKeyPair(() => octets.slice());
    this.#privateKeys.set(pair.publicKey, pair);
  }

  /**
   * A whole message went over the wire.
   * @returns What it held, if it is a Data Message.
   * @throws when that cannot be read, or its MAC is wrong.
   */
  hear(from: string, text: string): Uint8Array | undefined {
    const message = parseOtrMessage(text);
    this.#speakers.add(from);
    switch (message.type) {
      case "dh-commit":
        this.#commits.set(from, message);
        return undefined;
      case "dh-key":
        this.#dhKeys.set(from, numberOf(message.gy));
        return undefined;
      case "reveal-signature": {
        const commit = this.#commits.get(from);
        const gy = this.#dhKeys.get(this.#other(from));
        if (commit === undefined || gy === undefined) return undefined;
        const gx = aesCtr(message.revealedKey, new Uint8Array(8), commit.encryptedGx);
        this.#publicKeys = new Map([
          [`${from} 1`, numberOf(gx.subarray(4))],
          [`${this.#other(from)} 1`, gy],
        ]);
        return undefined;
      }
      case "data": {
        this.#publicKeys.set(`${from} ${message.senderKeyId + 1}`, numberOf(message.nextDh));
        const { aes, mac } = this.keysOf(from, message);
        if (!equalBytes(mac(message, message), message.mac)) {
          throw new Error("the MAC does not verify");
        }
        return aesCtr(aes, message.counter, message.encryptedMessage);
      }
      default:
        return undefined;
    }
  }

  /** The message with something else in it, as its sender could have written it. */
  rewrite(from: string, text: string, edit: Rewriting): string {
    const message = parseOtrMessage(text);
    if (message.type !== "data") throw new Error("expected a Data Message");
    const { aes, mac } = this.keysOf(from, message);
    const { plaintext = aesCtr(aes, message.counter, message.encryptedMessage), ...fields } = edit;
    const body = { ...message, ...fields };
    body.encryptedMessage = aesCtr(aes, body.counter, plaintext);
    return armour(writeEncodedMessage({ ...body, mac: edit.mac ?? mac(body, body) }));
  }

  /** The keys that a Data Message was written under. */
  keysOf(from: string, message: DataBody): {
    readonly aes: Uint8Array;
    readonly mac: (header: EncodedHeader, body: DataBody) => Uint8Array;
  } {
    const sender = this.#publicKeys.get(`${from} ${message.senderKeyId}`) ?? 0n;
    const to = this.#other(from);
    const recipient = this.#publicKeys.get(`${to} ${message.recipientKeyId}`) ?? 0n;
    const ofSender = this.#privateKeys.get(sender);
    const pair = ofSender ?? this.#privateKeys.get(recipient);
    if (pair === undefined) throw new Error("neither private key is known");
    const isSender = pair === ofSender;
    const keys = new SessionKeys(pair, isSender ? recipient : sender);
    const hmac = isSender ? keys.sendingMac : keys.receivingMac;
    return {
      aes: isSender ? keys.sendingAes : keys.receivingAes,
      mac: (header, body) => hmac.compute(maccedPart(header, body)),
    };
  }

  #other(speaker: string): string {
    return [...this.#speakers].find((it) => it !== speaker) ?? "";
  }
}

function numberOf(magnitude: Uint8Array): bigint {
  return magnitude.reduce((sum, octet) => sum << 8n | BigInt(octet), 0n);
}
