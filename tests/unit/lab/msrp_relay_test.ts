import { assert, assertEquals, assertRejects } from "@std/assert";
import { latin1 } from "../../../lib/base/ascii.ts";
import { parseMsrpUri, type RelayEvent, writeMsrpPath } from "../../../lib/msrp/mod.ts";
import {
  eventually,
  isRequest,
  isResponse,
  LivePeer,
  localCertificate,
  openRelay,
} from "../../helpers/live_relay.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";

Deno.test("MsrpRelayServer passes messages on between TLS and TCP, IPv4 and IPv6", async () => {
  const events: RelayEvent[] = [];
  await using relay = await openRelay({
    listen: [
      { host: "127.0.0.1", port: 0, transport: "tls" },
      { host: "::1", port: 0, transport: "tcp" },
    ],
    allowsInsecure: true,
    onEvent: (it) => events.push(it),
  });
  const [tls = "", tcp = ""] = relay.uris;
  assertEquals([tls, tcp].map((it) => parseMsrpUri(it).host), ["localhost", "localhost"]);
  await using alice = await LivePeer.connect(tls, "alice");
  await using bob = await LivePeer.connect(tcp, "bob", "::1");
  const hers = await alice.auth();
  const his = await bob.auth("bob", "builder");
  assert(hers.startsWith(tls.split(";")[0] ?? "?"));
  assert(his.startsWith(tcp.split(";")[0] ?? "?"), "each by the listener that it came over");
  await alice.message([hers, his, bob.uri], "Hi Bob");
  const got = await bob.next();
  assertEquals(latin1(got?.body ?? new Uint8Array()), "Hi Bob");
  assertEquals(writeMsrpPath(got?.fromPath ?? []), `${his} ${hers} ${alice.uri}`);
  await alice.until(isResponse(200));
  assertEquals(relay.sessionCount, 2);
  assertEquals(events.map((it) => it.type), ["session-opened", "session-opened"]);
});

Deno.test("MsrpRelayServer calls next hops itself, and reports those that are not there", async () => {
  await using far = await openRelay({ allowsInsecure: true });
  await using near = await openRelay({ allowsInsecure: true });
  const [, farUri = ""] = far.uris;
  const [, nearUri = ""] = near.uris;
  await using bob = await LivePeer.connect(farUri, "bob");
  await using alice = await LivePeer.connect(nearUri, "alice");
  const his = await bob.auth("bob", "builder");
  const hers = await alice.auth();
  await alice.message([hers, his, bob.uri], "through two relays");
  const got = await bob.until(isRequest("SEND"));
  assertEquals(writeMsrpPath(got.fromPath), `${his} ${hers} ${alice.uri}`);
  await bob.answer(got);
  // And back, over the connection that stands.
  await bob.message([his, hers, alice.uri], "and back");
  assertEquals(latin1((await alice.until(isRequest("SEND"))).body ?? new Uint8Array()), "and back");

  await using nobody = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = nobody.addr as Deno.NetAddr;
  nobody.close();
  await alice.message([hers, `msrp://127.0.0.1:${port}/x;tcp`], "anybody?");
  const report = await alice.until(isRequest("REPORT"));
  assert(report.headers.some((it) => it.value === "000 408 Timeout"));
});

Deno.test("MsrpRelayServer knows another relay by its certificate, and calls it by TLS", async () => {
  const ca = (await localCertificate()).certPem;
  await using far = await openRelay({ ca });
  await using near = await openRelay({ ca });
  await using bob = await LivePeer.connect(far.uris[0] ?? "", "bob");
  await using alice = await LivePeer.connect(near.uris[0] ?? "", "alice");
  const his = await bob.auth("bob", "builder");
  const hers = await alice.auth();
  await alice.message([hers, his, bob.uri], "over TLS all the way");
  const got = await bob.until(isRequest("SEND"));
  assertEquals(got.fromPath.map((it) => it.scheme), ["msrps", "msrps", "msrps"]);
  await bob.answer(got);
  await bob.message([his, hers, alice.uri], "and back");
  await alice.until(isRequest("SEND"));
  assertEquals([near.connectionCount, far.connectionCount], [2, 2], "one connection between them");
});

Deno.test("MsrpRelayServer runs the timers of the core by its clock", async () => {
  const clock = new ManualClock();
  await using relay = await openRelay({ clock });
  await using silent = await LivePeer.connect(relay.uris[0] ?? "", "silent");
  await eventually(() => relay.connectionCount === 1, "it is accepted");
  await clock.advance(29_000);
  assertEquals(relay.connectionCount, 1);
  await clock.advance(1_000);
  assertEquals(await silent.next(), undefined);
  assertEquals(relay.connectionCount, 0);
});

Deno.test("MsrpRelayServer.open() says what is missing", async () => {
  await assertRejects(() => openRelay({ listen: [] }), RangeError);
  await assertRejects(() => openRelay({ certificate: undefined }), TypeError);
  await using relay = await openRelay();
  const { port = 0 } = parseMsrpUri(relay.uris[1] ?? "");
  await assertRejects(
    () => openRelay({ listen: [{ host: "127.0.0.1", port, transport: "tcp" }] }),
    Error,
    "in use",
  );
});

Deno.test("MsrpRelayServer.close() cuts everybody off and may be called twice", async () => {
  const relay = await openRelay();
  await using alice = await LivePeer.connect(relay.uris[0] ?? "", "alice");
  await alice.auth();
  await Promise.all([relay.close(), relay.close()]);
  assertEquals(await alice.next(), undefined);
  assertEquals([relay.connectionCount, relay.sessionCount], [0, 0]);
});

Deno.test("MsrpRelayServer calls itself by a name where there is one, and as it is told", async () => {
  const listen = [
    { host: "127.0.0.1", port: 0, transport: "tcp" },
    { host: "::1", port: 0, transport: "tcp" },
    { host: "0.0.0.0", port: 0, transport: "tcp" },
  ] as const;
  const hosts = (uris: readonly string[]): string[] => uris.map((it) => parseMsrpUri(it).host);
  await using local = await openRelay({ listen });
  assertEquals(hosts(local.uris), ["localhost", "localhost", "localhost"]);
  assertEquals(new Set(local.uris).size, 3, "each with its own port");
  await using named = await openRelay({ listen, hostName: "relay.example" });
  assertEquals(hosts(named.uris), ["relay.example", "relay.example", "relay.example"]);
});
