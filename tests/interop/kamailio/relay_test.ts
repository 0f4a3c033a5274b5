/** Our MSRP through Kamailio as RFC 4976 relay: AUTH, both roles, big messages, refreshes, its end. */
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
  more: Partial<RelaySettings> = {},
): RelaySettings {
  const port = transport === "tls" ? kamailio.ports.msrps : kamailio.ports.msrp;
  return relaySettings(port, user, {
    insecure: transport === "tcp",
    ca: kamailio.certificate.certPem,
    ...more,
  });
}

function pool(): MsrpRelays {
  return new MsrpRelays({ clock: new SystemClock(), random: platformRandom });
}

function self(transport: "tls" | "tcp", id: string): ReturnType<typeof parseMsrpUri> {
  return parseMsrpUri(`msrp${transport === "tls" ? "s" : ""}://127.0.0.1:2855/${id}123456;tcp`);
}

for (const algorithm of ["MD5", "SHA-256"] as const) {
  livePeerTest(
    `Kamailio grants a path for ${algorithm} over TLS and TCP, and refuses a wrong password`,
    needs,
    async () => {
      await using kamailio = await Kamailio.start({ algorithm });
      await kamailio.explain(async () => {
        for (const transport of ["tls", "tcp"] as const) {
          await using relays = pool();
          const settings = settingsFor(kamailio, transport, "alice");
          const { grant } = await relays.obtain(settings, transport, self(transport, "a"), never);
          // Neither proof nor surprise: Kamailio sends no Authentication-Info.
          assertEquals([grant.isProven, grant.withUri, grant.expires], [false, [true], 600]);
          const credentials = { ...settings.credentials, username: "bob" };
          const wrong = { ...settings, credentials };
          const refused = await assertRejects(
            () => relays.obtain(wrong, transport, self(transport, "b"), never),
            SottoError,
          );
          assertEquals(refused.code, "session/relay-credentials");
        }
      });
    },
  );
}

livePeerTest("Kamailio wants uri: leaving it out is refused, and found out", needs, async () => {
  await using kamailio = await Kamailio.start();
  await kamailio.explain(async () => {
    await using relays = pool();
    const settings = settingsFor(kamailio, "tls", "alice", { uriParameter: "no" });
    const refused = await assertRejects(
      () => relays.obtain(settings, "tls", self("tls", "a"), never),
      SottoError,
    );
    assertEquals(refused.code, "session/relay-credentials");
    await relays.obtain({ ...settings, uriParameter: "auto" }, "tls", self("tls", "b"), never);
  });
});

livePeerTest("Kamailio's certificate is checked by name and authority", needs, async () => {
  await using kamailio = await Kamailio.start();
  await kamailio.explain(async () => {
    await using relays = pool();
    const { ca: _, ...unknown } = settingsFor(kamailio, "tls", "alice");
    const failure = await assertRejects(
      () => relays.obtain(unknown, "tls", self("tls", "a"), never),
      SottoError,
    );
    assertEquals(failure.code, "transport/tls-untrusted");
    await relays.obtain({ ...unknown, allowUntrusted: true }, "tls", self("tls", "b"), never);
  });
});

livePeerTest("Kamailio's bounds are kept: 423 is answered inside them", needs, async () => {
  await using kamailio = await Kamailio.start({
    relayExpires: { min: 120, max: 240, granted: 200 },
  });
  await kamailio.explain(async () => {
    await using relays = pool();
    for (const [expires, granted] of [[5, 120], [9_999, 240], [150, 150]] as const) {
      const settings = settingsFor(kamailio, "tls", "alice", { expires });
      const path = await relays.obtain(settings, "tls", self("tls", `e${expires}`), never);
      assertEquals(path.grant.expires, granted);
    }
  });
});

livePeerTest(
  "a path through Kamailio is refreshed before it runs out, and keeps its URI",
  needs,
  async () => {
    await using kamailio = await Kamailio.start({ relayExpires: { min: 1, granted: 2 } });
    await kamailio.explain(async () => {
      await using relays = pool();
      const settings = settingsFor(kamailio, "tls", "alice");
      const path = await relays.obtain(settings, "tls", self("tls", "a"), never);
      const refreshes = Promise.withResolvers<void>();
      const occasions: string[] = [];
      path.watch((event) => {
        if (event.type !== "relay-granted") return refreshes.reject(new Error(event.type));
        occasions.push(event.occasion);
        if (occasions.length === 3) refreshes.resolve();
      });
      await refreshes.promise;
      assertEquals(occasions, ["refresh", "refresh", "refresh"]);
    });
  },
);

for (const transport of ["tls", "tcp"] as const) {
  for (const setup of ["active", "passive"] as const) {
    livePeerTest(
      `two of ours through Kamailio over ${transport}, the caller ${setup}`,
      needs,
      async () => {
        await using kamailio = await Kamailio.start();
        await kamailio.explain(async () => {
          await using pair = await openPair(
            await mediaSettings({
              transport,
              setup,
              relay: settingsFor(kamailio, transport, "alice"),
            }),
            await mediaSettings({ relay: settingsFor(kamailio, transport, "bob") }),
          );
          const heard = [listen(pair.caller), listen(pair.callee)];
          // Kamailio refuses frames of 11 kB: this takes many.
          const body = new TextEncoder().encode("0123456789".repeat(30_000));
          const message = { contentType: "text/plain", body, successReport: true };
          const fates = await Promise.all([pair.caller.send(message), pair.callee.send(message)]);
          assertEquals(fates.map((it) => it.status), ["delivered", "delivered"]);
          const text = new TextDecoder().decode(body);
          assert(heard.every((it) => it.texts.length === 1 && it.texts[0] === text));
        });
      },
    );
  }
}

livePeerTest("one side behind Kamailio, the other without a relay", needs, async () => {
  await using kamailio = await Kamailio.start();
  await kamailio.explain(async () => {
    for (const setup of ["active", "passive"] as const) {
      await using pair = await openPair(
        await mediaSettings({ setup }),
        await mediaSettings({ relay: settingsFor(kamailio, "tcp", "bob") }),
      );
      const heard = [listen(pair.caller), listen(pair.callee)];
      const send = (text: string) => ({
        contentType: "text/plain",
        body: new TextEncoder().encode(text),
        successReport: true,
      });
      assertEquals((await pair.caller.send(send("to bob"))).status, "delivered");
      assertEquals((await pair.callee.send(send("to alice"))).status, "delivered");
      assertEquals(heard.map((it) => it.texts), [["to alice"], ["to bob"]]);
    }
  });
});

livePeerTest(
  "Kamailio dies in the middle: every message is told as failed, both sessions end",
  needs,
  async () => {
    await using kamailio = await Kamailio.start();
    await kamailio.explain(async () => {
      await using pair = await openPair(
        await mediaSettings({ transport: "tls", relay: settingsFor(kamailio, "tls", "alice") }),
        await mediaSettings({ relay: settingsFor(kamailio, "tls", "bob") }),
      );
      const heard = [listen(pair.caller), listen(pair.callee)];
      const body = new Uint8Array(2_000_000);
      const message = { contentType: "text/plain", body, successReport: true };
      const fates = Array.from({ length: 5 }, () => pair.caller.send(message));
      await kamailio.kill();
      for (const fate of fates) {
        const { status, cause } = await fate;
        assert(status === "unconfirmed" || cause === "connection", `${status} ${cause}`);
      }
      const statuses = await Promise.all(fates);
      assert(statuses.some((it) => it.status === "failed"), "ten megabytes cannot all have left");
      await Promise.all(heard.map((it) => it.ended));
      assertEquals(
        [pair.caller.failure?.code, pair.callee.failure?.code],
        ["session/relay-lost", "session/relay-lost"],
      );
    });
  },
);
