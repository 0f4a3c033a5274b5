import { assert, assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { parseMsrpPath } from "../../../lib/msrp/mod.ts";
import { ALICE, RelayBench } from "../../helpers/relay_bench.ts";
import { frame, MsrpBench, sendFrame, SESSION, sessionConfig } from "../../helpers/msrp_peer.ts";

Deno.test("MsrpConnection refuses calls for sessions that it does not have", () => {
  const bench = new MsrpBench();
  const code = (act: () => unknown): string => assertThrows(act, SottoError).code;
  assertEquals(code(() => bench.core.bind("none", 0)), "msrp/unknown-session");
  assertEquals(code(() => bench.core.abort("none", "m", 0)), "msrp/unknown-session");
  assertEquals(code(() => bench.send("x")), "msrp/unknown-session");
  assertEquals(bench.core.report("none", "m", { code: 200 }, 0), []);
  assertEquals(bench.core.removeSession("none", 0), []);
  bench.act(bench.core.close(0));
  assertEquals(code(() => bench.core.addSession(sessionConfig(), 0)), "msrp/connection-closed");
  assertEquals(bench.core.close(0), []);
  assertEquals(bench.core.handleTimeout(0), []);
});

Deno.test("MsrpConnection transmits before it reports what the octets led to", () => {
  const bench = MsrpBench.bound();
  const outputs = bench.core.receive(
    new TextEncoder().encode(sendFrame("x", { headers: ["Success-Report: yes"] })),
    0,
  );
  assertEquals(outputs.map((it) => it.type), ["transmit", "transmit", "event"]);
});

Deno.test("MsrpConnection.deadline is the earliest of all that it waits for", () => {
  const bench = MsrpBench.bound({}, { limits: { idleTime: 5_000 } });
  assertEquals(bench.core.deadline, undefined);
  bench.send("x");
  assertEquals(bench.core.deadline, bench.now + 30_000);
  bench.receive(sendFrame("x", { range: "1-*/9", flag: "+" }));
  assertEquals(bench.core.deadline, bench.now + 5_000);
});

Deno.test("MsrpConnection.send() refuses a Message-ID that is on its way already", () => {
  const bench = MsrpBench.bound();
  bench.send("x", { messageId: "same1234" });
  assertThrows(() => bench.send("y", { messageId: "same1234" }), RangeError);
  bench.answer(bench.frames()[0]);
  bench.send("z", { messageId: "same1234" });
});

Deno.test("MsrpConnection.hasMoreToTransmit asks for the word that all was taken", () => {
  const bench = MsrpBench.bound();
  bench.isTaking = false;
  assertEquals(bench.core.hasMoreToTransmit, false);
  bench.send("x");
  assertEquals(bench.core.hasMoreToTransmit, true);
  bench.writable();
  assertEquals(bench.core.hasMoreToTransmit, false);
});

Deno.test("MsrpConnection ignores responses that belong to nothing", () => {
  const bench = MsrpBench.bound();
  bench.receive(frame("200 OK", { transactionId: "unknown1" }));
  bench.receive(frame("481 No", { transactionId: "unknown2" }));
  assertEquals(bench.eventTypes(), []);
  bench.receive(frame("2x0", { transactionId: "unknown3" }));
  assertEquals(bench.eventTypes(), ["peer-error"]);
  assertEquals(bench.text(), "");
  assert(!bench.isClosed);
});

Deno.test("MsrpConnection.removeSession() gives up what has not left", () => {
  const bench = MsrpBench.bound();
  bench.isTaking = false;
  const id = bench.send(new Uint8Array(200_000));
  bench.act(bench.core.removeSession(SESSION, bench.now));
  const [event, ...more] = bench.takeEvents();
  assertEquals(event?.type === "message-failed" && [event.messageId, event.cause], [id, "aborted"]);
  assertEquals(more, []);
  bench.isTaking = true;
  assertEquals(bench.act([]).frames().map((it) => it.continuation), ["#"]);
});

Deno.test("MsrpConnection keeps a quiet session alive with a body-less SEND, and only a quiet one", () => {
  const bench = MsrpBench.bound({ keepAliveInterval: 60_000 });
  bench.wait(59_999);
  assertEquals(bench.frames(), []);
  bench.wait(1);
  const [kept] = bench.frames();
  assertEquals(kept?.body, undefined);
  assertEquals(kept?.headers.map(({ name, value }) => `${name}: ${value}`).slice(1), [
    "Byte-Range: 1-0/0",
    "Keep-Alive: yes",
  ]);
  bench.answer(kept);
  assertEquals(bench.eventTypes(), [], "an answer is no news");
  bench.wait(30_000);
  bench.send("something");
  bench.answer(bench.frames()[0]);
  bench.wait(59_999);
  assertEquals(bench.frames(), [], "counted from the last chunk");
  bench.wait(1);
  assertEquals(bench.frames().length, 1);
});

Deno.test("MsrpConnection fails a session whose keep-alive is not answered, or refused", () => {
  const silent = MsrpBench.bound({ keepAliveInterval: 60_000 });
  silent.wait(60_000).frames();
  const messageId = silent.send("waiting", { failureReport: "no", successReport: true });
  silent.takeEvents();
  silent.wait(29_999);
  assertEquals(silent.eventTypes(), []);
  silent.wait(1);
  assertEquals(
    silent.takeEvents().map((it) => [it.type, "code" in it ? it.code : undefined]),
    [["session-failed", 408], ["message-unconfirmed", undefined]],
    messageId,
  );
  silent.wait(600_000);
  assertEquals(silent.frames().filter((it) => it.body === undefined), [], "and no more of them");

  const refused = MsrpBench.bound({ keepAliveInterval: 1_000 });
  refused.wait(1_000);
  refused.answer(refused.frames()[0], "481 No Such Session");
  assertEquals(refused.eventTypes(), ["session-failed"]);
});

Deno.test("MsrpConnection answers the keep-alives of others with 200", () => {
  const bench = MsrpBench.bound();
  bench.receive(frame("SEND", {
    headers: ["Message-ID: keep1234", "Byte-Range: 1-0/0", "Keep-Alive: yes"],
  }));
  assertEquals(bench.codes(), [200]);
});

Deno.test("MsrpConnection keeps a bind that comes through our relay before its session does", () => {
  const bind = () =>
    frame("SEND", {
      transactionId: "early123",
      to: ALICE,
      from: "msrps://bob.example.com:1/bob12345;tcp",
    });
  const config = sessionConfig({ localPath: parseMsrpPath(ALICE) });
  const early = new RelayBench().granted();
  early.frames();
  early.takeEvents();
  early.receive(bind());
  assertEquals([early.frames(), early.takeEvents()], [[], []], "nobody is answered");
  const id = early.core.addSession(config, early.now);
  early.act(early.core.receiveHeld(id, early.now));
  assertEquals(early.frames().map(({ startLine }) => startLine), [
    { kind: "response", transactionId: "early123", code: 200, comment: "OK" },
  ]);
  assertEquals(early.eventTypes(), ["session-bound"]);
  assertEquals(early.core.receiveHeld(id, early.now), []);

  // Of a path that was forgotten, and of one that never was, nothing is kept.
  for (const strange of [new RelayBench().granted(), new RelayBench()]) {
    strange.frames();
    strange.core.forgetAuthorization("a");
    strange.receive(bind());
    const [answer] = strange.frames();
    assertEquals(answer?.startLine.kind === "response" && answer.startLine.code, 481);
  }
});
