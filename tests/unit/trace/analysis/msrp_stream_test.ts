import { assertEquals } from "@std/assert";
import { latin1 } from "../../../../lib/base/ascii.ts";
import { concatBytes, utf8 } from "../../../../lib/base/bytes.ts";
import type { Sighting } from "../../../../lib/trace/arrival.ts";
import {
  MsrpStream,
  type MsrpStreamEvent,
  type SeenChunk,
} from "../../../../lib/trace/analysis/msrp_stream.ts";
import { responseFrame, sendFrame } from "../../../helpers/capture_files.ts";
import { everySplit } from "../../../helpers/every_split.ts";

function at(frame: number): Sighting {
  return { frame, at: undefined, src: undefined, dst: undefined };
}

function chunks(events: readonly MsrpStreamEvent[]): SeenChunk[] {
  return events.flatMap((it) => it.type === "chunk" ? [it.chunk] : []);
}

function show(events: readonly MsrpStreamEvent[]): string[] {
  return events.map((event) => {
    if (event.type === "fault") return event.error.code;
    const { head, continuation, body, seen, lastSeen } = event.chunk;
    const text = body === undefined ? "" : ` ${latin1(body)}`;
    return `${head.startLine.transactionId}${
      continuation ?? "?"
    }${text} ${seen.frame}-${lastSeen.frame}`;
  });
}

Deno.test("MsrpStream finds every chunk of a segment and across segments", () => {
  const octets = concatBytes(
    sendFrame("aaaa", "one"),
    utf8("\r\n"), // what some peers keep a connection alive with
    responseFrame("bbbb"),
    sendFrame("cccc", "three"),
  );
  const offsets = [0, sendFrame("aaaa", "one").length + 2];
  for (const { label, pieces } of everySplit(octets)) {
    const stream = new MsrpStream();
    const events = [
      ...pieces.flatMap((it, index) => stream.receive(at(index + 1), it)),
      ...stream.end(),
    ];
    const found = chunks(events);
    assertEquals(events.length, 3, label);
    assertEquals(found.map((it) => it.continuation), ["$", "$", "$"], label);
    assertEquals(found.map((it) => it.body && latin1(it.body)), ["one", undefined, "three"], label);
    assertEquals(found.slice(0, 2).map((it) => it.offset), offsets, label);
    assertEquals(found[0]?.seen.frame, 1, label);
    assertEquals(found[2]?.lastSeen.frame, pieces.length, label);
  }
});

Deno.test("MSRP-024 a frame without an end-line is shown as truncated with the octets present", () => {
  const whole = sendFrame("aaaa", "hello world");
  for (let length = 20; length < whole.length - 1; length++) {
    const stream = new MsrpStream();
    const events = [...stream.receive(at(1), whole.subarray(0, length)), ...stream.end()];
    const [chunk] = chunks(events);
    assertEquals(chunk?.head.startLine.transactionId, "aaaa", `cut at ${length}`);
    assertEquals(chunk?.continuation, undefined, `cut at ${length}`);
    assertEquals(events.some((it) => it.type === "fault"), true, `cut at ${length}`);
    if (length > 210) assertEquals(chunk?.body !== undefined, true, `cut at ${length}`);
  }
  const stream = new MsrpStream();
  stream.receive(at(1), whole.subarray(0, whole.length - 20));
  const text = latin1(chunks(stream.end())[0]?.body ?? new Uint8Array());
  assertEquals("hello world".startsWith(text.slice(0, 5)), true);
});

Deno.test("MsrpStream goes on after junk at the next start line", () => {
  const stream = new MsrpStream();
  const events = [
    ...stream.receive(at(1), utf8("the end of something\r\n-------zzzz$\r\n")),
    ...stream.receive(at(2), sendFrame("aaaa", "one")),
    ...stream.receive(at(3), utf8("junk\r\n")),
    ...stream.receive(at(4), responseFrame("bbbb")),
  ];
  assertEquals(show(events), [
    "msrp/bad-start-line",
    "aaaa$ one 2-2",
    "msrp/bad-start-line",
    "bbbb$ 4-4",
  ]);
});

Deno.test("MsrpStream takes a hole within a body for what it is and finds the end-line", () => {
  const stream = new MsrpStream();
  const octets = sendFrame("aaaa", "0123456789");
  const cut = octets.length - 20;
  const events = [
    ...stream.receive(at(1), octets.subarray(0, cut)),
    ...stream.receiveGap(3),
    ...stream.receive(at(2), octets.subarray(cut + 3)),
    ...stream.receive(at(3), responseFrame("bbbb")),
  ];
  const [first, second] = chunks(events);
  assertEquals([first?.continuation, first?.missing, first?.lastSeen.frame], ["$", 3, 2]);
  assertEquals(second?.head.startLine.transactionId, "bbbb");
});

Deno.test("MsrpStream lets the next start line end a chunk whose end-line is in a hole", () => {
  for (
    const { label, pieces } of everySplit(concatBytes(utf8("56789\r\n"), sendFrame("bbbb", "two")))
  ) {
    const stream = new MsrpStream();
    const events = [
      ...stream.receive(at(1), sendFrame("aaaa", "01234").subarray(0, -15)),
      ...stream.receiveGap(30),
      ...pieces.flatMap((it, index) => stream.receive(at(index + 2), it)),
      ...stream.end(),
    ];
    assertEquals(chunks(events).map((it) => it.continuation), [undefined, "$"], label);
    assertEquals(chunks(events)[1]?.body, utf8("two"), label);
  }
});

Deno.test("MsrpStream begins anew after a hole outside a chunk", () => {
  const stream = new MsrpStream();
  const events = [
    ...stream.receive(at(1), sendFrame("aaaa", "one")),
    ...stream.receiveGap(100),
    ...stream.receive(at(2), utf8("lf of a frame that is not there\r\n-------cccc$\r\n")),
    ...stream.receive(at(3), responseFrame("bbbb")),
  ];
  assertEquals(chunks(events).map((it) => it.head.startLine.transactionId), ["aaaa", "bbbb"]);
});

Deno.test("MsrpStream keeps no more of a body than its limit and counts the rest", () => {
  const stream = new MsrpStream({ bodySize: 4 });
  const [chunk] = chunks(stream.receive(at(1), sendFrame("aaaa", "0123456789")));
  assertEquals([chunk?.body && latin1(chunk.body), chunk?.bodyLength], ["0123", 10]);
});

Deno.test("MsrpStream remembers places and not octets while nothing makes sense", () => {
  const stream = new MsrpStream();
  let faults = 0;
  for (let frame = 1; frame < 40_000; frame++) {
    faults += stream.receive(at(frame), utf8("x\r\n")).length;
  }
  assertEquals(faults, 1);
  assertEquals(show(stream.receive(at(40_000), responseFrame("bbbb"))), ["bbbb$ 40000-40000"]);
});
