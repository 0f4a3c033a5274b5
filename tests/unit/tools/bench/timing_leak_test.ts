import { assert, assertEquals } from "@std/assert";
import {
  judgeSamples,
  type LeakExperiment,
  SUSPICIOUS_T,
  takeSamples,
} from "../../../../tools/bench/timing_leak.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

/** Numbers from 0 to 1, the same every time. */
function dice(seed: number): () => number {
  const random = seededRandom(seed);
  return () => new DataView(random(4).buffer).getUint32(0) / 2 ** 32;
}

/** Work that takes `cost(input)` units of a made-up clock, and some noise. */
function experiment(cost: (first: number) => number): LeakExperiment & { now: () => number } {
  let time = 0;
  const noise = dice(7);
  return {
    name: "made up",
    inputs: [() => Uint8Array.of(0), () => Uint8Array.of(1)],
    batch: 3,
    run(input) {
      // Now and then something interrupts for long.
      time += cost(input[0] ?? 0) + noise() + (noise() < 0.02 ? 1000 : 0);
    },
    now: () => time,
  };
}

function judge(cost: (first: number) => number, count = 4_000): number {
  const it = experiment(cost);
  return judgeSamples("made up", takeSamples(it, count, dice(3), it.now)).t;
}

Deno.test("judgeSamples() finds nothing where both classes take the same time", () => {
  assert(judge(() => 100) < SUSPICIOUS_T);
});

Deno.test("judgeSamples() finds a difference far below the noise", () => {
  assert(judge((first) => 100 + first * 0.1) > SUSPICIOUS_T);
});

Deno.test("judgeSamples() sees through interruptions by cutting off the slowest", () => {
  const it = experiment((first) => 100 + first * 0.2);
  const { t, uncropped } = judgeSamples("made up", takeSamples(it, 4_000, dice(3), it.now));
  assert(t > SUSPICIOUS_T && uncropped < SUSPICIOUS_T, `${t} ${uncropped}`);
});

Deno.test("judgeSamples() says how much slower the random class is", () => {
  const samples = { classes: Uint8Array.of(0, 1, 0, 1), times: Float64Array.of(10, 15, 10, 15) };
  const { difference, median, n } = judgeSamples("exact", samples);
  assertEquals([difference, median, n], [0.5, 12.5, 4]);
});

Deno.test("takeSamples() runs each input a batch of times, always in the same octets", () => {
  const seen: Uint8Array[] = [];
  const it = experiment(() => 1);
  const samples = takeSamples(
    { ...it, run: (input) => void seen.push(input) },
    5,
    dice(1),
    () => 0,
  );
  assertEquals([seen.length, new Set(seen).size, samples.classes.length], [15, 1, 5]);
});
