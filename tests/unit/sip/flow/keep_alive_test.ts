import { assertEquals } from "@std/assert";
import { KeepAlive } from "../../../../lib/sip/flow/keep_alive.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const SETTINGS = { transport: "tcp", random: seededRandom(1), interval: 10_000 } as const;

Deno.test("KeepAlive does nothing before its time", () => {
  const core = new KeepAlive(SETTINGS, 0);
  assertEquals(core.handleTimeout(7_999), []);
  assertEquals(core.receivePong(7_999), [], "nobody asked");
  assertEquals(core.receiveStun(new Uint8Array(20), 7_999), []);
});

Deno.test("KeepAlive asks for a pong only where one is expected", () => {
  for (const expectsAnswer of [true, false]) {
    const core = new KeepAlive({ ...SETTINGS, expectsAnswer }, 0);
    const [output] = core.handleTimeout(10_000);
    assertEquals(output?.type === "transmit" && output.wantsPong, expectsAnswer);
  }
});
