/** Several inputs as one, in order of time: a SIP log and an MSRP log of the same call belong together. */
import type { Arrival } from "./arrival.ts";

/** An arrival, and which input it comes from. */
export interface MergedArrival {
  /** Index of the input. */
  readonly input: number;
  readonly arrival: Arrival;
}

interface Queue {
  readonly waiting: Arrival[];
  /** Position of the next one in `waiting`. */
  next: number;
  isEnded: boolean;
  /** Time of the last arrival that had one: what has none belongs beside it. */
  at: number;
}

/**
 * Merges inputs that are each in order. The caller feeds whichever input {@link ArrivalMerge.wants}
 * names, so that no more than one piece of each is held.
 */
export class ArrivalMerge {
  readonly #queues: Queue[];

  /** @param inputs How many there are. */
  constructor(inputs: number) {
    this.#queues = Array.from({ length: inputs }, () => ({
      waiting: [],
      next: 0,
      isEnded: false,
      at: -Infinity,
    }));
  }

  /** The input that has to be fed before anything more can be taken; `undefined` at the end. */
  wants(): number | undefined {
    const at = this.#queues.findIndex((it) => !it.isEnded && it.next >= it.waiting.length);
    return at < 0 ? undefined : at;
  }

  /** Arrivals of one input, in order. */
  push(input: number, arrivals: readonly Arrival[]): void {
    for (const arrival of arrivals) this.#queueOf(input).waiting.push(arrival);
  }

  /** One input has nothing more. */
  end(input: number): void {
    this.#queueOf(input).isEnded = true;
  }

  /** What can be said in order by now. Connections get numbers that differ between inputs. */
  take(): MergedArrival[] {
    const merged: MergedArrival[] = [];
    while (this.wants() === undefined) {
      const input = this.#earliest();
      if (input === undefined) break;
      const queue = this.#queueOf(input);
      const arrival = queue.waiting[queue.next++];
      if (arrival === undefined) break;
      if (arrival.type !== "finding") queue.at = arrival.at ?? queue.at;
      merged.push({ input, arrival: this.#renumber(input, arrival) });
      if (queue.next >= queue.waiting.length) queue.waiting.length = queue.next = 0;
    }
    return merged;
  }

  #earliest(): number | undefined {
    let best: { input: number; at: number } | undefined;
    for (const [input, queue] of this.#queues.entries()) {
      const head = queue.waiting[queue.next];
      if (head === undefined) continue;
      const at = head.type === "finding" ? queue.at : head.at ?? queue.at;
      if (best === undefined || at < best.at) best = { input, at };
    }
    return best?.input;
  }

  #renumber(input: number, arrival: Arrival): Arrival {
    if (this.#queues.length === 1 || !("connection" in arrival) || arrival.connection === 0) {
      return arrival;
    }
    const connection = arrival.connection * this.#queues.length + input;
    return { ...arrival, connection };
  }

  #queueOf(input: number): Queue {
    const queue = this.#queues[input];
    if (queue === undefined) {
      throw new RangeError(`expected one of ${this.#queues.length} inputs, found ${input}`);
    }
    return queue;
  }
}
