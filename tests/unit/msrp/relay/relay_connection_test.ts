import { assertEquals } from "@std/assert";
import { parseMsrpUri } from "../../../../lib/msrp/mod.ts";
import { RelayConnection } from "../../../../lib/msrp/relay/relay_connection.ts";
import { RELAY } from "../../../helpers/relay_core_bench.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

Deno.test("RelayConnection: an accepted one is open and on probation, one of ours neither", () => {
  const made = (target?: string): RelayConnection =>
    new RelayConnection({
      id: 7,
      facts: { isSecure: true, relayHosts: ["r.example"] },
      authority: parseMsrpUri(RELAY),
      target: target === undefined ? undefined : parseMsrpUri(target),
      parserLimits: {},
      transactionLimit: 1,
      windowLength: 10,
      now: 5,
      host: {
        random: seededRandom(1),
        transmit: () => {},
        chunkBegan: () => {},
        chunkEnded: () => {},
        released: () => {},
      },
    });
  const accepted = made();
  assertEquals([accepted.isOpen, accepted.isProven], [true, false]);
  assertEquals(accepted.arrival, { connection: 7, isSecure: true, relayHosts: ["r.example"] });
  const ours = made("msrps://far.example:1;tcp");
  assertEquals([ours.isOpen, ours.isProven], [false, true]);
});
