/** Whole sessions of ours through Kamailio's relay: OTR, SMP, ten megabytes, and the relay's end. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import type { MediaSettings } from "../../../lib/session/mod.ts";
import { SessionPair } from "../../helpers/chat_session_setup.ts";
import { Kamailio, KAMAILIO_NEEDS } from "../../helpers/kamailio.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { listen, mediaSettings, openPair, relaySettings } from "../../helpers/relayed_media.ts";

const needs = { needs: KAMAILIO_NEEDS };

async function media(
  kamailio: Kamailio,
  transport: "tls" | "tcp",
  user: "alice" | "bob",
): Promise<Partial<MediaSettings>> {
  const port = transport === "tls" ? kamailio.ports.msrps : kamailio.ports.msrp;
  return await mediaSettings({
    transport,
    relay: relaySettings(port, user, {
      insecure: transport === "tcp",
      ca: kamailio.certificate.certPem,
    }),
  });
}

for (const transport of ["tls", "tcp"] as const) {
  livePeerTest(
    `OTR and SMP through Kamailio's relay over ${transport}, both ways`,
    needs,
    async () => {
      await using kamailio = await Kamailio.start();
      await kamailio.explain(async () => {
        await using pair = await SessionPair.open(
          { media: await media(kamailio, transport, "alice"), timeout: 20_000 },
          {
            media: await media(kamailio, transport, "bob"),
            timeout: 20_000,
            smpAnswer: utf8("apples"),
          },
        );
        const { alice, bob } = pair;
        await pair.settled();
        assertEquals(await alice.session.send("from alice"), { status: "delivered" });
        assertEquals(await bob.session.send("from bob"), { status: "delivered" });
        await Promise.all([bob.hears("from alice"), alice.hears("from bob")]);
        assertEquals(alice.received, [["from bob", "unverified"]]);
        const path = alice.only("msrp")[0]?.localPath ?? "";
        assertMatch(path, /^msrps?:\/\/\S+:\d+\/[-0-9a-f]{36};tcp msrps?:\/\/\S+$/);
        assertEquals(await alice.session.verify(utf8("pears")), { verdict: "mismatch" });
        assertEquals(await alice.session.verify(utf8("apples")), { verdict: "match" });
        await alice.shows("encrypted green");
        await alice.session.hangUp();
        assertEquals(await bob.session.ended, { by: "remote" });
      });
    },
  );
}

livePeerTest(
  "Kamailio dies under two sessions: the message in flight fails, both end with the reason",
  needs,
  async () => {
    await using kamailio = await Kamailio.start();
    await kamailio.explain(async () => {
      await using pair = await SessionPair.open(
        { media: await media(kamailio, "tls", "alice"), timeout: 20_000 },
        { media: await media(kamailio, "tls", "bob"), timeout: 20_000 },
      );
      const { alice, bob } = pair;
      await pair.settled();
      assertEquals(await alice.session.send("before"), { status: "delivered" });
      await kamailio.kill();
      const outcome = await alice.session.send("after");
      assertEquals(outcome.status, "failed");
      const ends = await Promise.all([alice.session.ended, bob.session.ended]);
      assert(ends.some((it) => it.error?.code === "session/relay-lost"), JSON.stringify(ends));
      assert(ends.every((it) => it.by !== "local"));
    });
  },
);

livePeerTest(
  "a wrong password at the relay ends the call before it rings, and refuses one that came",
  needs,
  async () => {
    await using kamailio = await Kamailio.start();
    await kamailio.explain(async () => {
      const { ports, certificate } = kamailio;
      const wrong = await mediaSettings({
        transport: "tls",
        relay: {
          ...relaySettings(ports.msrps, "alice", { ca: certificate.certPem }),
          credentials: { ...relaySettings(1, "alice").credentials, username: "bob" },
        },
      });
      await using pair = await SessionPair.open(
        { media: { transport: "tls", certificate: wrong.certificate }, timeout: 20_000 },
        { media: wrong, timeout: 20_000 },
      );
      await pair.settled();
      const [called, refused] = await Promise.all([
        pair.alice.session.ended,
        pair.bob.session.ended,
      ]);
      assertEquals(refused.error?.code, "session/relay-credentials");
      assertEquals(called.error?.code, "session/rejected");
    });
  },
);

livePeerTest(
  "ten megabytes through Kamailio's relay arrive whole, while chat goes on",
  needs,
  async () => {
    await using kamailio = await Kamailio.start();
    await kamailio.explain(async () => {
      const settings = async (user: "alice" | "bob"): Promise<MediaSettings> =>
        await mediaSettings(await media(kamailio, "tls", user));
      await using pair = await openPair(await settings("alice"), await settings("bob"));
      const heard = listen(pair.callee);
      listen(pair.caller);
      const text = "0123456789abcdef".repeat(10 * 65_536);
      const send = (body: string): ReturnType<typeof pair.caller.send> =>
        pair.caller.send({ contentType: "text/plain", body: utf8(body), successReport: true });
      const fates = Promise.all([send(text), send("in between")]);
      // A report that the relay lost never comes, and a session by itself waits for it.
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error("no report in time")), 120_000);
      const outcomes = await Promise.race([fates, late.promise]).finally(() => clearTimeout(timer));
      assertEquals(outcomes.map(({ status }) => status), ["delivered", "delivered"]);
      assertEquals(heard.texts.map((it) => it.length).toSorted((a, b) => a - b), [10, text.length]);
      assert(heard.texts.includes(text));
    });
  },
);
