/** Whole sessions of ours through the lab's relay: OTR, SMP, every transport and family, every fault. */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import {
  credentialsOf,
  faultyNetwork,
  MsrpRelayServer,
  parseFault,
  parseLabUser,
} from "../../../lib/lab/mod.ts";
import { parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { type MediaSettings, platformRandom, SystemClock } from "../../../lib/session/mod.ts";
import { SessionPair } from "../../helpers/chat_session_setup.ts";
import { localCertificate } from "../../helpers/live_relay.ts";
import { listen, mediaSettings, openPair, relaySettings } from "../../helpers/relayed_media.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

interface Setting {
  readonly transport: "tls" | "tcp";
  readonly host?: "127.0.0.1" | "::1";
  readonly fault?: string;
}

async function openRelay(
  { transport, host = "127.0.0.1", fault }: Setting,
): Promise<MsrpRelayServer> {
  const clock = new SystemClock();
  return await MsrpRelayServer.open({
    listen: [{ host, port: 0, transport }],
    certificate: await localCertificate(),
    lookup: credentialsOf([parseLabUser("alice:alice-secret"), parseLabUser("bob:bob-secret")]),
    allowsInsecure: true,
    clock,
    random: platformRandom,
    ...(fault === undefined ? {} : {
      faults: faultyNetwork(parseFault(fault), { clock, random: seededRandom(3) }).msrp,
    }),
  });
}

async function media(
  relay: MsrpRelayServer,
  { transport, host = "127.0.0.1" }: Setting,
  user: "alice" | "bob",
): Promise<MediaSettings> {
  const { port = 0 } = parseMsrpUri(relay.uris[0] ?? "");
  return await mediaSettings({
    transport,
    relay: relaySettings(port, user, {
      relays: [{ host: transport === "tls" ? "localhost" : host, port }],
      insecure: transport === "tcp",
      ca: (await localCertificate()).certPem,
    }),
  });
}

const SETTINGS: readonly Setting[] = [
  { transport: "tls" },
  { transport: "tcp" },
  { transport: "tls", host: "::1" },
  { transport: "tcp", host: "::1" },
  { transport: "tls", fault: "split" },
  { transport: "tcp", fault: "delay=20ms,split=900" },
];

for (const setting of SETTINGS) {
  const { transport, host = "127.0.0.1", fault = "no fault" } = setting;
  Deno.test(`OTR and SMP through our relay over ${transport} at ${host} with ${fault}`, async () => {
    await using relay = await openRelay(setting);
    await using pair = await SessionPair.open(
      { media: await media(relay, setting, "alice"), timeout: 60_000 },
      { media: await media(relay, setting, "bob"), timeout: 60_000, smpAnswer: utf8("apples") },
    );
    const { alice, bob } = pair;
    await pair.settled();
    assertEquals(await alice.session.send("from alice"), { status: "delivered" });
    assertEquals(await bob.session.send("from bob"), { status: "delivered" });
    await Promise.all([bob.hears("from alice"), alice.hears("from bob")]);
    assertEquals(alice.received, [["from bob", "unverified"]]);
    const path = alice.only("msrp")[0]?.localPath ?? "";
    assert(/^msrps?:\/\/localhost:\d+\/[0-9a-f]{32};tcp /.test(path), path);
    assertEquals(await alice.session.verify(utf8("apples")), { verdict: "match" });
    await alice.shows("encrypted green");
    await alice.session.hangUp();
    assertEquals(await bob.session.ended, { by: "remote" });
  });
}

Deno.test("ten megabytes through our relay arrive whole, and a word passes them by", async () => {
  const setting: Setting = { transport: "tls" };
  await using relay = await openRelay(setting);
  await using pair = await openPair(
    await media(relay, setting, "alice"),
    await media(relay, setting, "bob"),
  );
  const heard = listen(pair.callee);
  const answered = listen(pair.caller);
  const long = "0123456789abcdef".repeat(655_360);
  const sending = pair.caller.send({
    contentType: "text/plain",
    body: utf8(long),
    successReport: true,
  });
  const word = { contentType: "text/plain", body: utf8("a word"), successReport: true };
  assertEquals((await pair.callee.send(word)).status, "delivered");
  assertEquals(answered.texts, ["a word"]);
  assertEquals((await sending).status, "delivered");
  assertEquals(heard.texts.map((it) => it === long), [true]);
});

Deno.test("one behind our relay, the other without one: both call", async () => {
  const setting: Setting = { transport: "tcp" };
  await using relay = await openRelay(setting);
  for (const setup of ["active", "passive"] as const) {
    await using pair = await openPair(
      await mediaSettings({ setup }),
      await media(relay, setting, "bob"),
    );
    const heard = [listen(pair.caller), listen(pair.callee)];
    const send = (text: string) => ({
      contentType: "text/plain",
      body: utf8(text),
      successReport: true,
    });
    assertEquals((await pair.caller.send(send("to bob"))).status, "delivered");
    assertEquals((await pair.callee.send(send("to alice"))).status, "delivered");
    assertEquals(heard.map((it) => it.texts), [["to alice"], ["to bob"]]);
  }
});

Deno.test("our relay closes in the middle: every message is told as failed, and nothing hangs", async () => {
  const setting: Setting = { transport: "tls" };
  const relay = await openRelay(setting);
  await using pair = await SessionPair.open(
    { media: await media(relay, setting, "alice"), timeout: 20_000 },
    { media: await media(relay, setting, "bob"), timeout: 20_000 },
  );
  const { alice, bob } = pair;
  await pair.settled();
  assertEquals(await alice.session.send("before"), { status: "delivered" });
  await relay.close();
  assertEquals((await alice.session.send("after")).status, "failed");
  const ends = await Promise.all([alice.session.ended, bob.session.ended]);
  assert(ends.some((it) => it.error?.code === "session/relay-lost"), JSON.stringify(ends));
});
