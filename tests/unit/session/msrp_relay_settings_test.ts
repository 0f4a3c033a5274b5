/** Where relays are: RFC 4976 §8 and RFC 2782 against a name server of the tests. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { parseMsrpUri, writeMsrpUri } from "../../../lib/msrp/mod.ts";
import { relayServers, relayUris } from "../../../lib/session/msrp_relay_settings.ts";
import { DnsServer } from "../../helpers/dns_server.ts";
import { relaySettings } from "../../helpers/relayed_media.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const random = seededRandom(4976);

Deno.test("relayUris() writes a port where one is known, and none where SRV is asked", () => {
  const uris = (more: Parameters<typeof relaySettings>[2]): string[] =>
    relayUris(relaySettings(1, "alice", more), "tls").map((it) => writeMsrpUri(it));
  assertEquals(uris({ relays: "auto" }), ["msrps://sotto.test;tcp"]);
  assertEquals(uris({ relays: [{ host: "r.example", port: 9000 }, { host: "s.example" }] }), [
    "msrps://r.example:9000;tcp",
    "msrps://s.example;tcp",
  ]);
  assertEquals(uris({ relays: [{ host: "::1" }, { host: "192.0.2.1", port: 7 }] }), [
    "msrps://[::1]:2855;tcp",
    "msrps://192.0.2.1:7;tcp",
  ]);
  assertThrows(() => uris({ relays: [] }), RangeError);
});

Deno.test("relayUris() wants leave for plain TCP", () => {
  const settings = relaySettings(1, "alice");
  const error = assertThrows(() => relayUris(settings, "tcp"), SottoError);
  assertEquals(error.code, "session/relay-insecure");
  const [uri] = relayUris({ ...settings, insecure: true }, "tcp");
  assertEquals(uri?.scheme, "msrp");
});

Deno.test("relayServers() takes a port or an address at its word", async () => {
  for (
    const [text, host, port] of [
      ["msrps://relay.example:9000;tcp", "relay.example", 9000],
      ["msrps://192.0.2.1:1;tcp", "192.0.2.1", 1],
      ["msrps://[::1]:2855;tcp", "::1", 2855],
    ] as const
  ) {
    assertEquals(await relayServers(parseMsrpUri(text), random), [{ host, port, name: host }]);
  }
});

Deno.test("relayServers() follows SRV by priority, and falls back to port 2855", async () => {
  const record = { weight: 0, port: 9000 };
  await using dns = await DnsServer.start({
    "_msrps._tcp.sotto.test": {
      SRV: [
        { ...record, priority: 20, target: "second.sotto.test" },
        { ...record, priority: 10, target: "first.sotto.test" },
      ],
    },
    "_msrps._tcp.none.test": { SRV: [{ priority: 0, weight: 0, port: 0, target: "." }] },
  });
  const { nameServer } = dns;
  const find = (host: string): ReturnType<typeof relayServers> =>
    relayServers(parseMsrpUri(`msrps://${host};tcp`), random, { nameServer });
  // RFC 4976 §9.2: the certificate is for the name in the URI, wherever SRV leads.
  assertEquals(await find("sotto.test"), [
    { host: "first.sotto.test", port: 9000, name: "sotto.test" },
    { host: "second.sotto.test", port: 9000, name: "sotto.test" },
  ]);
  assertEquals(await find("plain.test"), [{ host: "plain.test", port: 2855, name: "plain.test" }]);
  const error = await assertRejects(() => find("none.test"), SottoError);
  assertEquals(error.code, "session/relay-none");
  assertEquals(dns.asked, [
    "SRV _msrps._tcp.sotto.test",
    "SRV _msrps._tcp.plain.test",
    "SRV _msrps._tcp.none.test",
  ]);
});
