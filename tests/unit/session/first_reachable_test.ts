import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { firstReachable, withinPatience } from "../../../lib/session/first_reachable.ts";
import { ServerHealth } from "../../../lib/session/server_health.ts";
import type { Destination } from "../../../lib/sip/mod.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";

const places = [1, 2, 3].map((port): Destination => ({
  transport: "tcp",
  host: "192.0.2.1",
  port,
}));

/** Ports that refuse, and ports that never answer. */
function network(refusing: readonly number[], silent: readonly number[] = []) {
  const clock = new ManualClock();
  const health = new ServerHealth();
  const tried: number[] = [];
  const prepare = ({ port }: Destination): Promise<void> => {
    tried.push(port);
    if (silent.includes(port)) return new Promise(() => {});
    return refusing.includes(port)
      ? Promise.reject(new SottoError("transport/refused", `${port} refuses`))
      : Promise.resolve();
  };
  const options = { prepare, health, clock, patience: 1_000 };
  return { clock, health, tried, reach: () => firstReachable(places, options) };
}

Deno.test("firstReachable() answers the first that can be reached, and what comes after it", async () => {
  const { health, tried, reach } = network([1]);
  assertEquals(await reach(), places.slice(1));
  assertEquals(tried, [1, 2]);
  assertEquals(places.map((it) => health.isFailed(it, 1)), [true, false, false]);
});

Deno.test("firstReachable() waits for a silent server only as long as there is another", async () => {
  const { clock, tried, reach } = network([], [1]);
  const reaching = reach();
  await clock.advance(999);
  assertEquals(tried, [1]);
  await clock.advance(1);
  assertEquals(await reaching, places.slice(1));
  const last = network([1, 2], [3]);
  let isOver = false;
  void last.reach().then(() => isOver = true);
  await last.clock.advance(100_000);
  assertEquals([last.tried, isOver], [[1, 2, 3], false]);
});

Deno.test("firstReachable() gives the reason of the first when none can be reached", async () => {
  const error = await assertRejects(network([1, 2, 3]).reach, SottoError);
  assertEquals(error.message, "1 refuses");
  const { health, clock } = network([]);
  const nowhere = () => firstReachable([], { prepare: () => Promise.resolve(), health, clock });
  assertEquals((await assertRejects(nowhere, SottoError)).code, "sip/no-server");
});

Deno.test("withinPatience() gives up after its time, and takes what comes before", async () => {
  const clock = new ManualClock();
  assertEquals(await withinPatience(Promise.resolve(1), clock, 1_000), 1);
  const late = Promise.withResolvers<number>();
  const waiting = withinPatience(late.promise, clock, 1_000);
  const given = assertRejects(() => waiting, SottoError);
  await clock.advance(1_000);
  assertEquals((await given).code, "sip/timeout");
  late.reject(new Error("too late to matter"));
});
