import { assert, assertEquals, assertRejects } from "@std/assert";
import { openNextHop, relayHostsOf } from "../../../lib/lab/msrp_next_hop.ts";
import { parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { connectTls, listenTcp, listenTls } from "../../../lib/transport/mod.ts";
import { localCertificate } from "../../helpers/live_relay.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const random = seededRandom(1);
const never = new AbortController().signal;

Deno.test("openNextHop() takes the transport from the scheme, and knows a relay by an authority alone", async () => {
  await using plain = await listenTcp({ host: "127.0.0.1", port: 0 });
  const uri = parseMsrpUri(`msrp://127.0.0.1:${plain.local.port}/x;tcp`);
  const { stream, facts } = await openNextHop(uri, { random }, never);
  await using _ = stream;
  assertEquals(facts, { isSecure: false });

  const certificate = await localCertificate();
  await using secure = await listenTls({ host: "127.0.0.1", port: 0 }, { certificate });
  const named = parseMsrpUri(`msrps://localhost:${secure.local.port}/x;tcp`);
  const stranger = await openNextHop(named, { random }, never);
  await using __ = stranger.stream;
  assertEquals(stranger.facts, { isSecure: true, relayHosts: [] });
  const relay = await openNextHop(named, { random, ca: certificate.certPem }, never);
  await using ___ = relay.stream;
  assertEquals(relay.facts, { isSecure: true, relayHosts: ["localhost"] });
});

Deno.test("openNextHop() fails as the network does, or when it is stopped", async () => {
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  const { port } = listener.local;
  await listener.close();
  await assertRejects(
    () => openNextHop(parseMsrpUri(`msrp://127.0.0.1:${port}/x;tcp`), { random }, never),
    Error,
    "refused",
  );
  const reason = new Error("stopped");
  await assertRejects(
    () =>
      openNextHop(
        parseMsrpUri("msrp://127.0.0.1:9/x;tcp"),
        { random },
        AbortSignal.abort(reason),
      ),
    Error,
    "stopped",
  );
});

Deno.test("relayHostsOf() believes names that an authority vouches for", async () => {
  const certificate = await localCertificate();
  await using listener = await listenTls({ host: "127.0.0.1", port: 0 }, {
    certificate,
    requestClientCertificate: true,
    ca: certificate.certPem,
  });
  const accepted = listener[Symbol.asyncIterator]().next();
  await using client = await connectTls(
    { host: "127.0.0.1", port: listener.local.port },
    { insecure: true, certificate },
  );
  assert(client.tls !== undefined);
  const { value } = await accepted;
  assert(value !== undefined);
  await using server = value;
  assertEquals(relayHostsOf(server.tls), ["localhost"]);
  assertEquals(relayHostsOf({ ...client.tls, authorized: false }), []);
  assertEquals(relayHostsOf(undefined), []);
});
