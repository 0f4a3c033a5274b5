import { assertEquals } from "@std/assert";
import { locateServers, srvName } from "../../../../lib/sip/location/locate.ts";
import { parseUri } from "../../../../lib/sip/message/uri.ts";
import { type Located, locateIn, type Zone } from "../../../helpers/locating.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

function locate(uri: string, zone: Zone): Located {
  return locateIn(zone, locateServers(parseUri(uri), { random: seededRandom(1) }));
}

Deno.test("srvName() says which name has the records", () => {
  assertEquals(
    (["udp", "tcp", "tls"] as const).map((it) => srvName(it, "a.example")),
    ["_sip._udp.a.example", "_sip._tcp.a.example", "_sips._tcp.a.example"],
  );
});

Deno.test("locateServers() shows each step with its section, question, records and decision", () => {
  const { steps } = locate("sip:bob@example.com", {
    naptr: { "example.com": ["1 2 s SIP+D2U _sip._udp.example.com"] },
    srv: { "_sip._udp.example.com": ["0 1 5070 a.example.com"] },
    address: { "a.example.com": ["192.0.2.1"] },
  });
  assertEquals(steps, [
    {
      clause: "RFC 3263 §4.1",
      question: { type: "NAPTR", name: "example.com" },
      found: ['1 2 "s" "SIP+D2U" _sip._udp.example.com'],
      decision: "udp by _sip._udp.example.com",
    },
    {
      clause: "RFC 3263 §4.2",
      question: { type: "SRV", name: "_sip._udp.example.com" },
      found: ["0 1 5070 a.example.com"],
      decision: "tried in this order: a.example.com:5070",
    },
    {
      clause: "RFC 3263 §4.2",
      question: { type: "address", name: "a.example.com" },
      found: ["192.0.2.1"],
      decision: "tried in this order",
    },
  ]);
});

Deno.test("locateServers() goes on when the preferred service of an order has no servers", () => {
  const { places } = locate("sip:example.com", {
    naptr: {
      "example.com": ["1 1 s SIP+D2T _sip._tcp.example.com", "1 2 s SIP+D2U _sip._udp.example.com"],
    },
    srv: { "_sip._udp.example.com": ["0 0 5060 a.example"] },
    address: { "a.example": ["192.0.2.1"] },
  });
  assertEquals(places, ["udp 192.0.2.1:5060"]);
});

Deno.test("locateServers() goes on where the name server is silent, and gives its reason in the end", () => {
  const zone = { address: { "example.com": ["192.0.2.1"] }, silent: ["_sip._udp.example.com"] };
  const { places, steps } = locate("sip:example.com;transport=udp", zone);
  assertEquals(places, ["udp 192.0.2.1:5060"]);
  assertEquals(steps[1]?.found, ["nobody answers for _sip._udp.example.com"]);
  const { error } = locate("sip:example.com", { silent: ["example.com"] });
  assertEquals(error?.code, "transport/name-server");
});

Deno.test("locateServers() does not fall back from TLS to a transport without", () => {
  const { places } = locate("sip:example.com", {
    naptr: {
      "example.com": [
        "1 1 s SIPS+D2T _sips._tcp.example.com",
        "2 1 s SIP+D2U _sip._udp.example.com",
      ],
    },
    srv: {
      "_sips._tcp.example.com": ["0 0 5061 a.example"],
      "_sip._udp.example.com": ["0 0 5060 a.example"],
    },
    address: { "a.example": ["192.0.2.1"] },
  });
  assertEquals(places, ["tls 192.0.2.1:5061"]);
});

Deno.test("locateServers() keeps a long request on the transport only if somebody asked for it", () => {
  const zone = { address: { "example.com": ["192.0.2.1"] } };
  assertEquals(locate("sip:example.com", zone).destinations[0]?.isFixed, false);
  assertEquals(locate("sip:example.com;transport=udp", zone).destinations[0]?.isFixed, true);
});
