/** Table 4 of RFC 3261 with RFC 6026's two additions. */
import { assertEquals } from "@std/assert";
import {
  DEFAULT_TIMERS,
  timerDelay,
  type TimerName,
} from "../../../../lib/sip/transaction/timers.ts";

/** Milliseconds over UDP and over TCP, by hand from table 4; `undefined`: does not run. */
const TABLE_4: Record<TimerName, [number | undefined, number | undefined]> = {
  A: [500, undefined],
  B: [32_000, 32_000],
  D: [32_000, 0],
  E: [500, undefined],
  F: [32_000, 32_000],
  G: [500, undefined],
  H: [32_000, 32_000],
  I: [5_000, 0],
  J: [32_000, 0],
  K: [5_000, 0],
  L: [32_000, 32_000],
  M: [32_000, 32_000],
  "100": [200, 200],
};

Deno.test("SIP-029 timerDelay() has the values of table 4 by default", () => {
  for (const [name, [unreliable, reliable]] of Object.entries(TABLE_4)) {
    assertEquals(timerDelay(name as TimerName, DEFAULT_TIMERS, false), unreliable, name);
    assertEquals(timerDelay(name as TimerName, DEFAULT_TIMERS, true), reliable, name);
  }
});

Deno.test("SIP-029 timerDelay() follows T1, T2 and T4", () => {
  const timers = { t1: 10, t2: 40, t4: 50, d: 0, trying: 1 };
  assertEquals(timerDelay("B", timers, false), 640);
  assertEquals(timerDelay("D", timers, false), 640);
  assertEquals(timerDelay("K", timers, false), 50);
});
