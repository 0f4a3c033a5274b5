import { assertEquals } from "@std/assert";
import type { Location } from "../../../../lib/sip/location/location.ts";
import { Trail } from "../../../../lib/sip/location/trail.ts";
import { locateIn, srvServer, type Zone } from "../../../helpers/locating.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const POLICY = { random: seededRandom(1) };
const GOAL = { domain: "example.com", isFixed: false };

function reach(
  trail: Trail,
  zone: Zone,
  ...hosts: string[]
): Location & { places: readonly string[] } {
  return locateIn(zone, trail.reach("§", "udp", hosts.map((host) => ({ host, port: 1 }))));
}

Deno.test("Trail.srv() tells nothing, decidedly nothing, and nothing usable apart", () => {
  const judged = (...records: string[]) => {
    const locating = new Trail(GOAL, POLICY).srv("§", ["_sip._udp.x"]);
    locating.next();
    const { value } = locating.next([{ srv: records.map(srvServer) }]);
    const [servers] = value as readonly unknown[];
    return Array.isArray(servers) ? servers.map((it) => it.target) : servers;
  };
  assertEquals(judged(), "unknown");
  assertEquals(judged("0 0 0 ."), "not-available");
  assertEquals(judged("0 0 5060 .", "0 0 5060 a"), ["a"]);
  assertEquals(judged("0 0 0 a"), "not-available");
  assertEquals(judged("0 0 5060 a\u0007b"), "not-available");
});

Deno.test("Trail.reach() asks for every name once and names no place twice", () => {
  const zone = { address: { a: ["192.0.2.1"], b: ["192.0.2.1", "192.0.2.2"] } };
  const located = locateIn(
    zone,
    new Trail(GOAL, POLICY).reach("§", "tcp", [
      { host: "a", port: 1 },
      { host: "b", port: 1 },
      { host: "a", port: 2 },
      { host: "192.0.2.9", port: 1 },
    ]),
  );
  assertEquals(located.asked, ["address a + address b"]);
  assertEquals(located.places, [
    "tcp 192.0.2.1:1",
    "tcp 192.0.2.2:1",
    "tcp 192.0.2.1:2",
    "tcp 192.0.2.9:1",
  ]);
});

Deno.test("Trail.reach() fails with the first reason, or says that there is no server", () => {
  const silent = reach(new Trail(GOAL, POLICY), { silent: ["a"] }, "a", "b");
  assertEquals(silent.error?.code, "transport/name-server");
  assertEquals(reach(new Trail(GOAL, POLICY), {}).error?.code, "sip/no-server");
});

Deno.test("Trail.reach() takes only addresses for addresses", () => {
  const zone = {
    address: { a: ["192.0.2.256", "host", "[::1]", "2001:db8::1", "::ffff:192.0.2.1"] },
  };
  assertEquals(reach(new Trail(GOAL, POLICY), zone, "a").places, [
    "udp [2001:db8::1]:1",
    "udp 192.0.2.1:1",
  ]);
});

Deno.test("Trail keeps to its limits", () => {
  const limits = { records: 4, servers: 3, addresses: 2, destinations: 5 };
  const trail = new Trail(GOAL, { ...POLICY, limits });
  const many = Array.from({ length: 100 }, (_, at) => srvServer(`${at} 0 1 s${at}`));
  const asking = trail.srv("§", ["x"]);
  asking.next();
  assertEquals((asking.next([{ srv: many }]).value as unknown[][])[0]?.length, 3);
  const addresses = Array.from({ length: 100 }, (_, at) => `192.0.2.${at}`);
  const zone = { address: { a: addresses, b: addresses.toReversed(), c: ["2001:db8::1", "::2"] } };
  assertEquals(reach(trail, zone, "a", "b", "c").places.length, 5);
});

Deno.test("Trail shows records of strangers escaped", () => {
  const trail = new Trail(GOAL, POLICY);
  const asking = trail.srv("§", ["x"]);
  asking.next();
  asking.next([{ srv: [{ priority: 0, weight: 0, port: 1, target: "a\u001b[2J" }] }]);
  assertEquals(trail.fail("sip/no-server", "§", "no").steps[0]?.found, ["0 0 1 a\\x1b[2J"]);
});
