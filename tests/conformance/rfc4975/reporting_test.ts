/** RFC 4975 §7.1.2–7.1.4, §7.3.2: REPORT requests. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { type Chunk, headerValue } from "../../../lib/msrp/mod.ts";
import { frame, MsrpBench, sendFrame, SESSION, THEIRS } from "../../helpers/msrp_peer.ts";

const WANTED = { headers: ["Success-Report: yes"] };

function reports(bench: MsrpBench): Chunk[] {
  return bench.frames().filter(({ startLine }) =>
    startLine.kind === "request" && startLine.method === "REPORT"
  );
}

function field(chunk: Chunk | undefined, name: string): string | undefined {
  return headerValue(chunk?.headers ?? [], name);
}

/** A bench with a message on its way, answered 200. */
function sentBench(body = "hello", more = {}): { bench: MsrpBench; id: string } {
  const bench = MsrpBench.bound();
  const id = bench.send(body, { successReport: true, ...more });
  bench.answer(bench.frames()[0]);
  bench.takeEvents();
  return { bench, id };
}

function report(id: string, status: string, range?: string): string {
  return frame("REPORT", {
    headers: [
      `Message-ID: ${id}`,
      ...(range === undefined ? [] : [`Byte-Range: ${range}`]),
      `Status: ${status}`,
    ],
  });
}

Deno.test("MSRP-080 Success-Report yes is answered with a REPORT that covers the message, else never", () => {
  const bench = MsrpBench.bound().receive(sendFrame("hello", WANTED));
  const [first, ...more] = reports(bench);
  assertEquals(field(first, "Status"), "000 200 OK");
  assertEquals(field(first, "Byte-Range"), "1-5/5");
  assertEquals(more, []);
  for (const headers of [[], ["Success-Report: no"], ["Failure-Report: no"]]) {
    assertEquals(reports(MsrpBench.bound().receive(sendFrame("hello", { headers }))), []);
  }
  // It does not depend on the choice for failures.
  const silent = { headers: ["Success-Report: yes", "Failure-Report: no"] };
  assertEquals(reports(MsrpBench.bound().receive(sendFrame("x", silent))).length, 1);
});

Deno.test("MSRP-080 a message in chunks is reported once it is complete", () => {
  const bench = MsrpBench.bound();
  bench.receive(sendFrame("abc", { ...WANTED, range: "1-*/6", flag: "+" }));
  assertEquals(reports(bench), []);
  bench.receive(sendFrame("def", { ...WANTED, range: "4-6/6" }));
  assertEquals(reports(bench).map((it) => field(it, "Byte-Range")), ["1-6/6"]);
});

Deno.test("MSRP-081 a REPORT goes back along the From-Path, for the same Message-ID", () => {
  const from = `msrp://relay.example:2855/hop;tcp ${THEIRS}`;
  const text = MsrpBench.bound().receive(sendFrame("hello", { ...WANTED, from })).text();
  const [, whole = ""] = /(MSRP \S+ REPORT[^]*)/.exec(text) ?? [];
  const [, transactionId] = whole.split(" ");
  assertEquals(
    whole,
    `MSRP ${transactionId} REPORT\r\nTo-Path: ${from}\r\n` +
      "From-Path: msrp://us.example:7654/ours5678;tcp\r\nMessage-ID: msg45678\r\n" +
      `Byte-Range: 1-5/5\r\nStatus: 000 200 OK\r\n-------${transactionId}$\r\n`,
  );
});

Deno.test("MSRP-082 a failure REPORT has the range of the body that really came", () => {
  const bench = MsrpBench.bound({ reports: "manual" });
  bench.receive(sendFrame("hello", { range: "1-99/99" }));
  bench.act(bench.core.report(SESSION, "msg45678", { code: 400, comment: "not that" }, bench.now));
  const [failure, ...more] = reports(bench);
  assertEquals(field(failure, "Byte-Range"), "1-5/5");
  assertEquals(field(failure, "Status"), "000 400 not that");
  assertEquals(more, []);
});

Deno.test("MSRP-082 no failure REPORT is sent to whom asked for none, and no success unasked", () => {
  const bench = MsrpBench.bound({ reports: "manual" });
  bench.receive(sendFrame("hello", { headers: ["Failure-Report: no"] }));
  for (const code of [400, 200]) {
    bench.act(bench.core.report(SESSION, "msg45678", { code }, bench.now));
  }
  bench.act(bench.core.report(SESSION, "unknown1", { code: 400 }, bench.now));
  assertEquals(reports(bench), []);
  assertThrows(() => {
    bench.receive(sendFrame("hello", { id: "other678" }));
    bench.core.report(SESSION, "other678", { code: 4 }, bench.now);
  }, RangeError);
});

Deno.test("MSRP-083 a REPORT is never answered and never reported on", () => {
  const { bench, id } = sentBench();
  bench.receive(report(id, "000 200 OK", "1-5/5"));
  bench.receive(report(id, "nonsense"));
  bench.receive(frame("REPORT", { headers: ["Success-Report: yes"] }));
  bench.receive(frame("REPORT", { to: "msrp://other.example:1/x;tcp" }));
  assertEquals(bench.text(), "");
});

Deno.test("MSRP-084 a REPORT for an unknown message is ignored", () => {
  const { bench } = sentBench();
  bench.receive(report("unknown1", "000 200 OK")).receive(report("unknown1", "000 413 Stop"));
  assertEquals(bench.eventTypes(), []);
});

Deno.test("MSRP-085 in namespace 000 a code means what the response would, others mean nothing", () => {
  for (const [status, cause] of [["000 400 Bad", "report"], ["000 408 Late", "timeout"]] as const) {
    const { bench, id } = sentBench();
    bench.receive(report(id, status, "1-5/5"));
    const [event] = bench.takeEvents();
    assert(event?.type === "message-failed");
    assertEquals([event.code, event.cause], [Number(status.slice(4, 7)), cause]);
  }
  const { bench, id } = sentBench();
  bench.receive(report(id, "123 200 OK")).receive(report(id, "123 400 Bad"));
  assertEquals(bench.eventTypes(), []);
});

Deno.test("MSRP-086 a REPORT that octets were lost fails the session", () => {
  const { bench, id } = sentBench();
  bench.receive(report(id, "000 408 Next Hop Silent", "1-5/5"));
  assertEquals(bench.eventTypes(), ["message-failed", "session-failed"]);
  const error = assertThrows(() => bench.send("more"), SottoError);
  assertEquals(error.code, "msrp/session-failed");
  // A verdict on the content is not the loss of octets (spec notes): chat goes on.
  const refused = sentBench();
  refused.bench.receive(report(refused.id, "000 413 Unwanted", "1-5/5"));
  assertEquals(refused.bench.eventTypes(), ["message-failed"]);
  refused.bench.send("more");
});

Deno.test("MSRP-087 success reports may cover any ranges, and are added up", () => {
  const { bench, id } = sentBench("0123456789");
  bench.receive(report(id, "000 200 OK", "4-6/10"));
  bench.receive(report(id, "000 200 OK", "5-8/10"));
  bench.receive(report(id, "000 200 OK", "10-10/10"));
  assertEquals(
    bench.takeEvents().map((it) => it.type === "message-progress" ? it.delivered : it.type),
    [3, 5, 6],
  );
  bench.receive(report(id, "000 200 OK", "1-3/*"));
  bench.receive(report(id, "000 200 OK", "9-9/10"));
  assertEquals(bench.eventTypes(), ["message-progress", "message-delivered"]);
  bench.receive(report(id, "000 200 OK", "1-10/10"));
  assertEquals(bench.eventTypes(), [], "told once");
});

Deno.test("MSRP-087 a report without a range, or complete by its own count, covers everything", () => {
  // Blink on Python 3 counts characters where octets are meant.
  for (const range of [undefined, "1-7/7", "1-*/10", "1-10/10"]) {
    const { bench, id } = sentBench("0123456789");
    bench.receive(report(id, "000 200 OK", range));
    assertEquals(bench.eventTypes(), ["message-delivered"], range ?? "none");
  }
});

Deno.test("MSRP-088 no REPORT is sent when the session is over", () => {
  const bench = MsrpBench.bound({ reports: "manual" });
  bench.receive(sendFrame("hello", WANTED));
  bench.frames();
  bench.act(bench.core.removeSession(SESSION, bench.now));
  bench.act(bench.core.report(SESSION, "msg45678", { code: 200 }, bench.now));
  assertEquals(reports(bench), []);
});

Deno.test("a success report after a timeout is still told", () => {
  const bench = MsrpBench.bound();
  const id = bench.send("hello", { successReport: true });
  bench.frames();
  bench.wait(30_000);
  assertEquals(bench.eventTypes(), ["message-failed"]);
  bench.receive(report(id, "000 200 OK", "1-5/5"));
  assertEquals(bench.eventTypes(), ["message-delivered"]);
});

Deno.test("a success report that overtakes the 200 says both", () => {
  const bench = MsrpBench.bound();
  const id = bench.send("hello", { successReport: true });
  const [chunk] = bench.frames();
  bench.receive(report(id, "000 200 OK", "1-5/5"));
  bench.answer(chunk);
  assertEquals(bench.eventTypes(), ["message-sent", "message-delivered"]);
});
