import { assertEquals, assertThrows } from "@std/assert";
import type { Arrival } from "../../../lib/trace/arrival.ts";
import { ArrivalMerge } from "../../../lib/trace/arrival_merge.ts";

function remark(at: number | undefined): Arrival {
  return { type: "remark", frame: 0, at, src: undefined, dst: undefined, text: String(at) };
}

Deno.test("ArrivalMerge says things in order of time, asking for what it needs", () => {
  const merge = new ArrivalMerge(2);
  assertEquals(merge.wants(), 0);
  merge.push(0, [remark(1), remark(4)]);
  assertEquals(merge.take(), []);
  assertEquals(merge.wants(), 1);
  merge.push(1, [remark(2), remark(3), remark(9)]);
  const told = () =>
    merge.take().map(({ input, arrival }) => [input, "text" in arrival && arrival.text]);
  assertEquals(told(), [[0, "1"], [1, "2"], [1, "3"], [0, "4"]]);
  assertEquals(merge.wants(), 0);
  merge.end(0);
  assertEquals(told(), [[1, "9"]]);
  assertEquals(merge.wants(), 1);
  merge.end(1);
  assertEquals(merge.wants(), undefined);
});

Deno.test("ArrivalMerge keeps what has no time beside what came before it", () => {
  const merge = new ArrivalMerge(2);
  merge.push(0, [remark(5), remark(undefined), remark(8)]);
  merge.push(1, [remark(6), remark(7)]);
  merge.end(0);
  merge.end(1);
  assertEquals(merge.take().map((it) => it.input), [0, 0, 1, 1, 0]);
});

Deno.test("ArrivalMerge numbers the connections of several inputs apart", () => {
  const octets = (connection: number): Arrival => ({
    type: "octets",
    frame: 1,
    at: 1,
    src: undefined,
    dst: undefined,
    connection,
    data: new Uint8Array(),
    transport: "tcp",
  });
  const merge = new ArrivalMerge(2);
  merge.push(0, [octets(1)]);
  merge.push(1, [octets(1), octets(0)]);
  merge.end(0);
  merge.end(1);
  const numbers = merge.take().map(({ arrival }) => "connection" in arrival && arrival.connection);
  assertEquals(numbers, [2, 3, 0]);
  const single = new ArrivalMerge(1);
  single.push(0, [octets(7)]);
  const [only] = single.take();
  assertEquals(only?.arrival.type === "octets" && only.arrival.connection, 7);
});

Deno.test("ArrivalMerge refuses an input that there is not", () => {
  assertThrows(() => new ArrivalMerge(1).end(1), RangeError);
});
