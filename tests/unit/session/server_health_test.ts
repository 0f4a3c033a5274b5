import { assertEquals } from "@std/assert";
import { ServerHealth } from "../../../lib/session/server_health.ts";
import type { Destination } from "../../../lib/sip/mod.ts";

function at(port: number): Destination {
  return { transport: "udp", host: "192.0.2.1", port };
}

Deno.test("ServerHealth puts servers that failed last, for a while", () => {
  const health = new ServerHealth({ patience: 1_000 });
  health.markFailed(at(1), 0);
  const ports = (now: number) => health.sort([at(1), at(2), at(3)], now).map((it) => it.port);
  assertEquals(ports(999), [2, 3, 1]);
  assertEquals(ports(1_000), [1, 2, 3]);
  health.markFailed(at(1), 1_000);
  health.markFailed(at(2), 1_000);
  health.markFailed(at(3), 1_000);
  assertEquals(ports(1_001), [1, 2, 3], "all alike: the order of DNS");
});

Deno.test("ServerHealth keeps to Retry-After, up to its own bound", () => {
  const health = new ServerHealth({ patience: 1_000, mostPatience: 5_000 });
  health.markFailed(at(1), 0, 100);
  assertEquals([health.isFailed(at(1), 99), health.isFailed(at(1), 100)], [true, false]);
  health.markFailed(at(1), 0, 1e12);
  assertEquals([health.isFailed(at(1), 4_999), health.isFailed(at(1), 5_000)], [true, false]);
});

Deno.test("ServerHealth tells transports and ports apart, and forgets the oldest", () => {
  const health = new ServerHealth({ limit: 2 });
  health.markFailed(at(1), 0);
  assertEquals(health.isFailed({ ...at(1), transport: "tcp" }, 1), false);
  health.markFailed(at(2), 0);
  health.markFailed(at(3), 0);
  assertEquals([1, 2, 3].map((port) => health.isFailed(at(port), 1)), [false, true, true]);
});
