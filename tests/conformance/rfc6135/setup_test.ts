/** RFC 6135 §4.2, RFC 4145: every wish of the one with every wish of the other, on real connections. */
import { assertEquals } from "@std/assert";
import { frame, MsrpBench, sessionConfig } from "../../helpers/msrp_peer.ts";
import { listen, mediaSettings, openPair } from "../../helpers/relayed_media.ts";

/** Written by hand from §4.2: who offers what, what the answerer wishes, who connects. */
const TABLE = [
  ["active", "active", "offerer"],
  ["active", "passive", "offerer"],
  ["active", "actpass", "offerer"],
  ["passive", "active", "answerer"],
  ["passive", "passive", "answerer"],
  ["passive", "actpass", "answerer"],
  ["actpass", "active", "answerer"],
  ["actpass", "passive", "offerer"],
  ["actpass", "actpass", "offerer"],
] as const;

for (const [offered, wish, connects] of TABLE) {
  Deno.test(`MSRP-151 ${offered} offered to one who would be ${wish}: the ${connects} connects`, async () => {
    await using pair = await openPair(
      await mediaSettings({ setup: offered }),
      await mediaSettings({ setup: wish }),
    );
    assertEquals(/a=setup:(\w+)/.exec(pair.offer)?.[1], offered);
    const answered = /a=setup:(\w+)/.exec(pair.answer)?.[1];
    assertEquals(answered, connects === "offerer" ? "passive" : "active");
    const heard = [listen(pair.caller), listen(pair.callee)];
    const body = new TextEncoder().encode("hello");
    const message = { contentType: "text/plain", body, successReport: true };
    const fates = await Promise.all([pair.caller.send(message), pair.callee.send(message)]);
    assertEquals(fates.map((it) => it.status), ["delivered", "delivered"]);
    assertEquals(heard.map((it) => it.texts), [["hello"], ["hello"]]);
  });
}

Deno.test("MSRP-150 holdconn in an offer or answer is as if nothing were said: the offerer connects", async () => {
  for (const which of ["offer", "answer"] as const) {
    await using pair = await openPair(
      await mediaSettings(),
      await mediaSettings(),
      (sdp, it) => it === which ? sdp.replace(/a=setup:\w+/, "a=setup:holdconn") : sdp,
    );
    assertEquals(/a=setup:(\w+)/.exec(pair.answer)?.[1], "passive");
  }
});

Deno.test("MSRP-152 a peer that says no a=setup is connected to by the offerer", async () => {
  for (const which of ["offer", "answer"] as const) {
    await using pair = await openPair(
      await mediaSettings(),
      await mediaSettings(),
      (sdp, it) => it === which ? sdp.replace(/a=setup:\w+\r\n/, "") : sdp,
    );
    assertEquals(pair.caller.isOpen && pair.callee.isOpen, true);
  }
});

Deno.test("MSRP-095 both send the SEND that binds: each is answered, and the session is bound once", () => {
  const bench = new MsrpBench();
  const id = bench.core.addSession(sessionConfig(), bench.now);
  bench.act(bench.core.bind(id, bench.now));
  const [ours] = bench.frames();
  bench.receive(frame("SEND", { headers: ["Message-ID: theirs12", "Byte-Range: 1-0/0"] }));
  assertEquals(bench.codes(), [200]);
  bench.answer(ours);
  assertEquals(
    bench.takeEvents().map((it) => it.type === "session-bound" ? `${it.type} ${it.by}` : it.type),
    ["session-bound peer"],
  );
  bench.send("usable");
  assertEquals(bench.frames().length, 1);
  bench.wait(60_000);
  assertEquals(bench.eventTypes(), ["message-failed"], "the glare left no timer behind");
});

for (const transport of ["tcp", "tls"] as const) {
  Deno.test(`MSRP-095 both become active by a rewritten answer: one connection carries the session (${transport})`, async () => {
    await using pair = await openPair(
      await mediaSettings({ transport }),
      await mediaSettings({ setup: "active" }),
      (sdp, which) => which === "answer" ? sdp.replace("a=setup:active", "a=setup:passive") : sdp,
    );
    assertEquals(
      [pair.caller.local.port, pair.caller.remote.port],
      [pair.callee.remote.port, pair.callee.local.port],
    );
    const heard = [listen(pair.caller), listen(pair.callee)];
    const body = new TextEncoder().encode("hello");
    const message = { contentType: "text/plain", body, successReport: true };
    const fates = await Promise.all([pair.caller.send(message), pair.callee.send(message)]);
    assertEquals(fates.map((it) => it.status), ["delivered", "delivered"]);
    assertEquals(heard.map((it) => it.texts), [["hello"], ["hello"]]);
  });
}
