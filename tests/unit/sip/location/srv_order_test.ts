import { assertEquals } from "@std/assert";
import type { RandomSource } from "../../../../lib/base/output.ts";
import { sortSrv } from "../../../../lib/sip/location/srv_order.ts";
import { srvServer } from "../../../helpers/locating.ts";

/** Draws these numbers one after the other. */
function drawing(...numbers: number[]): RandomSource {
  return (length) => {
    const number = numbers.shift() ?? 0;
    return Uint8Array.from(
      { length },
      (_, at) => Math.floor(number / 256 ** (length - 1 - at)) % 256,
    );
  };
}

function order(records: readonly string[], random: RandomSource): string[] {
  return sortSrv(records.map(srvServer), random).map(({ target }) => target);
}

Deno.test("sortSrv() puts lower priorities first, whatever their weight", () => {
  const records = ["3 65535 1 c", "1 0 1 a", "2 9 1 b"];
  for (let number = 0; number < 20; number++) {
    assertEquals(order(records, drawing(number, number, number)), ["a", "b", "c"]);
  }
});

Deno.test("sortSrv() takes the first whose running sum reaches the number drawn", () => {
  const records = ["0 1 1 a", "0 2 1 b", "0 3 1 c"];
  assertEquals(order(records, drawing(0)), ["a", "b", "c"]);
  assertEquals(order(records, drawing(1, 5)), ["a", "c", "b"]);
  assertEquals(order(records, drawing(2, 0)), ["b", "a", "c"]);
  assertEquals(order(records, drawing(3, 2)), ["b", "c", "a"]);
  assertEquals(order(records, drawing(6, 0)), ["c", "a", "b"]);
  // 0 to 6, both included: seven numbers.
  assertEquals(order(records, drawing(7)), ["a", "b", "c"]);
});

Deno.test("sortSrv() gives weight 0 a chance only when the number drawn is 0", () => {
  const records = ["0 5 1 heavy", "0 0 1 light"];
  assertEquals(order(records, drawing(0)), ["light", "heavy"]);
  for (const number of [1, 2, 3, 4, 5]) {
    assertEquals(order(records, drawing(number)), ["heavy", "light"]);
  }
});

Deno.test("sortSrv() keeps every record, once", () => {
  const records = Array.from({ length: 40 }, (_, at) => `${at % 3} ${at % 5} 1 s${at}`);
  const drawn = order(records, drawing(...records.map((_, at) => at * 977)));
  assertEquals(drawn.toSorted(), records.map((it) => it.split(" ")[3] ?? "").toSorted());
});
