/** In which order the servers of a service are tried: priority, then chance by weight (RFC 2782, "Usage rules"). */

import type { RandomSource } from "../../base/output.ts";

/** One SRV record. */
export interface SrvServer {
  /** Lower is tried first. */
  readonly priority: number;
  /** Share among those of the same priority. */
  readonly weight: number;
  readonly port: number;
  /** A host's name without final dot; `.` when the service is decidedly not available. */
  readonly target: string;
}

/**
 * The records in the order in which they are tried. A new order each time: that is what
 * spreads the load.
 *
 * @param random Decides among records of the same priority.
 */
export function sortSrv<Server extends SrvServer>(
  records: readonly Server[],
  random: RandomSource,
): Server[] {
  const priorities = [...new Set(records.map((it) => it.priority))].toSorted((a, b) => a - b);
  return priorities.flatMap((priority) =>
    drawByWeight(records.filter((it) => it.priority === priority), random)
  );
}

function drawByWeight<Server extends SrvServer>(
  records: readonly Server[],
  random: RandomSource,
): Server[] {
  // Those of weight 0 stand at the beginning, so that they have a small chance of their own.
  const left = records.toSorted((a, b) => Number(a.weight > 0) - Number(b.weight > 0));
  const drawn: Server[] = [];
  while (left.length > 0) {
    const sum = left.reduce((total, { weight }) => total + weight, 0);
    const number = uniform(sum, random);
    let running = 0;
    const at = left.findIndex(({ weight }) => (running += weight) >= number);
    drawn.push(...left.splice(at, 1));
  }
  return drawn;
}

/** A number from 0 to `most`, both included, all alike to one part in 2^24. */
function uniform(most: number, random: RandomSource): number {
  if (most === 0) return 0;
  const number = random(6).reduce((total, octet) => total * 256 + octet, 0);
  return number % (most + 1);
}
