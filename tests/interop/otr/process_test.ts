/** The real `sotto otr peer` against every engine, and against itself: one process each. */
import { assertEquals } from "@std/assert";
import type { Peer } from "../../../lib/harness/mod.ts";
import { livePeerTest } from "../../helpers/live_peer.ts";
import { connect, end, goPrivate, say, UTF8_QUESTION, verify } from "./conversation.ts";
import { libotr, otrjs, potr, startSotto, startSottoProcess } from "./engines.ts";

/** Runs with a home of its own, which is removed afterwards. */
async function withProcess(run: (peer: Peer) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "sotto-otr-peer-" });
  try {
    await using peer = await startSottoProcess(home);
    await run(peer);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

for (const engine of [libotr, potr, otrjs]) {
  const version = engine.versions.includes(3) ? 3 : 2;
  livePeerTest(
    `sotto otr peer talks version ${version} with ${engine.id}`,
    engine.needs,
    () =>
      withProcess(async (a) => {
        await using b = await engine.start();
        const pair = await connect(a, b, { versions: `${version}` });
        await goPrivate(pair, "a", version, engine.losesKeyExchanges ? 5 : 1);
        await say(pair.wire, "a", "zażółć gęślą jaźń", "second");
        await say(pair.wire, "b", "你好 🥞");
        await verify(pair.wire, {
          asker: "a",
          secret: "ß",
          answer: "ß",
          question: UTF8_QUESTION,
        });
        await verify(pair.wire, { asker: "b", secret: "x", answer: "y" });
        await end(pair.wire, "a");
      }),
  );
}

Deno.test("sotto otr peer talks to this library in fragments", () =>
  withProcess(async (a) => {
    await using b = await startSotto();
    const pair = await connect(a, b, { versions: "3", fragment: 300 });
    await goPrivate(pair, "b", 3);
    await say(pair.wire, "a", "hello", "x".repeat(1000));
    await end(pair.wire, "b");
  }));

Deno.test("sotto otr peer has the same fingerprint for a name in every process", async () => {
  const home = await Deno.makeTempDir({ prefix: "sotto-otr-peer-" });
  try {
    const fingerprints: unknown[] = [];
    for (const name of ["alice", "alice", "bob"]) {
      await using peer = await startSottoProcess(home);
      const [ready] = await peer.perform({ op: "init", name, versions: "23" });
      fingerprints.push(ready?.ev === "ready" ? ready.fingerprint : ready);
    }
    assertEquals(fingerprints[0], fingerprints[1]);
    assertEquals(fingerprints[1] === fingerprints[2], false);
    if (Deno.build.os !== "windows") {
      const { mode } = await Deno.stat(`${home}/otr-peer/alice/private_key.dsa`);
      assertEquals((mode ?? 0) & 0o777, 0o600);
    }
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
