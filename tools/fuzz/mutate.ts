/** Damages octets in the ways in which parsers break: deterministically, from a seed. */

/** A number of 0 … `below` - 1. */
export type Dice = (below: number) => number;

/** A small fast generator (mulberry32): for tests, never for anything else. */
export function seededDice(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/**
 * A damaged copy of `input`.
 *
 * @param others Further inputs to splice with.
 * @param words What the format looks for: inserted whole.
 * @param longest Octets that the result has at most.
 */
export function mutate(
  input: Uint8Array,
  others: readonly Uint8Array[],
  words: readonly Uint8Array[],
  dice: Dice,
  longest: number = 64 * 1024,
): Uint8Array {
  let octets = input;
  for (let rounds = 1 + dice(4); rounds > 0; rounds--) {
    octets = mutateOnce(octets, others, words, dice).subarray(0, longest);
  }
  return octets;
}

/** Values at which lengths and counters turn over. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

function mutateOnce(
  input: Uint8Array,
  others: readonly Uint8Array[],
  words: readonly Uint8Array[],
  dice: Dice,
): Uint8Array {
  const at = dice(input.length + 1);
  const end = Math.min(input.length, at + 1 + dice(1 + dice(64)));
  const copy = input.slice();
  switch (dice(9)) {
    case 0: // One bit.
      if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << dice(8));
      return copy;
    case 1: // One octet.
      if (at < copy.length) copy[at] = dice(256);
      return copy;
    case 2: // A piece is missing.
      return replace(input, at, end, new Uint8Array());
    case 3: // A piece comes again, once or very often.
      return replace(input, at, at, repeat(input.subarray(at, end), dice(8) === 0 ? 500 : 1));
    case 4: // The end is missing.
      return copy.subarray(0, at);
    case 5: { // A word of the format.
      const word = words[dice(Math.max(1, words.length))] ?? new Uint8Array();
      return replace(input, at, dice(2) === 0 ? at : end, word);
    }
    case 6: { // An edge, in one to four octets, big-endian.
      const edge = EDGES[dice(EDGES.length)] ?? 0;
      const octets = Uint8Array.of(edge >>> 24, edge >>> 16, edge >>> 8, edge).slice(dice(4));
      return replace(input, at, Math.min(input.length, at + octets.length), octets);
    }
    case 7: { // Another input from here on.
      const other = others[dice(Math.max(1, others.length))] ?? input;
      return replace(input, at, input.length, other.subarray(dice(other.length + 1)));
    }
    default: { // An edge as decimal digits: for textual formats.
      const digits = String(EDGES[dice(EDGES.length)]);
      return replace(input, at, end, new TextEncoder().encode(digits));
    }
  }
}

function replace(input: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array {
  const result = new Uint8Array(from + by.length + Math.max(0, input.length - to));
  result.set(input.subarray(0, from));
  result.set(by, from);
  result.set(input.subarray(Math.max(from, to)), from + by.length);
  return result.subarray(0, from + by.length + input.length - Math.max(from, to));
}

function repeat(piece: Uint8Array, times: number): Uint8Array {
  const result = new Uint8Array(piece.length * times);
  for (let at = 0; at < times; at++) result.set(piece, at * piece.length);
  return result;
}
