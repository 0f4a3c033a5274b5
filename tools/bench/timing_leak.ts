/**
 * Whether running time tells inputs apart, after "Dude, is my code constant time?" (Reparaz,
 * Balasch, Verbauwhede, 2017): two classes of inputs in random order, Welch's t of their
 * times. It can find a leak; it can never prove that there is none.
 */
import { Moments, quantile, welch } from "./statistics.ts";

/** Two classes of inputs of one operation. */
export interface LeakExperiment {
  readonly name: string;
  /** A fresh input of a class. Made before anything is timed. */
  readonly inputs: readonly [fixed: () => Uint8Array, random: () => Uint8Array];
  /** The operation. Its input always lies in the same octets. */
  readonly run: (input: Uint8Array) => void;
  /** Runs with one input in a sample, so that the clock's steps are small against it. */
  readonly batch: number;
}

/** What was found. */
export interface LeakResult {
  readonly name: string;
  /** The largest |t| over all crops. */
  readonly t: number;
  /** |t| with every sample. */
  readonly uncropped: number;
  /** How much slower the random class is, by the medians: a share of the time. */
  readonly difference: number;
  /** Microseconds of one run: the median of both classes. */
  readonly median: number;
  /** Samples of both classes. */
  readonly n: number;
}

/** |t| from which dudect speaks of a leak. With large samples chance does not get there. */
export const SUSPICIOUS_T = 4.5;

/** Shares of the samples that crops keep: what is slowest is interruptions. */
const CROPS: readonly number[] = [1, 0.99, 0.95, 0.9, 0.75, 0.5];

/** Times of the two classes, as they came. */
export interface LeakSamples {
  /** 0 or 1 for each sample. */
  readonly classes: Uint8Array;
  /** Microseconds of a run. */
  readonly times: Float64Array;
}

/**
 * Takes samples: inputs are made first, classes are drawn by lot, and both go the same way
 * into the octets that the operation reads.
 *
 * @param draw A random number from 0 up to, not including, 1.
 * @param now Milliseconds.
 */
export function takeSamples(
  { inputs, run, batch }: LeakExperiment,
  count: number,
  draw: () => number,
  now: () => number,
): LeakSamples {
  const classes = Uint8Array.from({ length: count }, () => draw() < 0.5 ? 0 : 1);
  const length = inputs[0]().length;
  const pool = new Uint8Array(count * length);
  for (const [at, which] of classes.entries()) {
    pool.set(which === 0 ? inputs[0]() : inputs[1](), at * length);
  }
  const times = new Float64Array(count);
  const input = new Uint8Array(length);
  for (let at = 0; at < count; at++) {
    input.set(pool.subarray(at * length, (at + 1) * length));
    const start = now();
    for (let turn = 0; turn < batch; turn++) run(input);
    times[at] = 1000 * (now() - start) / batch;
  }
  return { classes, times };
}

/** What the samples say. */
export function judgeSamples(name: string, { classes, times }: LeakSamples): LeakResult {
  const values = CROPS.map((share) => Math.abs(croppedT(classes, times, quantile(times, share))));
  const [fixed, random] = [0, 1].map((which) =>
    quantile(times.filter((_, at) => classes[at] === which), 0.5)
  ) as [number, number];
  return {
    name,
    t: Math.max(...values),
    uncropped: values[0] ?? 0,
    difference: random / fixed - 1,
    median: quantile(times, 0.5),
    n: times.length,
  };
}

function croppedT(classes: Uint8Array, times: Float64Array, most: number): number {
  const moments = [new Moments(), new Moments()] as const;
  for (const [at, time] of times.entries()) {
    if (time <= most) moments[classes[at] === 0 ? 0 : 1].add(time);
  }
  return welch(moments[0], moments[1]);
}
