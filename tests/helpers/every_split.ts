/**
 * The same octets in every way a network may cut them: a stream parser must give the
 * same answer for all of them.
 */

/** One way to deliver the input. */
export interface Split {
  /** For the failure message. */
  readonly label: string;
  readonly pieces: readonly Uint8Array[];
}

/** Whole, in two pieces cut at every octet, and octet by octet. */
export function* everySplit(input: Uint8Array): Generator<Split> {
  yield { label: "whole", pieces: [input] };
  for (let at = 1; at < input.length; at++) {
    yield { label: `cut at ${at}`, pieces: [input.subarray(0, at), input.subarray(at)] };
  }
  yield {
    label: "octet by octet",
    pieces: Array.from(input, (_, at) => input.subarray(at, at + 1)),
  };
}
