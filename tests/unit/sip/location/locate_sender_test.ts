import { assertEquals } from "@std/assert";
import { locateSender } from "../../../../lib/sip/location/locate_sender.ts";
import { locateIn } from "../../../helpers/locating.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

Deno.test("locateSender() gives up where the sender says that it takes nothing", () => {
  const via = { version: "2.0", transport: "UDP", host: "p.example", parameters: [] };
  const located = locateIn(
    { srv: { "_sip._udp.p.example": ["0 0 0 ."] }, address: { "p.example": ["192.0.2.1"] } },
    locateSender(via, { random: seededRandom(1) }),
  );
  assertEquals([located.error?.code, located.asked.length], ["sip/not-available", 1]);
});
