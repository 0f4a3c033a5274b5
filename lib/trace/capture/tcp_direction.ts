/** One direction of a TCP connection: segments in any order → octets in order (RFC 9293 §3.4). */
import type { Sighting } from "../arrival.ts";

/** What a direction yields: octets, or the number of those that the capture does not have. */
export type DirectionOutput =
  | { readonly type: "octets"; readonly seen: Sighting; readonly data: Uint8Array }
  | { readonly type: "gap"; readonly seen: Sighting; readonly octets: number }
  | { readonly type: "fin"; readonly seen: Sighting };

/** A run of octets that waits for those before it. */
interface Run {
  readonly seen: Sighting;
  /** Of the first octet, counted from the start of the stream, without wrapping. */
  readonly start: number;
  readonly data: Uint8Array;
}

/** Collects what came early, drops what came twice. The first octets win where runs overlap. */
export class TcpDirection {
  /** Sequence number that belongs to `#position`, modulo 2³². */
  #sequence: number | undefined;
  /** Octets handed out or known to be missing. */
  #position = 0;
  #runs: Run[] = [];
  #held = 0;
  #finAt: number | undefined;
  #finSeen: Sighting | undefined;
  #isFinished = false;
  #waitsSince: number | undefined;
  /** Segments whose octets had all been seen before. */
  retransmissions = 0;

  /** Octets that wait. */
  get held(): number {
    return this.#held;
  }

  /** Runs that wait. */
  get runs(): number {
    return this.#runs.length;
  }

  /** Whether a FIN was reached. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Capture time at which the hole that is waited for was noticed. */
  get waitsSince(): number | undefined {
    return this.#waitsSince;
  }

  /** Whether `sequence` could be a new connection's first one: nothing like the present numbers. */
  isForeignSyn(sequence: number): boolean {
    if (this.#sequence === undefined) return false;
    const first = (this.#sequence - this.#position - 1) | 0;
    return (sequence | 0) !== first;
  }

  /** A SYN tells where the octets begin. */
  synchronise(sequence: number): void {
    this.#sequence ??= (sequence + 1) >>> 0;
  }

  /** Takes a segment's octets (and its FIN) and returns what became ready. */
  receive(
    seen: Sighting,
    sequence: number,
    payload: Uint8Array,
    payloadLength: number,
    isFin: boolean,
  ): DirectionOutput[] {
    this.#sequence ??= sequence; // The capture began in the middle of the connection.
    const start = this.#position + ((sequence - this.#sequence) | 0);
    const end = start + payloadLength;
    if (isFin && this.#finAt === undefined) {
      this.#finAt = end;
      this.#finSeen = seen;
    }
    if (payloadLength > 0) {
      if (end <= this.#position) this.retransmissions++;
      else this.#insert({ seen, start, data: payload });
    }
    const ready = this.#deliver(seen);
    // What the capture cut off will not come: it is a hole at once.
    const isCut = payload.length < payloadLength;
    if (isCut && this.#position === start + payload.length) ready.push(...this.#skipTo(end, seen));
    return ready;
  }

  /** The other side has acknowledged `sequence`: whether that is past the hole that is waited for. */
  isPastHole(acknowledgement: number): boolean {
    const [first] = this.#runs;
    if (first === undefined || this.#sequence === undefined) return false;
    return this.#position + ((acknowledgement - this.#sequence) | 0) >= first.start;
  }

  /** Gives the hole up and goes on after it. */
  skipHole(seen: Sighting): DirectionOutput[] {
    const [first] = this.#runs;
    return first === undefined ? [] : this.#skipTo(first.start, seen);
  }

  /** Gives every hole up: nothing more will come. */
  finish(seen: Sighting): DirectionOutput[] {
    const outputs: DirectionOutput[] = [];
    while (this.#runs.length > 0) outputs.push(...this.skipHole(seen));
    return outputs;
  }

  #insert(run: Run): void {
    // Nearly always after everything that waits.
    let at = this.#runs.length;
    while (at > 0 && (this.#runs[at - 1]?.start ?? 0) > run.start) at--;
    const before = this.#runs[at - 1];
    if (before !== undefined && before.start + before.data.length >= run.start + run.data.length) {
      this.retransmissions++;
      return;
    }
    // What waits is copied, so that the packet around it can go.
    const data = run.start > this.#position ? run.data.slice() : run.data;
    this.#runs.splice(at, 0, { ...run, data });
    this.#held += run.data.length;
  }

  #deliver(seen: Sighting): DirectionOutput[] {
    const outputs: DirectionOutput[] = [];
    for (let run = this.#runs[0]; run !== undefined; run = this.#runs[0]) {
      if (run.start > this.#position) break;
      this.#runs.shift();
      this.#held -= run.data.length;
      const data = run.data.subarray(this.#position - run.start);
      if (data.length === 0) continue;
      this.#advance(data.length);
      outputs.push({ type: "octets", seen: run.seen, data });
    }
    if (this.#runs.length === 0) this.#waitsSince = undefined;
    else if (outputs.length > 0 || this.#waitsSince === undefined) this.#waitsSince = seen.at ?? 0;
    if (this.#finAt !== undefined && this.#finAt <= this.#position && !this.#isFinished) {
      this.#isFinished = true;
      outputs.push({ type: "fin", seen: this.#finSeen ?? seen });
    }
    return outputs;
  }

  #skipTo(position: number, seen: Sighting): DirectionOutput[] {
    const octets = position - this.#position;
    if (octets <= 0) return [];
    this.#advance(octets);
    return [{ type: "gap", seen: this.#runs[0]?.seen ?? seen, octets }, ...this.#deliver(seen)];
  }

  #advance(octets: number): void {
    this.#position += octets;
    this.#sequence = ((this.#sequence ?? 0) + octets) >>> 0;
  }
}
