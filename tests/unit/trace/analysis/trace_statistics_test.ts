import { assertEquals } from "@std/assert";
import { TraceStatistics } from "../../../../lib/trace/analysis/trace_statistics.ts";
import { chunkObject, messageObject, sipObject } from "../../../helpers/trace_objects.ts";

Deno.test("TraceStatistics counts objects by what they are", () => {
  const statistics = new TraceStatistics();
  statistics.receive(chunkObject({ at: 3000 }));
  statistics.receive(chunkObject({ method: undefined, status: 200, at: 5000, isTruncated: true }));
  statistics.receive(sipObject());
  statistics.receive(sipObject({ method: undefined, status: 180, at: undefined }));
  statistics.receive(messageObject());
  statistics.receive(messageObject({ isComplete: false }));
  statistics.receive(messageObject({ isComplete: false, isAborted: true }));
  statistics.receive({ type: "remark", frame: 1, at: 1, src: undefined, dst: undefined, text: "" });
  assertEquals(statistics.chunks, { requests: 1, responses: 1, truncated: 1 });
  assertEquals(statistics.messages, { complete: 1, incomplete: 1, aborted: 1, octets: 15 });
  assertEquals([...statistics.msrp], [["SEND", 1], ["200", 1]]);
  assertEquals([...statistics.sip], [["INVITE", 1], ["180", 1]]);
  assertEquals([statistics.firstAt, statistics.lastAt], [1, 5000]);
});

Deno.test("TraceStatistics keeps each finding once, with its count", () => {
  const statistics = new TraceStatistics();
  const finding = {
    type: "finding",
    id: "X",
    severity: "note",
    clause: "c",
    message: "m",
  } as const;
  statistics.receive({ ...finding, frame: 3 });
  statistics.receive({ ...finding, frame: 9 });
  assertEquals([...statistics.findings.values()], [
    { id: "X", severity: "note", clause: "c", message: "m", frame: 3, count: 2 },
  ]);
  assertEquals(statistics.findingCount, 2);
});

Deno.test("TraceStatistics lets no peer make it hold names without end", () => {
  const statistics = new TraceStatistics();
  for (let at = 0; at < 10_000; at++) statistics.receive(chunkObject({ method: `M${at}` }));
  assertEquals([statistics.msrp.size, statistics.chunks.requests], [256, 10_000]);
});
