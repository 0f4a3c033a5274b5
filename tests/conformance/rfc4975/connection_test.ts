/** RFC 4975 §5.4, §8, §14; RFC 6135: connections, and what session descriptions say of them. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { type MsrpSessionConfig, parseMsrpUri, writeMsrpPath } from "../../../lib/msrp/mod.ts";
import {
  frame,
  MsrpBench,
  OURS,
  sendFrame,
  SESSION,
  sessionConfig,
  THEIRS,
} from "../../helpers/msrp_peer.ts";

const SECOND = "msrp://us.example:7654/second99;tcp";

Deno.test("MSRP-093 a path through relays is the To-Path as a whole", () => {
  const relay = "msrp://relay.example:2855/hop;tcp";
  const bench = MsrpBench.bound({ remotePath: [relay, THEIRS].map((it) => parseMsrpUri(it)) });
  bench.send("x");
  const [chunk] = bench.frames();
  assertEquals(writeMsrpPath(chunk?.toPath ?? []), `${relay} ${THEIRS}`);
  assertEquals(writeMsrpPath(chunk?.fromPath ?? []), OURS);
});

Deno.test("MSRP-095 the active side binds by a SEND at once, the passive one by receiving it", () => {
  const active = new MsrpBench();
  active.core.addSession(sessionConfig(), 0);
  const early = assertThrows(() => active.send("x"), SottoError);
  assertEquals(early.code, "msrp/session-not-bound");
  active.act(active.core.bind(SESSION, 0));
  const [chunk] = active.frames();
  assertEquals(chunk?.startLine.kind === "request" && chunk.startLine.method, "SEND");
  active.send("need not wait");
  active.frames();
  active.answer(chunk);
  assertEquals(active.takeEvents(), [{ type: "session-bound", session: SESSION, by: "us" }]);

  const passive = new MsrpBench();
  passive.core.addSession(sessionConfig(), 0);
  passive.receive(sendFrame("content at once"));
  assertEquals(passive.eventTypes(), ["session-bound", "message-received"]);
  passive.send("x");
});

Deno.test("MSRP-095 a bind that is refused or not answered fails the session", () => {
  for (const [status, code] of [["481 No", 481], ["506 No", 506], ["", 408]] as const) {
    const bench = new MsrpBench();
    bench.core.addSession(sessionConfig(), 0);
    bench.act(bench.core.bind(SESSION, bench.now));
    if (status === "") bench.wait(30_000);
    else bench.answer(bench.frames()[0], status);
    const [event] = bench.takeEvents();
    assertEquals(event?.type === "session-failed" && event.code, code);
  }
});

Deno.test("MSRP-095 two sides that both bind find each other", () => {
  const bench = new MsrpBench();
  bench.core.addSession(sessionConfig(), 0);
  bench.act(bench.core.bind(SESSION, bench.now));
  const [ours] = bench.frames();
  bench.receive(frame("SEND", { headers: ["Message-ID: bind1234", "Byte-Range: 1-0/0"] }));
  assertEquals(bench.codes(), [200]);
  bench.answer(ours);
  assertEquals(bench.takeEvents(), [{ type: "session-bound", session: SESSION, by: "peer" }]);
});

Deno.test("MSRP-096 one connection carries several sessions, and each keeps its own", () => {
  const bench = MsrpBench.bound();
  bench.core.addSession(
    sessionConfig({ localPath: [parseMsrpUri(SECOND)], acceptTypes: ["image/*"] }),
    0,
  );
  bench.receive(sendFrame("for the first"));
  bench.receive(sendFrame("wrong type", { to: SECOND, id: "other567" }));
  bench.receive(sendFrame("png", { to: SECOND }).replace("text/plain", "image/png"));
  assertEquals(bench.codes(), [200, 415, 200]);
  const received = bench.takeEvents().flatMap((it) =>
    it.type === "message-received" ? [[it.session, it.contentType]] : []
  );
  assertEquals(received, [[SESSION, "text/plain"], ["second99", "image/png"]]);
  bench.act(bench.core.removeSession("second99", 0));
  assertEquals(bench.core.sessions, [SESSION]);
  assertEquals(bench.receive(sendFrame("x", { to: SECOND })).codes(), [481]);
  assert(!bench.isClosed);
  assertThrows(() => bench.core.addSession(sessionConfig(), 0), RangeError, "already");
});

Deno.test("MSRP-096 a listener's session is claimed by the request that names it", () => {
  const asked: string[] = [];
  const waiting = new Map<string, MsrpSessionConfig>([[SESSION, sessionConfig()]]);
  const bench = new MsrpBench({
    claimSession: (to) => {
      asked.push(to.sessionId ?? "");
      return waiting.get(to.sessionId ?? "");
    },
  });
  bench.receive(sendFrame("x", { to: SECOND }) + sendFrame("y") + sendFrame("z"));
  assertEquals(bench.codes(), [481, 200, 200]);
  assertEquals(asked, ["second99", SESSION], "asked once for each unknown one");
  assertEquals(
    bench.eventTypes(),
    ["peer-error", "session-bound", "message-received", "message-received"],
  );
});

Deno.test("MSRP-103 losing the connection fails its sessions, and nothing is sent again", () => {
  const bench = MsrpBench.bound();
  const [unanswered, answered] = [bench.send("one"), bench.send("two", { successReport: true })];
  bench.answer(bench.frames()[1]);
  bench.takeEvents();
  bench.act(bench.core.receiveEnd(bench.now));
  assertEquals(bench.takeEvents(), [
    {
      type: "message-failed",
      session: SESSION,
      messageId: unanswered,
      code: 0,
      comment: "Connection Lost",
      cause: "connection",
    },
    { type: "message-unconfirmed", session: SESSION, messageId: answered },
    { type: "connection-closed" },
  ]);
  assertEquals(bench.text(), "");
  assertEquals(bench.core.deadline, undefined);
  assertEquals(assertThrows(() => bench.send("x"), SottoError).code, "msrp/connection-closed");
  assertEquals(bench.core.receive(new Uint8Array([1]), 0), []);
  assertEquals(bench.core.receiveEnd(0), []);
});

Deno.test("MSRP-103 a stream that ends within a frame says so", () => {
  const bench = MsrpBench.bound().receive(sendFrame("x").slice(0, -5));
  bench.act(bench.core.receiveEnd(bench.now));
  assertEquals(bench.eventTypes(), ["peer-error", "connection-closed"]);
});

Deno.test("481 and 506 to a message fail the session (RFC 4975 §10.8, §10.10)", () => {
  for (const code of [481, 506]) {
    const bench = MsrpBench.bound();
    const [first, second] = [bench.send("one"), bench.send("two")];
    bench.answer(bench.frames()[0], `${code} No`);
    const events = bench.takeEvents();
    assertEquals(events.map((it) => it.type), [
      "message-failed",
      "session-failed",
      "message-failed",
    ]);
    assertEquals(events.flatMap((it) => it.type === "message-failed" ? it.messageId : []), [
      first,
      second,
    ]);
    assertEquals(assertThrows(() => bench.send("x"), SottoError).code, "msrp/session-failed");
  }
});

Deno.test("a peer that sends requests and reads no answers is cut off in the end", () => {
  const bench = MsrpBench.bound({}, { limits: { controlLength: 20_000 } });
  bench.isTaking = false;
  for (let count = 0; count < 2_000 && !bench.isClosed; count++) bench.receive(sendFrame("x"));
  assert(bench.isClosed);
  const error = bench.takeEvents().find((it) => it.type === "peer-error");
  assertEquals(error?.type === "peer-error" && error.error.code, "msrp/peer-does-not-read");
});

Deno.test("MsrpConnection.close() ends the sessions and closes behind what was written", () => {
  const bench = MsrpBench.bound();
  const id = bench.send("x");
  bench.takeEvents();
  bench.act(bench.core.close(bench.now));
  assertEquals(bench.takeEvents(), [
    { type: "message-unconfirmed", session: SESSION, messageId: id },
    { type: "connection-closed" },
  ]);
  assert(bench.isClosed && bench.core.isClosed);
});
