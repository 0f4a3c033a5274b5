/** The one line where randomness enters: the platform's cryptographic source. */

import type { RandomSource } from "../base/output.ts";

/** `length` fresh octets of the platform's cryptographic source (at most 65,536 at once). */
export const platformRandom: RandomSource = (length) =>
  crypto.getRandomValues(new Uint8Array(length));
