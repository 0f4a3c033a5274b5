/** RFC 3263 §4: from a URI to the places where a request is tried (SIP-074, SIP-076). */
import { assertEquals, assertNotEquals } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import {
  branchOf,
  locateServers,
  type LocationPolicy,
  parseUri,
  topVia,
} from "../../../lib/sip/mod.ts";
import { type Located, locateIn, type Zone } from "../../helpers/locating.ts";
import { responseText, ScriptedSip } from "../../helpers/scripted_sip.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

function locate(uri: string, zone: Zone, policy: Partial<LocationPolicy> = {}): Located {
  return locateIn(zone, locateServers(parseUri(uri), { random: seededRandom(1), ...policy }));
}

/** The records of the examples in §4.1, with their addresses. */
const EXAMPLE: Zone = {
  naptr: {
    "example.com": [
      "50 50 s SIPS+D2T _sips._tcp.example.com",
      "90 50 s SIP+D2T _sip._tcp.example.com",
      "100 50 s SIP+D2U _sip._udp.example.com",
    ],
  },
  srv: {
    "_sips._tcp.example.com": ["0 1 5061 server1.example.com"],
    "_sip._tcp.example.com": ["0 1 5060 server1.example.com", "1 2 5070 server2.example.com"],
    "_sip._udp.example.com": ["0 1 5060 server1.example.com"],
  },
  address: {
    "example.com": ["192.0.2.100"],
    "server1.example.com": ["192.0.2.1", "2001:db8::1"],
    "server2.example.com": ["192.0.2.2"],
  },
};

Deno.test("SIP-074 §4.1 the transport parameter decides, and no NAPTR record is asked for", () => {
  const { asked, places } = locate("sip:bob@example.com;transport=TCP", EXAMPLE);
  assertEquals(asked, [
    "SRV _sip._tcp.example.com",
    "address server1.example.com + address server2.example.com",
  ]);
  assertEquals(places, ["tcp 192.0.2.1:5060", "tcp [2001:db8::1]:5060", "tcp 192.0.2.2:5070"]);
});

Deno.test("SIP-074 §4.1 a numeric host means UDP for sip, TLS for sips, and asks nobody", () => {
  for (
    const [uri, place] of [
      ["sip:192.0.2.7", "udp 192.0.2.7:5060"],
      ["sip:192.0.2.7:5080", "udp 192.0.2.7:5080"],
      ["sip:[2001:db8::7]", "udp [2001:db8::7]:5060"],
      ["sip:192.0.2.7;transport=tcp", "tcp 192.0.2.7:5060"],
      ["sip:192.0.2.7;transport=tls", "tls 192.0.2.7:5061"],
      ["sips:192.0.2.7", "tls 192.0.2.7:5061"],
      ["sips:bob@192.0.2.7:5071;transport=tcp", "tls 192.0.2.7:5071"],
    ] as const
  ) {
    const { asked, places } = locate(uri, {});
    assertEquals([uri, asked, places], [uri, [], [place]]);
  }
});

Deno.test("SIP-074 §4.1, §4.2 a port that is written means UDP, or TLS for sips, and addresses alone", () => {
  const plain = locate("sip:example.com:5060", EXAMPLE);
  assertEquals([plain.asked, plain.places], [["address example.com"], ["udp 192.0.2.100:5060"]]);
  const secure = locate("sips:example.com:5060", EXAMPLE);
  assertEquals([secure.asked, secure.places], [["address example.com"], ["tls 192.0.2.100:5060"]]);
});

Deno.test("SIP-074 §4.1 NAPTR leads to the transport that the domain prefers and we have", () => {
  const all = locate("sip:user@example.com", EXAMPLE);
  assertEquals(all.asked, [
    "NAPTR example.com",
    "SRV _sips._tcp.example.com",
    "address server1.example.com",
  ]);
  assertEquals(all.places, ["tls 192.0.2.1:5061", "tls [2001:db8::1]:5061"]);
  // The example of the section: a client with TCP and UDP.
  const withoutTls = locate("sip:user@example.com", EXAMPLE, { transports: ["udp", "tcp"] });
  assertEquals(withoutTls.asked.slice(0, 2), ["NAPTR example.com", "SRV _sip._tcp.example.com"]);
  assertEquals(withoutTls.places.at(-1), "tcp 192.0.2.2:5070");
});

Deno.test("SIP-074 §4.1 for sips every service that does not say SIPS is discarded", () => {
  const { naptr: _, ...rest } = EXAMPLE;
  const plainOnly: Zone = {
    ...rest,
    naptr: { "example.com": ["1 1 s SIP+D2T _sip._tcp.example.com"] },
  };
  const { asked, places } = locate("sips:user@example.com", plainOnly);
  assertEquals(asked.slice(0, 2), ["NAPTR example.com", "SRV _sips._tcp.example.com"]);
  assertEquals(places, ["tls 192.0.2.1:5061", "tls [2001:db8::1]:5061"]);
  assertEquals(locate("sips:user@example.com", EXAMPLE).places[0], "tls 192.0.2.1:5061");
});

Deno.test("SIP-074 §4.1 a replacement may lie in another domain; the certificate is asked for the first", () => {
  const zone: Zone = {
    naptr: { "example.com": ["1 1 s SIPS+D2T _sips._tcp.school.example"] },
    srv: { "_sips._tcp.school.example": ["0 0 5061 sip.school.example"] },
    address: { "sip.school.example": ["192.0.2.9"] },
  };
  const { destinations, places } = locate("sip:bob@example.com", zone);
  assertEquals(places, ["tls 192.0.2.9:5061"]);
  assertEquals(destinations[0]?.domain, "example.com");
});

Deno.test("SIP-074 §4.1 services that are none of ours are discarded: other kinds, flags, expressions", () => {
  const strange = [
    "1 1 s SIP+D2S _sip._sctp.example.com",
    "1 1 s SIPS+D2U _sips._udp.example.com",
    "1 1 s SIP+D2W _sip._ws.example.com",
    "1 1 s E2U+sip _sip._tcp.example.com",
    "1 1 u SIP+D2T _sip._tcp.example.com",
    "1 1 s SIP+D2T . !^.*$!sip:x@example.com!",
    "1 1 s SIP+D2T _sip._tcp.example.com !a!b!",
    "2 1 S sip+d2u _sip._udp.example.com",
  ];
  const { asked, places } = locate("sip:example.com", {
    ...EXAMPLE,
    naptr: { "example.com": strange },
  });
  assertEquals(asked[1], "SRV _sip._udp.example.com");
  assertEquals(places[0], "udp 192.0.2.1:5060");
});

Deno.test("SIP-074 §4.1 without NAPTR each of our transports is asked for, and the one we like best is used", () => {
  const { naptr: _, ...zone } = EXAMPLE;
  const { asked, places } = locate("sip:example.com", zone);
  assertEquals(asked.slice(0, 2), [
    "NAPTR example.com",
    "SRV _sips._tcp.example.com + SRV _sip._tcp.example.com + SRV _sip._udp.example.com",
  ]);
  assertEquals(places[0], "tls 192.0.2.1:5061");
  const liked = locate("sip:example.com", zone, { transports: ["udp", "tcp"] });
  assertEquals(liked.asked[1], "SRV _sip._udp.example.com + SRV _sip._tcp.example.com");
  assertEquals(liked.places[0], "udp 192.0.2.1:5060");
  const secure = locate("sips:example.com", zone);
  assertEquals(secure.asked[1], "SRV _sips._tcp.example.com");
});

Deno.test("SIP-074 §4.1, §4.2 without any record it is the host itself: UDP 5060, TLS 5061 for sips", () => {
  const zone: Zone = { address: { "bare.example": ["192.0.2.5", "2001:db8::5"] } };
  const { places } = locate("sip:bare.example", zone);
  assertEquals(places, ["udp 192.0.2.5:5060", "udp [2001:db8::5]:5060"]);
  assertEquals(locate("sips:bare.example", zone).places[0], "tls 192.0.2.5:5061");
  assertEquals(
    locate("sip:bare.example;transport=tcp", zone).places[0],
    "tcp 192.0.2.5:5060",
  );
});

Deno.test("SIP-074 §4.2 TLS that the user wants is looked up as _sips", () => {
  const { asked, places } = locate("sip:example.com", EXAMPLE, { transport: "tls" });
  assertEquals(asked[0], "SRV _sips._tcp.example.com");
  assertEquals(places[0], "tls 192.0.2.1:5061");
  // Over what the URI says.
  assertEquals(
    locate("sip:example.com;transport=tcp", EXAMPLE, { transport: "udp" }).asked[0],
    "SRV _sip._udp.example.com",
  );
});

Deno.test("SIP-074 §4 maddr is the target; the domain stays the host of the URI", () => {
  const { asked, destinations } = locate("sips:bob@example.com;maddr=server2.example.com", {
    address: EXAMPLE.address ?? {},
  });
  assertEquals(asked[0], "NAPTR server2.example.com");
  assertEquals(destinations.map(({ host, domain }) => [host, domain]), [[
    "192.0.2.2",
    "example.com",
  ]]);
});

Deno.test("SIP-074 §4.3 servers are tried by priority, each address of each", () => {
  const zone: Zone = {
    srv: {
      "_sip._udp.example.com": ["20 0 5062 b.example.com", "10 0 5061 a.example.com"],
    },
    address: {
      "a.example.com": ["192.0.2.1", "192.0.2.2"],
      "b.example.com": ["2001:db8::b"],
    },
  };
  const { places } = locate("sip:example.com;transport=udp", zone);
  assertEquals(places, ["udp 192.0.2.1:5061", "udp 192.0.2.2:5061", "udp [2001:db8::b]:5062"]);
});

Deno.test("SIP-074 §4.3 weights spread the first try over servers of one priority (RFC 2782)", () => {
  const zone: Zone = {
    srv: { "_sip._udp.example.com": ["0 1 5060 a.example.com", "0 3 5060 b.example.com"] },
    address: { "a.example.com": ["192.0.2.1"], "b.example.com": ["192.0.2.2"] },
  };
  const random = seededRandom(7);
  let first = 0;
  for (let turn = 0; turn < 1000; turn++) {
    const { places } = locate("sip:example.com;transport=udp", zone, { random });
    if (places[0] === "udp 192.0.2.2:5060") first++;
    assertEquals(places.length, 2);
  }
  // RFC 2782 draws from 0 to the sum, both included: 2 of 5 for a, 3 of 5 for b.
  assertEquals([first > 540, first < 660], [true, true], String(first));
});

Deno.test("SIP-074 a domain that says `.` does not offer SIP, and its addresses are not tried (RFC 2782)", () => {
  const zone: Zone = {
    srv: { "_sip._udp.example.com": ["0 0 0 ."], "_sip._tcp.example.com": ["0 0 0 ."] },
    address: { "example.com": ["192.0.2.100"] },
  };
  for (const uri of ["sip:example.com", "sip:example.com;transport=tcp"]) {
    const { destinations, error, asked } = locate(uri, zone);
    assertEquals([uri, destinations, error?.code], [uri, [], "sip/not-available"]);
    assertEquals(asked.some((it) => it.startsWith("address")), false);
  }
});

Deno.test("SIP-074 what cannot be located says why: tel, sctp, no TLS for sips", () => {
  for (
    const [uri, policy] of [
      ["tel:+358-555-1234567", {}],
      ["sip:example.com;transport=sctp", {}],
      ["sips:example.com;transport=ws", {}],
      ["sips:example.com", { transports: ["udp", "tcp"] }],
      ["sips:192.0.2.1", { transports: ["udp", "tcp"] }],
      ["sip:example.com;transport=tls", { transports: ["udp", "tcp"] }],
    ] as const
  ) {
    const { error, asked, destinations } = locate(uri, EXAMPLE, policy);
    assertEquals([uri, error?.code, asked, destinations], [uri, "sip/unsupported-uri", [], []]);
  }
});

Deno.test("SIP-076 sips goes over TLS alone, whatever DNS and the user say (RFC 3261 §26.2.2)", () => {
  const zone: Zone = {
    ...EXAMPLE,
    naptr: { "example.com": ["1 1 s SIP+D2U _sip._udp.example.com"] },
  };
  for (const transport of ["udp", "tcp", "tls", undefined] as const) {
    for (
      const uri of ["sips:example.com", "sips:example.com:5090", "sips:example.com;transport=udp"]
    ) {
      const { destinations } = locate(uri, zone, { transport });
      assertEquals(new Set(destinations.map((it) => it.transport)), new Set(["tls"]));
    }
  }
});

const SERVERS = [11, 12].map((number) => ({
  transport: "udp" as const,
  host: `192.0.2.${number}`,
  port: 5060,
}));

function deadServers(agent: ScriptedSip): string[] {
  return agent.events.flatMap((it) =>
    it.type === "dead-server" ? [`${it.to.host} ${it.retryAfter}`] : []
  );
}

Deno.test("SIP-075 §4.3 a 503 is a failure: the next server gets a request of another branch", () => {
  const agent = new ScriptedSip();
  agent.invite({ destinations: SERVERS });
  const first = agent.lastRequest("INVITE");
  agent.receive(
    responseText(first.message, 503, { headers: ["Retry-After: 18 (busy);duration=3"] }),
  );
  const second = agent.lastRequest("INVITE");
  assertEquals([first.to.host, second.to.host], ["192.0.2.11", "192.0.2.12"]);
  assertNotEquals(branchOf(topVia(second.message)), branchOf(topVia(first.message)));
  assertEquals(deadServers(agent), ["192.0.2.11 18000"]);
});

Deno.test("SIP-075 §4.3 silence until Timer B is a failure, a provisional response is none", () => {
  const agent = new ScriptedSip();
  agent.invite({ destinations: SERVERS });
  agent.advance(32_000);
  assertEquals(agent.lastRequest("INVITE").to.host, "192.0.2.12");
  assertEquals(deadServers(agent), ["192.0.2.11 undefined"]);
  agent.receive(responseText(agent.lastRequest("INVITE").message, 180));
  agent.advance(100_000);
  assertEquals(deadServers(agent).length, 1);
});

Deno.test("SIP-075 §4.3 a failure of the transport is one, and the last server's is reported", () => {
  const agent = new ScriptedSip();
  agent.invite({ destinations: SERVERS });
  for (let turn = 0; turn < 2; turn++) {
    const { transaction = "" } = agent.lastRequest("INVITE");
    const error = new SottoError("transport/refused", "refused");
    agent.take(agent.core.receiveTransportError(transaction, error, agent.now));
  }
  assertEquals(deadServers(agent), ["192.0.2.11 undefined", "192.0.2.12 undefined"]);
  assertEquals(agent.heard().map((it) => it.type), ["failed"]);
});

Deno.test("SIP-075 §4 CANCEL and the ACK to a refusal go to the server that has the INVITE", () => {
  const agent = new ScriptedSip();
  const call = agent.invite({ destinations: SERVERS });
  agent.receive(responseText(agent.lastRequest("INVITE").message, 503));
  agent.receive(responseText(agent.lastRequest("INVITE").message, 180));
  agent.take(agent.core.hangUp(call, agent.now));
  assertEquals(agent.lastRequest("CANCEL").to.host, "192.0.2.12");
  agent.receive(responseText(agent.lastRequest("INVITE").message, 487));
  assertEquals(agent.lastRequest("ACK").to.host, "192.0.2.12");
});
