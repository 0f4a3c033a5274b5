import { assertEquals, assertRejects } from "@std/assert";
import { locateByDns } from "../../../lib/session/dns_look_up.ts";
import { platformRandom } from "../../../lib/session/random.ts";
import { locateServers, parseUri } from "../../../lib/sip/mod.ts";
import type { DnsOptions } from "../../../lib/transport/mod.ts";
import { DnsServer } from "../../helpers/dns_server.ts";
import { showPlace } from "../../helpers/locating.ts";

function locate(uri: string, dns: DnsOptions) {
  return locateByDns(locateServers(parseUri(uri), { random: platformRandom }), dns);
}

Deno.test("locateByDns() goes from NAPTR over SRV to A and AAAA", async () => {
  await using dns = await DnsServer.start({
    "example.com": {
      NAPTR: [
        {
          order: 50,
          preference: 50,
          flags: "s",
          services: "SIPS+D2T",
          regexp: "",
          replacement: "_sips._tcp.example.com",
        },
      ],
    },
    "_sips._tcp.example.com": {
      SRV: [{ priority: 0, weight: 1, port: 5071, target: "server1.example.com" }],
    },
    "server1.example.com": { A: ["192.0.2.1"], AAAA: ["2001:db8::1"] },
  });
  const { destinations, steps } = await locate("sip:bob@example.com", {
    nameServer: dns.nameServer,
  });
  assertEquals(destinations.map(showPlace), ["tls 192.0.2.1:5071", "tls [2001:db8::1]:5071"]);
  assertEquals(destinations[0]?.domain, "example.com");
  assertEquals(dns.asked.slice(0, 2), ["NAPTR example.com", "SRV _sips._tcp.example.com"]);
  assertEquals(dns.asked.slice(2).toSorted(), [
    "A server1.example.com",
    "AAAA server1.example.com",
  ]);
  assertEquals(steps.map((it) => it.question?.type), ["NAPTR", "SRV", "address"]);
});

Deno.test("locateByDns() asks nobody about localhost and .invalid", async () => {
  await using dns = await DnsServer.start({});
  const { nameServer } = dns;
  const here = await locate("sip:localhost", { nameServer });
  assertEquals(here.destinations.map(showPlace), ["udp 127.0.0.1:5060", "udp [::1]:5060"]);
  const nowhere = await locate("sip:nobody.invalid", { nameServer });
  assertEquals(nowhere.error?.code, "transport/name-not-found");
  assertEquals(dns.asked, []);
});

Deno.test("locateByDns() reports a silent name server, and ends with its signal's reason", async () => {
  await using dns = await DnsServer.start({ "a.example": "silence" });
  const { nameServer } = dns;
  const { error } = await locate("sip:a.example:5060", { nameServer, timeout: 100 });
  assertEquals(error?.code, "transport/name-server");
  const reason = new Error("enough");
  const stop = new AbortController();
  const locating = locate("sip:a.example:5060", { nameServer, signal: stop.signal });
  stop.abort(reason);
  assertEquals(await assertRejects(() => locating), reason);
});
