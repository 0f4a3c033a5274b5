/** RFC 4976 §5.4, §6.3, §8, §9.2: which relay a client connects to, how, and for how long. */
import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { MsrpRelays, platformRandom, SystemClock } from "../../../lib/session/mod.ts";
import { makeSelfSignedCertificate } from "../../../lib/transport/mod.ts";
import { AgRelay } from "../../helpers/ag_relay.ts";
import { DnsServer } from "../../helpers/dns_server.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";
import { listen, mediaSettings, openPair, relaySettings } from "../../helpers/relayed_media.ts";

const never = new AbortController().signal;
const self = parseMsrpUri("msrps://127.0.0.1:2855/ours56789;tcp");
const plainSelf = parseMsrpUri("msrp://127.0.0.1:2855/ours56789;tcp");

function pool(): MsrpRelays {
  return new MsrpRelays({ clock: new SystemClock(), random: platformRandom });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, SottoError)).code;
}

Deno.test("MSRP-110 AUTH leaves over TLS alone; plain TCP takes a person's leave", async () => {
  await using relay = await AgRelay.start();
  await using relays = pool();
  const settings = relaySettings(relay.port, "alice", { uriParameter: "no" });
  assertEquals(
    await codeOf(relays.obtain(settings, "tcp", plainSelf, never)),
    "session/relay-insecure",
  );
  assertEquals(relay.connections, 0);
  const path = await relays.obtain({ ...settings, insecure: true }, "tcp", plainSelf, never);
  assertEquals(path.isInsecure, true);
});

Deno.test("MSRP-110 the certificate must be for the relay's name, and vouched for", async () => {
  for (
    const [names, expected] of [
      [["localhost"], "granted"],
      [["elsewhere.example"], "transport/tls-wrong-name"],
    ] as const
  ) {
    const certificate = await makeSelfSignedCertificate({ commonName: "relay", names });
    await using relay = await AgRelay.start({ certificate });
    await using relays = pool();
    const settings = relaySettings(relay.port, "alice", {
      uriParameter: "no",
      ca: certificate.certPem,
    });
    const asking = relays.obtain(settings, "tls", self, never);
    if (expected === "granted") assertEquals((await asking).isInsecure, false);
    else assertEquals(await codeOf(asking), expected);
    const { ca: _, ...unknown } = settings;
    await using strangers = pool();
    const code = await codeOf(strangers.obtain(unknown, "tls", self, never));
    assertEquals(code.startsWith("transport/tls-"), true, code);
  }
});

Deno.test("MSRP-121 a relay without a port is found by SRV; the certificate is for the domain", async () => {
  const certificate = await makeSelfSignedCertificate({
    commonName: "relay",
    names: ["sotto.test"],
  });
  await using relay = await AgRelay.start({ certificate });
  const closed = await AgRelay.start();
  await closed[Symbol.asyncDispose]();
  await using dns = await DnsServer.start({
    "_msrps._tcp.sotto.test": {
      SRV: [
        { priority: 0, weight: 0, port: closed.port, target: "dead.sotto.test" },
        { priority: 1, weight: 0, port: relay.port, target: "live.sotto.test" },
      ],
    },
    "dead.sotto.test": { A: ["127.0.0.1"] },
    "live.sotto.test": { A: ["127.0.0.1"] },
  });
  await using relays = pool();
  const settings = relaySettings(0, "alice", {
    relays: "auto",
    uriParameter: "no",
    ca: certificate.certPem,
    dns: { nameServer: dns.nameServer },
  });
  const path = await relays.obtain(settings, "tls", self, never);
  assertEquals(path.usePath.map((it) => it.port), [relay.port]);
  assertEquals(relay.log, ["AUTH msrps://sotto.test;tcp", "AUTH msrps://sotto.test;tcp"]);
});

Deno.test("MSRP-122 the path dies with the connection to the own relay, and the session is told", async () => {
  await using relay = await AgRelay.start();
  const of = (user: "alice" | "bob") =>
    relaySettings(relay.port, user, { insecure: true, uriParameter: "no" });
  await using pair = await openPair(
    await mediaSettings({ relay: of("alice") }),
    await mediaSettings({ relay: of("bob") }),
  );
  const heard = [listen(pair.caller), listen(pair.callee)];
  await relay.cut();
  await Promise.all(heard.map((it) => it.ended));
  assertEquals(
    [pair.caller.failure?.code, pair.callee.failure?.code],
    ["session/relay-lost", "session/relay-lost"],
  );
});

Deno.test("MSRP-123 an unused connection to the own relay is kept for an hour", async () => {
  await using relay = await AgRelay.start();
  const clock = new ManualClock();
  await using relays = new MsrpRelays({ clock, random: platformRandom });
  const settings = relaySettings(relay.port, "alice", { insecure: true, uriParameter: "no" });
  const first = await relays.obtain(settings, "tcp", plainSelf, never);
  first.release();
  await clock.advance(3_599_000);
  const second = await relays.obtain(settings, "tcp", plainSelf, never);
  assertEquals([relay.connections, first.isOpen], [1, true]);
  await clock.advance(3_600_000);
  assertEquals(second.isOpen, true, "in use");
  second.release();
  await clock.advance(3_600_000);
  while (second.isOpen) await settle();
  await relays.obtain(settings, "tcp", plainSelf, never);
  assertEquals(relay.connections, 2);
});
