/** One session through a relay: both roles, what is written into the description, the end. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { AgRelay } from "../../helpers/ag_relay.ts";
import { listen, mediaSettings, openPair, relaySettings } from "../../helpers/relayed_media.ts";

for (const setup of ["active", "passive", "actpass"] as const) {
  Deno.test(`RelayedMsrp binds in the role that ${setup} leads to, and carries both ways`, async () => {
    await using relay = await AgRelay.start();
    const of = (user: "alice" | "bob") =>
      relaySettings(relay.port, user, { insecure: true, uriParameter: "no" });
    await using pair = await openPair(
      await mediaSettings({ setup, relay: of("alice") }),
      await mediaSettings({ relay: of("bob") }),
    );
    assertMatch(
      pair.offer,
      /a=path:msrp:\/\/127\.0\.0\.1:\d+\/\w+;tcp msrp:\/\/127\.0\.0\.1:2855\/\w+;tcp\r\n/,
    );
    const heard = [listen(pair.caller), listen(pair.callee)];
    const body = new TextEncoder().encode("x".repeat(20_000));
    const message = { contentType: "text/plain", body, successReport: true };
    assertEquals((await pair.caller.send(message)).status, "delivered");
    assertEquals((await pair.callee.send(message)).status, "delivered");
    assertEquals(heard.map((it) => it.texts.map((text) => text.length)), [[20_000], [20_000]]);
    // 20,000 octets in pieces that a relay takes.
    assertEquals(relay.log.filter((it) => it.startsWith("SEND")).length, 1 + 2 * 3);
    assertEquals(relay.connections, 2);
  });
}

Deno.test("RelayedMsrp of one side alone works with a peer that has no relay", async () => {
  await using relay = await AgRelay.start();
  const settings = relaySettings(relay.port, "bob", { insecure: true, uriParameter: "no" });
  await using pair = await openPair(
    await mediaSettings(),
    await mediaSettings({ relay: settings }),
  );
  const heard = listen(pair.callee);
  listen(pair.caller);
  const body = new TextEncoder().encode("hello");
  // The relay's 200 is not the peer's: the REPORT is.
  const fate = await pair.caller.send({ contentType: "text/plain", body, successReport: false });
  assertEquals(fate.status, "sent");
  while (heard.texts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(heard.texts, ["hello"]);
});

Deno.test("RelayedMsrp: when the relay goes, every message that is out has failed, and the session says why", async () => {
  await using relay = await AgRelay.start();
  const of = (user: "alice" | "bob") =>
    relaySettings(relay.port, user, { insecure: true, uriParameter: "no" });
  await using pair = await openPair(
    await mediaSettings({ relay: of("alice") }),
    await mediaSettings({ relay: of("bob") }),
  );
  const heard = listen(pair.caller);
  // Nobody reads at the other end: nothing is reported as delivered.
  const message = (): { contentType: string; body: Uint8Array; successReport: boolean } => ({
    contentType: "text/plain",
    body: new Uint8Array(300_000),
    successReport: true,
  });
  const fates = [1, 2, 3].map(() => pair.caller.send(message()));
  await relay.cut();
  for (const fate of fates) {
    const { status, cause } = await fate;
    assert(status === "unconfirmed" || (status === "failed" && cause === "connection"), status);
  }
  await heard.ended;
  assertEquals(pair.caller.failure?.code, "session/relay-lost");
});

Deno.test("many sessions share one relay connection, and the end of one leaves the others", async () => {
  await using relay = await AgRelay.start();
  const { MsrpRelays, platformRandom, SystemClock } = await import("../../../lib/session/mod.ts");
  await using relays = new MsrpRelays({ clock: new SystemClock(), random: platformRandom });
  const of = (user: "alice" | "bob") =>
    relaySettings(relay.port, user, { insecure: true, uriParameter: "no" });
  const open = async () =>
    await openPair(
      await mediaSettings({ relay: of("alice"), relays }),
      await mediaSettings({ relay: of("bob"), relays }),
    );
  await using first = await open();
  await using second = await open();
  assertEquals(relay.connections, 2, "one for each user");
  const heard = listen(second.callee);
  listen(second.caller);
  await first.caller.close();
  await first.callerMedia.close();
  const body = new TextEncoder().encode("still here");
  const fate = await second.caller.send({ contentType: "text/plain", body, successReport: true });
  assertEquals([fate.status, heard.texts], ["delivered", ["still here"]]);
});
