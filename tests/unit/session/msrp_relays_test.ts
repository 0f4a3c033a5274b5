/** Asking relays on sockets: what is tried, what is shared, what is told. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { parseMsrpUri, UriParameterMemory } from "../../../lib/msrp/mod.ts";
import { MsrpRelays, platformRandom, SystemClock } from "../../../lib/session/mod.ts";
import { listenTcp } from "../../../lib/transport/mod.ts";
import { AgRelay } from "../../helpers/ag_relay.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";
import { relaySettings } from "../../helpers/relayed_media.ts";

const never = new AbortController().signal;
let number = 0;

function pool(memory?: UriParameterMemory): MsrpRelays {
  return new MsrpRelays({ clock: new SystemClock(), random: platformRandom, memory });
}

function self(): ReturnType<typeof parseMsrpUri> {
  return parseMsrpUri(`msrp://127.0.0.1:2855/self${number++}abcd;tcp`);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, SottoError)).code;
}

for (const crash of ["close", "silence"] as const) {
  Deno.test(`MsrpRelays.obtain() leaves uri out for a relay that breaks on it (${crash}), and remembers`, async () => {
    await using relay = await AgRelay.start({ crash });
    const memory = new UriParameterMemory();
    const clock = new ManualClock();
    await using relays = new MsrpRelays({ clock, random: platformRandom, memory });
    const settings = relaySettings(relay.port, "alice", { insecure: true });
    const asking = relays.obtain(settings, "tcp", self(), never);
    while (relay.crashes === 0) await settle();
    await clock.advance(crash === "silence" ? 5_000 : 0);
    const path = await asking;
    assertEquals([relay.crashes, relay.connections], [1, 2]);
    assertEquals(path.usePath.map((it) => it.port), [relay.port]);
    assert(path.grant.isProven, "it had sent an Authentication-Info");

    await using later = pool(memory);
    await later.obtain(settings, "tcp", self(), never);
    assertEquals([relay.crashes, relay.connections], [1, 3], "known now");
  });
}

Deno.test("MsrpRelays.obtain() gives up on a relay that breaks on everything, after two tries", async () => {
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  let connections = 0;
  const accepting = (async () => {
    for await (const stream of listener) {
      connections++;
      const reader = stream.readable.getReader();
      const { value } = await reader.read();
      const id = /^MSRP (\S+)/.exec(new TextDecoder().decode(value))?.[1];
      const writer = stream.writable.getWriter();
      const to = "msrp://127.0.0.1:2855/x;tcp";
      await writer.write(new TextEncoder().encode(
        `MSRP ${id} 401 No\r\nTo-Path: ${to}\r\nFrom-Path: ${to}\r\n` +
          `WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n-------${id}$\r\n`,
      ));
      await reader.read();
      await stream.close();
    }
  })();
  await using relays = pool();
  const settings = relaySettings(listener.local.port, "alice", { insecure: true });
  const failure = await assertRejects(
    () => relays.obtain(settings, "tcp", self(), never),
    SottoError,
  );
  assertEquals(failure.code, "session/relay-no-answer");
  assert(failure.message.includes('no "uri"'), failure.message);
  assertEquals(connections, 2);
  await listener.close();
  await accepting;
});

Deno.test("MsrpRelays.obtain() tries nothing where the setting is fixed", async () => {
  await using relay = await AgRelay.start();
  await using relays = pool();
  const base = relaySettings(relay.port, "alice", { insecure: true });
  const code = await codeOf(relays.obtain({ ...base, uriParameter: "yes" }, "tcp", self(), never));
  assertEquals([code, relay.connections], ["session/relay-no-answer", 1]);
  await relays.obtain({ ...base, uriParameter: "no" }, "tcp", self(), never);
  assertEquals([relay.crashes, relay.connections], [1, 2]);
});

Deno.test("MsrpRelays.obtain() says that the password is wrong, and asks twice at most", async () => {
  await using relay = await AgRelay.start();
  const memory = new UriParameterMemory();
  await using relays = pool(memory);
  const settings = relaySettings(relay.port, "alice", {
    insecure: true,
    credentials: relaySettings(0, "bob").credentials,
    uriParameter: "no",
  });
  const wrong = { ...settings, credentials: { ...settings.credentials, username: "alice" } };
  assertEquals(
    await codeOf(relays.obtain(wrong, "tcp", self(), never)),
    "session/relay-credentials",
  );
  assertEquals(relay.log.length, 2);
});

Deno.test("MsrpRelays keep one connection for many paths, and one for each user", async () => {
  await using relay = await AgRelay.start();
  await using relays = pool();
  const alice = relaySettings(relay.port, "alice", { insecure: true, uriParameter: "no" });
  const paths = await Promise.all(
    Array.from({ length: 20 }, () => relays.obtain(alice, "tcp", self(), never)),
  );
  assertEquals(relay.connections, 1);
  assertEquals(new Set(paths.map((it) => it.usePath[0]?.sessionId)).size, 20);
  const bob = relaySettings(relay.port, "bob", { insecure: true, uriParameter: "no" });
  await relays.obtain(bob, "tcp", self(), never);
  assertEquals(relay.connections, 2);
});

Deno.test("MsrpRelays.obtain() connects again when the old connection was cut unseen", async () => {
  await using relay = await AgRelay.start();
  await using relays = pool();
  const settings = relaySettings(relay.port, "alice", { insecure: true, uriParameter: "no" });
  const path = await relays.obtain(settings, "tcp", self(), never);
  path.release();
  const cut = relay.cut();
  await relays.obtain(settings, "tcp", self(), never);
  await cut;
  assertEquals(relay.connections, 2);
});

Deno.test("MsrpRelays.obtain() refuses plain TCP without leave, before it connects", async () => {
  await using relay = await AgRelay.start();
  await using relays = pool();
  const code = await codeOf(
    relays.obtain(relaySettings(relay.port, "alice"), "tcp", self(), never),
  );
  assertEquals([code, relay.connections], ["session/relay-insecure", 0]);
});

Deno.test("MsrpRelays.obtain() ends with its signal, and with close()", async () => {
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  const relays = pool();
  const settings = relaySettings(listener.local.port, "alice", { insecure: true });
  const stop = new AbortController();
  const asking = assertRejects(
    () => relays.obtain(settings, "tcp", self(), stop.signal),
    Error,
    "enough",
  );
  stop.abort(new Error("enough"));
  await asking;
  const closed = codeOf(relays.obtain(settings, "tcp", self(), never));
  await relays.close();
  assertEquals(await closed, "session/msrp-closed");
  await listener.close();
});
