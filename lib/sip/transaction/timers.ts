/** T1, T2, T4 and what Timers A to M make of them (RFC 3261 table 4, RFC 6026 §8.11). */

/** The three times that every other one is made of, in milliseconds. */
export interface TimerSettings {
  /** Estimate of the round-trip time. Default 500. */
  readonly t1?: number;
  /** Longest interval between retransmissions of requests that are not INVITE. Default 4000. */
  readonly t2?: number;
  /** How long a message may stay in the network. Default 5000. */
  readonly t4?: number;
  /** Least wait of Timer D over UDP; the RFC says 32 s whatever T1 is. Default 32,000. */
  readonly d?: number;
  /** When an INVITE that nobody answered yet is answered 100 (§17.2.1). Default 200. */
  readonly trying?: number;
}

/** {@link TimerSettings} with nothing left out. */
export type Timers = Required<TimerSettings>;

/** The values of the RFC. */
export const DEFAULT_TIMERS: Timers = { t1: 500, t2: 4000, t4: 5000, d: 32_000, trying: 200 };

/** The timers of the four machines, named as the RFC names them; `100` is the one of §17.2.1. */
export type TimerName =
  | "A"
  | "B"
  | "D"
  | "E"
  | "F"
  | "G"
  | "H"
  | "I"
  | "J"
  | "K"
  | "L"
  | "M"
  | "100";

/**
 * How long a timer runs at first, in milliseconds.
 *
 * @param isReliable Whether the transport is: then nothing is retransmitted (A, E and G do not
 * run: `undefined`) and nothing has to be waited for (D, I, J and K are 0).
 */
export function timerDelay(
  name: TimerName,
  timers: Timers,
  isReliable: boolean,
): number | undefined {
  switch (name) {
    case "A":
    case "E":
    case "G":
      return isReliable ? undefined : timers.t1;
    case "B":
    case "F":
    case "H":
    case "L":
    case "M":
      return 64 * timers.t1;
    case "D":
      return isReliable ? 0 : Math.max(timers.d, 64 * timers.t1);
    case "I":
    case "K":
      return isReliable ? 0 : timers.t4;
    case "J":
      return isReliable ? 0 : 64 * timers.t1;
    case "100":
      return timers.trying;
    default:
      return name satisfies never;
  }
}
