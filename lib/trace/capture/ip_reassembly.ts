/** Puts IP fragments together again (RFC 791 §3.2, RFC 8200 §4.5, RFC 5722 on overlaps). */
import type { IpPacket } from "./ip_packet.ts";

/** Bounds of {@link IpReassembler}. */
export interface IpReassemblyLimits {
  /** Most packets that wait for their fragments; past it the oldest is given up. Default 256. */
  readonly packets?: number;
  /** How long a packet waits, in milliseconds of the capture's time. Default 30 000. */
  readonly timeout?: number;
}

interface Incomplete {
  readonly first: IpPacket;
  readonly since: number;
  readonly pieces: Map<number, Uint8Array>;
  /** Known once the last fragment came. */
  length: number | undefined;
  held: number;
}

/** What became of a fragment. */
export type Reassembled =
  | { readonly type: "packet"; readonly packet: IpPacket }
  | { readonly type: "waiting" }
  /** It overlaps another one, reaches past 65 535 octets or was cut off: the packet is dropped. */
  | { readonly type: "bad"; readonly message: string };

/** Collects fragments. Memory: at most `packets` times 64 KiB. */
export class IpReassembler {
  readonly #limit: number;
  readonly #timeout: number;
  readonly #incomplete = new Map<string, Incomplete>();

  /** @param limits See {@link IpReassemblyLimits}. */
  constructor({ packets = 256, timeout = 30_000 }: IpReassemblyLimits = {}) {
    this.#limit = packets;
    this.#timeout = timeout;
  }

  /** Packets that wait for fragments. */
  get waiting(): number {
    return this.#incomplete.size;
  }

  /**
   * Takes a packet; one that is no fragment comes back as it is.
   *
   * @param at Milliseconds of the capture's time.
   */
  receive(packet: IpPacket, at: number): Reassembled {
    if (packet.fragment === undefined) return { type: "packet", packet };
    const key = `${packet.src} ${packet.dst} ${packet.protocol} ${packet.fragment.identification}`;
    this.#expire(at);
    const known = this.#incomplete.get(key);
    const incomplete = known ??
      { first: packet, since: at, pieces: new Map(), length: undefined, held: 0 };
    const problem = add(incomplete, packet);
    if (problem !== undefined) {
      this.#incomplete.delete(key);
      return { type: "bad", message: problem };
    }
    if (incomplete.held === incomplete.length) {
      this.#incomplete.delete(key);
      return { type: "packet", packet: join(incomplete) };
    }
    if (known === undefined) this.#remember(key, incomplete);
    return { type: "waiting" };
  }

  #expire(at: number): void {
    for (const [key, { since }] of this.#incomplete) {
      if (at - since <= this.#timeout) return; // Insertion order is age.
      this.#incomplete.delete(key);
    }
  }

  #remember(key: string, incomplete: Incomplete): void {
    const [oldest] = this.#incomplete.keys();
    if (this.#incomplete.size >= this.#limit && oldest !== undefined) {
      this.#incomplete.delete(oldest);
    }
    this.#incomplete.set(key, incomplete);
  }
}

function add(incomplete: Incomplete, packet: IpPacket): string | undefined {
  const { payload, payloadLength, fragment } = packet;
  const start = fragment?.offset ?? 0;
  const end = start + payload.length;
  if (payload.length < payloadLength) return "the capture cut off a fragment";
  if (payload.length === 0) return "expected octets in a fragment";
  if (end > 65_535) return "expected fragments that end before 65535 octets";
  const same = incomplete.pieces.get(start);
  if (same !== undefined && same.length === payload.length) return undefined; // a duplicate
  for (const [from, piece] of incomplete.pieces) {
    if (start < from + piece.length && from < end) return "expected fragments that do not overlap";
  }
  if (fragment?.hasMore === false) incomplete.length = end;
  incomplete.pieces.set(start, payload.slice()); // The packet around it can go.
  incomplete.held += payload.length;
  return undefined;
}

function join({ first, pieces, length = 0 }: Incomplete): IpPacket {
  const payload = new Uint8Array(length);
  for (const [start, piece] of pieces) {
    if (start + piece.length > length) continue; // It lies past what the last fragment said.
    payload.set(piece, start);
  }
  return { ...first, payload, payloadLength: length, fragment: undefined };
}
