import { assertEquals } from "@std/assert";
import { concatBytes, utf8 } from "../../../../lib/base/bytes.ts";
import type { Sighting } from "../../../../lib/trace/arrival.ts";
import { MsrpObserver } from "../../../../lib/trace/analysis/msrp_observer.ts";
import { MsrpStream } from "../../../../lib/trace/analysis/msrp_stream.ts";
import { OtrObserver } from "../../../../lib/trace/analysis/otr_observer.ts";
import { SessionTable } from "../../../../lib/trace/analysis/session_table.ts";
import type { TraceObject } from "../../../../lib/trace/analysis/trace_object.ts";
import { responseFrame, sendFrame } from "../../../helpers/capture_files.ts";
import { ofType } from "../../../helpers/trace_objects.ts";

const A = { host: "192.0.2.1", port: 40000 };
const B = { host: "192.0.2.2", port: 2855 };
const CONTEXT = { connection: 1, transport: "tcp", isStripped: false } as const;

class Told {
  readonly sessions = new SessionTable();
  readonly observer = new MsrpObserver(this.sessions, new OtrObserver());
  readonly #streams = [new MsrpStream(), new MsrpStream()];
  #frame = 0;

  say(octets: Uint8Array, isBack = false): TraceObject[] {
    const [src, dst] = isBack ? [B, A] : [A, B];
    const seen: Sighting = { frame: ++this.#frame, at: 1000 * this.#frame, src, dst };
    return (this.#streams[isBack ? 1 : 0]?.receive(seen, octets) ?? []).flatMap((event) =>
      event.type === "chunk" ? this.observer.receive(event.chunk, CONTEXT) : []
    );
  }
}

Deno.test("MsrpObserver matches responses to requests by direction and transaction", () => {
  const told = new Told();
  told.say(sendFrame("aaaa", "hello"));
  told.say(sendFrame("aaaa", "other", "m9"), true); // the same id, the other way
  const [response] = ofType(told.say(responseFrame("aaaa"), true), "chunk");
  assertEquals(response?.answers, { method: "SEND", frame: 1 });
  assertEquals(response?.session, 1);
  const [again] = ofType(told.say(responseFrame("aaaa"), true), "chunk");
  assertEquals(again?.answers, undefined);
});

Deno.test("MsrpObserver gives a chunk all its fields, the rest as headers", () => {
  const octets = utf8(
    "MSRP aaaa SEND\r\nTo-Path: msrp://192.0.2.2:2855/b;tcp\r\n" +
      "From-Path: msrp://192.0.2.1:40000/a;tcp\r\nMessage-ID: m1\r\nX-Own: yes\r\n" +
      "Success-Report: yes\r\nFailure-Report: partial\r\nByte-Range: 1-*/9\r\n" +
      "Content-Type: text/plain\r\n\r\nhello\r\n-------aaaa+\r\n",
  );
  const [chunk] = ofType(new Told().say(octets), "chunk");
  assertEquals(
    [chunk?.byteRange, chunk?.flag, chunk?.successReport, chunk?.failureReport, chunk?.bodyLength],
    ["1-*/9", "+", "yes", "partial", 5],
  );
  assertEquals(chunk?.headers, [{ name: "X-Own", value: "yes" }]);
});

Deno.test("MsrpObserver says what a message holds as soon as it is complete", () => {
  const told = new Told();
  const objects = told.say(sendFrame("aaaa", "?OTRv3?"));
  assertEquals(objects.map((it) => it.type), ["chunk", "message", "otr"]);
  assertEquals(ofType(objects, "message")[0]?.encryption, "otr");
  const settled = told.say(responseFrame("aaaa"), true);
  assertEquals(settled.map((it) => it.type), ["chunk", "delivery"]);
  assertEquals(told.sessions.sessions()[0], {
    number: 1,
    ends: ["msrp://192.0.2.1:40000/a;tcp", "msrp://192.0.2.2:2855/b;tcp"],
    callId: undefined,
    chunks: 2,
    messages: 1,
    octets: 7,
  });
});

Deno.test("MsrpObserver makes no message of a SEND without a body, but one of an empty body", () => {
  const head = "MSRP aaaa SEND\r\nTo-Path: msrp://192.0.2.2:2855/b;tcp\r\n" +
    "From-Path: msrp://192.0.2.1:40000/a;tcp\r\nMessage-ID: m1\r\nByte-Range: 1-0/0\r\n";
  const told = new Told();
  assertEquals(told.say(utf8(`${head}-------aaaa$\r\n`)).map((it) => it.type), ["chunk"]);
  const empty = utf8(`${head}Content-Type: text/plain\r\n\r\n\r\n-------aaaa$\r\n`);
  assertEquals(told.say(empty).map((it) => it.type), ["chunk", "message"]);
});

Deno.test("MsrpObserver names the fields that break a rule, with the clause", () => {
  const told = new Told();
  const bad = utf8(
    "MSRP aaaa SEND\r\nFrom-Path: msrp://192.0.2.1:1/a;tcp\r\nTo-Path: msrp://192.0.2.2:2/b;tcp\r\n" +
      "Message-ID: m1\r\n-------aaaa$\r\n",
  );
  const [order] = ofType(told.say(bad), "finding");
  assertEquals([order?.clause, order?.frame], ["RFC 4975 §9", 1]);
  const range = concatBytes(sendFrame("bbbb", "x"));
  const text = new TextDecoder().decode(range).replace("1-1/1", "0-x/1");
  const [finding] = ofType(told.say(utf8(text)), "finding");
  assertEquals(finding?.id, "MSRP-4975-9-bad-byte-range");
});

Deno.test("MsrpObserver counts chunks where the input has no frames", () => {
  const observer = new MsrpObserver(new SessionTable(), new OtrObserver());
  const stream = new MsrpStream();
  const nowhere = { frame: 0, at: undefined, src: undefined, dst: undefined };
  const objects = stream.receive(
    nowhere,
    concatBytes(sendFrame("aaaa", "x"), responseFrame("aaaa")),
  )
    .flatMap((it) => it.type === "chunk" ? observer.receive(it.chunk, CONTEXT) : []);
  assertEquals(ofType(objects, "chunk").map((it) => it.frame), [1, 2]);
  assertEquals(ofType(objects, "chunk")[1]?.answers?.frame, 1);
});

Deno.test("MsrpObserver settles at the end what waited", () => {
  const told = new Told();
  told.say(sendFrame("aaaa", "x"));
  assertEquals(ofType(told.observer.end(), "delivery")[0]?.delivery.outcome, "unconfirmed");
  const late = new Told();
  late.say(sendFrame("aaaa", "x"));
  assertEquals(late.observer.expire(20_000), []);
  assertEquals(late.observer.expire(40_000).map((it) => it.type), ["delivery"]);
});
