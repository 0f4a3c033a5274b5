import { assert, assertEquals } from "@std/assert";
import { retryDelay } from "../../../../lib/sip/registration/retry_delay.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

Deno.test("retryDelay() is 50 to 100 % of what doubles with every failure, up to its maximum", () => {
  for (const [failures, most] of [[1, 4_000], [2, 8_000], [3, 16_000], [4, 30_000], [99, 30_000]]) {
    const delays = Array.from(
      { length: 200 },
      (_, seed) => retryDelay(failures ?? 0, {}, seededRandom(seed)),
    );
    assert(Math.min(...delays) >= (most ?? 0) / 2);
    assert(Math.max(...delays) <= (most ?? 0));
    assert(Math.max(...delays) - Math.min(...delays) > (most ?? 0) / 4, "it is drawn");
  }
});

Deno.test("retryDelay() takes the times of RFC 5626 §4.5 too: the first retry after 30 to 60 s", () => {
  const times = { retryBase: 30_000, retryMax: 1_800_000 };
  const delay = retryDelay(1, times, seededRandom(1));
  assert(delay >= 30_000 && delay <= 60_000);
  assertEquals(retryDelay(20, times, () => new Uint8Array(3)), 900_000);
});
