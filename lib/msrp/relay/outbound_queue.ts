/**
 * What leaves over one connection of a relay, and in which order: our own answers first, then
 * the connections that something came from in turn. A message is cut between them as
 * RFC 4975 §7.1.1 has it, and whenever its source stalls while others wait.
 */
import { ascii } from "../../base/ascii.ts";
import { concatBytes, indexOfBytes } from "../../base/bytes.ts";
import type { RandomSource } from "../../base/output.ts";
import type { ContinuationFlag } from "../chunk.ts";
import { freshTransactionId, writeChunkHead, writeEndLine } from "../chunk_writer.ts";
import type { RelayConnectionId } from "./events.ts";
import type { ForwardedSend } from "./forwarded_send.ts";

/** A request that is no SEND: it leaves in one piece. */
export interface ForwardedRequest {
  readonly kind: "request";
  readonly source: RelayConnectionId;
  /** Octets that it costs to hold it. */
  readonly length: number;
  readonly body: Uint8Array | undefined;
  /** Writes it under the identifier that was chosen for it. */
  readonly write: (transactionId: string) => Uint8Array;
  /** It leaves now. */
  readonly onLeave: (transactionId: string) => void;
  /** It will not leave: the connection is gone. */
  readonly onLost: () => void;
}

/** What the queue asks of its connection. */
export interface OutboundHost {
  readonly random: RandomSource;
  /** Whether an identifier is in use on this connection. */
  isTaken(transactionId: string): boolean;
  /** Whether no further request may begin. */
  isFull(): boolean;
  transmit(data: Uint8Array): void;
  chunkBegan(send: ForwardedSend, transactionId: string): void;
  chunkEnded(send: ForwardedSend, transactionId: string): void;
  /** So many octets of a source are held no more. */
  released(source: RelayConnectionId, octets: number): void;
}

/** The sending half of one connection. */
export class OutboundQueue {
  readonly #host: OutboundHost;
  readonly #window: number;
  readonly #control: Uint8Array[] = [];
  #controlLength = 0;
  /** What waits, by where it came from; a source's requests stay in order. */
  readonly #lanes = new Map<RelayConnectionId, (ForwardedSend | ForwardedRequest)[]>();
  #current: OpenChunk | undefined;
  #room: number;
  /** Pieces of one frame, which leave in one write as far as they are here. */
  #batch: Uint8Array[] = [];

  /** @param window Octets that may be with the stream and not taken by it. */
  constructor(host: OutboundHost, window: number) {
    this.#host = host;
    this.#window = window;
    this.#room = window;
  }

  /** Octets of ours that wait because the other end does not read. */
  get controlLength(): number {
    return this.#controlLength;
  }

  /** Whether the stream has octets that it did not take yet. */
  get isWaiting(): boolean {
    return this.#room < this.#window;
  }

  /** A response or a report of ours. */
  enqueueControl(frame: Uint8Array): void {
    this.#control.push(frame);
    this.#controlLength += frame.length;
  }

  /** Something to be forwarded. */
  enqueue(source: RelayConnectionId, item: ForwardedSend | ForwardedRequest): void {
    const lane = this.#lanes.get(source);
    if (lane === undefined) this.#lanes.set(source, [item]);
    else lane.push(item);
  }

  /** The stream has taken everything. */
  handleWritable(): void {
    this.#room = this.#window;
  }

  /** Everything that did not leave completely; the queue is empty afterwards. */
  drain(): (ForwardedSend | ForwardedRequest)[] {
    const items = [...this.#lanes.values()].flat();
    this.#lanes.clear();
    this.#control.length = 0;
    this.#controlLength = 0;
    this.#current = undefined;
    return items;
  }

  /**
   * Gives the rest of a message up. A chunk in progress ends with `flag`; between two chunks
   * nothing more leaves, unless `flag` tells the other end to forget what it has.
   */
  giveUp(send: ForwardedSend, flag: ContinuationFlag, hasBegun: boolean): void {
    const { source } = send.returnPath;
    this.#host.released(source, send.refuse());
    send.end = flag;
    if (this.#current?.send === send || (flag === "#" && hasBegun)) return;
    const lane = this.#lanes.get(source);
    const at = lane?.indexOf(send) ?? -1;
    if (at < 0) return;
    lane?.splice(at, 1);
    if (lane?.length === 0) this.#lanes.delete(source);
    this.#host.released(source, send.overhead);
  }

  /** Lets leave what may. */
  pump(): void {
    this.#pumpAll();
    this.#flush();
  }

  #pumpAll(): void {
    while (this.#room > 0) {
      if (this.#current !== undefined) {
        if (!this.#continueChunk(this.#current)) return;
        continue;
      }
      const frame = this.#control.shift();
      if (frame !== undefined) {
        this.#controlLength -= frame.length;
        this.#transmit(frame);
        this.#flush();
        continue;
      }
      const ready = this.#nextLane();
      if (ready === undefined || this.#host.isFull()) return;
      const { source, item } = ready;
      if (item.kind === "request") this.#sendRequest(source, item);
      else this.#beginChunk(source, item);
    }
  }

  /** The first lane whose first item may leave. */
  #nextLane(): { source: RelayConnectionId; item: ForwardedSend | ForwardedRequest } | undefined {
    for (const [source, [item]] of this.#lanes) {
      if (item !== undefined && (item.kind === "request" || item.mayBegin)) return { source, item };
    }
    return undefined;
  }

  #sendRequest(source: RelayConnectionId, item: ForwardedRequest): void {
    const id = freshTransactionId(this.#host.random, item.body, (it) => this.#host.isTaken(it));
    this.#finishItem(source);
    this.#host.released(source, item.length);
    item.onLeave(id);
    this.#transmit(item.write(id));
    this.#flush();
  }

  #beginChunk(source: RelayConnectionId, send: ForwardedSend): void {
    const { random } = this.#host;
    const transactionId = freshTransactionId(random, undefined, (it) => this.#host.isTaken(it));
    this.#current = {
      source,
      send,
      transactionId,
      marker: ascii(`-------${transactionId}`),
      tail: new Uint8Array(0),
      sent: 0,
    };
    this.#host.chunkBegan(send, transactionId);
    this.#transmit(writeChunkHead(send.chunkHead(transactionId), send.hasBody));
  }

  /** Returns whether anything happened. */
  #continueChunk(chunk: OpenChunk): boolean {
    const { send } = chunk;
    if (!send.hasBody || send.isSpent) {
      this.#endChunk(chunk, send.end ?? "+", []);
      return true;
    }
    if (this.#mustCut(chunk)) {
      this.#endChunk(chunk, "+", []);
      return true;
    }
    if (send.buffered === 0) return false; // The source stalls, and nobody else waits.
    const piece = send.take(Math.max(this.#room, 1));
    const safe = lengthBeforeMarker(chunk, piece);
    if (safe < piece.length) {
      // The octets imitate our end-line: this chunk ends inside of it (RFC 4975 §7.1).
      send.putBack(piece.subarray(safe));
      this.#host.released(chunk.source, safe);
      this.#endChunk(chunk, "+", [piece.subarray(0, safe)]);
      return true;
    }
    this.#host.released(chunk.source, piece.length);
    if (send.isSpent) {
      this.#endChunk(chunk, send.end ?? "+", [piece]);
      return true;
    }
    chunk.sent += piece.length;
    const seam = concatBytes(chunk.tail, piece.subarray(-chunk.marker.length));
    chunk.tail = seam.slice(-(chunk.marker.length - 1));
    this.#transmit(piece);
    return true;
  }

  /**
   * Others wait, and the chunk had its share or its source has nothing. What is here as a whole
   * and would fit the window is not cut: it delays the others no longer than a cut would.
   */
  #mustCut({ send, sent }: OpenChunk): boolean {
    if (this.#control.length === 0 && !this.#othersAreReady()) return false;
    if (send.buffered === 0) return true;
    const isShort = send.end !== undefined && send.buffered <= this.#window;
    return !isShort && sent >= SHARE;
  }

  #othersAreReady(): boolean {
    const own = this.#current?.source;
    for (const [source, [item]] of this.#lanes) {
      if (source === own || item === undefined) continue;
      if (item.kind === "request" || item.mayBegin) return true;
    }
    return false;
  }

  #endChunk(
    chunk: OpenChunk,
    flag: ContinuationFlag,
    parts: readonly Uint8Array[],
  ): void {
    const { send, source, transactionId } = chunk;
    this.#current = undefined;
    const endLine = send.hasBody
      ? writeEndLine(transactionId, flag)
      : ascii(`-------${transactionId}${flag}\r\n`);
    for (const part of parts) this.#transmit(part);
    this.#transmit(endLine);
    this.#flush();
    if (send.isSpent) {
      this.#finishItem(source);
      this.#host.released(source, send.overhead);
    } else {
      // The next source's turn.
      const lane = this.#lanes.get(source);
      this.#lanes.delete(source);
      if (lane !== undefined) this.#lanes.set(source, lane);
    }
    this.#host.chunkEnded(send, transactionId);
  }

  /** The first item of a lane is done; the lane goes behind the others. */
  #finishItem(source: RelayConnectionId): void {
    const lane = this.#lanes.get(source);
    lane?.shift();
    this.#lanes.delete(source);
    if (lane !== undefined && lane.length > 0) this.#lanes.set(source, lane);
  }

  #transmit(data: Uint8Array): void {
    if (data.length === 0) return;
    this.#room -= data.length;
    this.#batch.push(data);
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    this.#host.transmit(concatBytes(...this.#batch));
    this.#batch = [];
  }
}

/** The chunk that is being written. */
interface OpenChunk {
  readonly source: RelayConnectionId;
  readonly send: ForwardedSend;
  readonly transactionId: string;
  /** Seven hyphens and the identifier: must not occur among the octets. */
  readonly marker: Uint8Array;
  /** The last octets that were sent, one fewer than the marker has. */
  tail: Uint8Array;
  /** Octets of the body that were sent. */
  sent: number;
}

/** How much of `piece` can be sent before the octets of the chunk hold a whole marker. */
function lengthBeforeMarker({ marker, tail }: OpenChunk, piece: Uint8Array): number {
  const seam = concatBytes(tail, piece.subarray(0, marker.length - 1));
  const across = indexOfBytes(seam, marker);
  if (across >= 0) return Math.max(0, across + marker.length - 1 - tail.length);
  const inside = indexOfBytes(piece, marker);
  return inside < 0 ? piece.length : inside + marker.length - 1;
}

/** Octets that a chunk may have before it is cut for others: RFC 4975 §7.1.1 wants no smaller one. */
const SHARE = 2_048;
