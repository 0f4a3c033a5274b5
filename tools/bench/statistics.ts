/** What is said about samples: median, percentiles, and Welch's t. */

/**
 * The value below which a share of the samples lies, between neighbours by their distance.
 *
 * @param share 0 … 1.
 * @throws {RangeError} when there are no samples.
 */
export function quantile(samples: readonly number[] | Float64Array, share: number): number {
  if (samples.length === 0) throw new RangeError("expected samples");
  const sorted = Float64Array.from(samples).sort();
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? 0;
  return below + (above - below) * (place - Math.floor(place));
}

/** The middle value. @throws {RangeError} when there are no samples. */
export function median(samples: readonly number[] | Float64Array): number {
  return quantile(samples, 0.5);
}

/** Mean and variance of a class of samples, collected one by one (Welford). */
export class Moments {
  count = 0;
  mean = 0;
  #sum = 0;

  /** Takes a sample. */
  add(sample: number): void {
    this.count++;
    const off = sample - this.mean;
    this.mean += off / this.count;
    this.#sum += off * (sample - this.mean);
  }

  /** Of the population that the samples were drawn from; 0 for fewer than two samples. */
  get variance(): number {
    return this.count < 2 ? 0 : this.#sum / (this.count - 1);
  }
}

/**
 * Welch's t: how many standard errors the means of two classes are apart. 0 when there is
 * too little to tell.
 */
export function welch(a: Moments, b: Moments): number {
  const error = Math.sqrt(a.variance / a.count + b.variance / b.count);
  return error > 0 ? (a.mean - b.mean) / error : 0;
}
