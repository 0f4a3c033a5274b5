/** Our MSRP over WebSockets to Kamailio (RFC 7977): the handshake, AUTH, and a conversation. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { parseMsrpUri } from "../../../lib/msrp/mod.ts";
import {
  MsrpRelays,
  platformRandom,
  type RelaySettings,
  SystemClock,
} from "../../../lib/session/mod.ts";
import { Kamailio, KAMAILIO_NEEDS } from "../../helpers/kamailio.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { listen, mediaSettings, openPair, relaySettings } from "../../helpers/relayed_media.ts";

const needs = { needs: KAMAILIO_NEEDS };
const never = new AbortController().signal;

function settingsFor(
  kamailio: Kamailio,
  transport: "tls" | "tcp",
  user: "alice" | "bob",
): RelaySettings {
  const { ports, host, name, certificate } = kamailio;
  return relaySettings(0, user, {
    relays: [{
      host: transport === "tls" ? name : host,
      port: transport === "tls" ? ports.wss : ports.ws,
      webSocket: {},
    }],
    insecure: transport === "tcp",
    ca: certificate.certPem,
  });
}

livePeerTest("MSRP-155 Kamailio agrees to msrp, MSRP-157 hands out ;ws URIs", needs, async () => {
  await using kamailio = await Kamailio.start();
  await kamailio.explain(async () => {
    for (const transport of ["tls", "tcp"] as const) {
      await using relays = new MsrpRelays({ clock: new SystemClock(), random: platformRandom });
      const scheme = transport === "tls" ? "msrps" : "msrp";
      const path = await relays.obtain(
        settingsFor(kamailio, transport, "alice"),
        transport,
        parseMsrpUri(`${scheme}://abc.invalid:2855/self123456;ws`),
        never,
      );
      assertEquals(path.usePath.map((it) => [it.scheme, it.transport]), [[scheme, "ws"]]);
      const wrong = settingsFor(kamailio, transport, "alice");
      const refused = await assertRejects(
        () =>
          relays.obtain(
            { ...wrong, credentials: { ...wrong.credentials, username: "bob" } },
            transport,
            parseMsrpUri(`${scheme}://abc.invalid:2855/self654321;ws`),
            never,
          ),
        SottoError,
      );
      assertEquals(refused.code, "session/relay-credentials");
    }
  });
});

for (const transport of ["tls", "tcp"] as const) {
  livePeerTest(`two of ours over WebSockets to Kamailio over ${transport}`, needs, async () => {
    await using kamailio = await Kamailio.start();
    await kamailio.explain(async () => {
      const settings = async (user: "alice" | "bob") =>
        await mediaSettings({ transport, relay: settingsFor(kamailio, transport, user) });
      await using pair = await openPair(await settings("alice"), await settings("bob"));
      assert(/a=path:\S+;ws \S+\.invalid:\d+\/\S+;ws/.test(pair.offer), pair.offer);
      // §5.2.2: what the m-line names is what is spoken beyond the relay.
      assert(pair.offer.includes(transport === "tls" ? " TCP/TLS/MSRP " : " TCP/MSRP "));
      const heard = listen(pair.callee);
      const answered = listen(pair.caller);
      const long = "ä".repeat(20_000);
      for (const text of ["short", long]) {
        await pair.caller.send({
          contentType: "text/plain",
          body: new TextEncoder().encode(text),
        });
        await pair.callee.send({
          contentType: "text/plain",
          body: new TextEncoder().encode(`re ${text}`),
        });
      }
      while (heard.texts.length < 2 || answered.texts.length < 2) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assertEquals(heard.texts, ["short", long]);
      assertEquals(answered.texts, ["re short", `re ${long}`]);
    });
  });
}
