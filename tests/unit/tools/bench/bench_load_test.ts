import { assertEquals } from "@std/assert";
import { loadTable, measureLoad } from "../../../../tools/bench/bench_load.ts";

Deno.test("measureLoad() counts sessions and messages of two processes", async () => {
  for (const transport of ["tcp", "tls"] as const) {
    const result = await measureLoad(transport, { idle: 8, chatting: 4, seconds: 0.2, rate: 20 });
    assertEquals([result.transport, result.idle, result.chatting], [transport, 8, 4]);
    assertEquals(result.messagesPerSecond > 0 && result.measured >= 4, true);
    assertEquals(result.p99 >= result.p50 && result.p50 > 0, true);
  }
});

Deno.test("loadTable() has a line for each transport", () => {
  const table = loadTable([{
    transport: "tls",
    idle: 2000,
    chatting: 200,
    memoryPerSession: 65_536,
    idleProcessor: 0.0123,
    messagesPerSecond: 7000,
    p50: 0.5,
    p99: 12.3,
    measured: 10_000,
  }]);
  assertEquals(
    table.split("\n")[2],
    "| 2,000 idle, 200 chatting, TLS | 64.0 KiB | 1.23 % | 7,000 | 0.500 ms | 12.3 ms |",
  );
});
