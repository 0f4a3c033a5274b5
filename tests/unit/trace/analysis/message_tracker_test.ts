import { assertEquals } from "@std/assert";
import { latin1 } from "../../../../lib/base/ascii.ts";
import { utf8 } from "../../../../lib/base/bytes.ts";
import {
  MessageTracker,
  type TrackedMessage,
} from "../../../../lib/trace/analysis/message_tracker.ts";
import type { ChunkObject } from "../../../../lib/trace/analysis/trace_object.ts";
import { chunkObject } from "../../../helpers/trace_objects.ts";

function chunk(text: string, fields: Partial<ChunkObject> = {}): ChunkObject {
  return chunkObject({ body: utf8(text), bodyLength: text.length, ...fields });
}

function show(messages: readonly TrackedMessage[]): string[] {
  return messages.map(({ key, body, isComplete, isAborted, chunks }) =>
    `${key} ${latin1(body)} ${chunks}${isComplete ? "" : " incomplete"}${
      isAborted ? " aborted" : ""
    }`
  );
}

Deno.test("MessageTracker joins chunks by their Byte-Range", () => {
  const tracker = new MessageTracker();
  const first = chunk("abc", { flag: "+", byteRange: "1-3/6" });
  const last = chunk("def", { flag: "$", byteRange: "4-6/6" });
  assertEquals(show(tracker.receive("m", first, false)), []);
  assertEquals(show(tracker.receive("m", last, false)), ["m abcdef 2"]);
  tracker.receive("m", last, false);
  assertEquals(show(tracker.receive("m", first, false)), ["m abcdef 2"]);
});

Deno.test("MessageTracker takes a chunk without a readable range for the next one", () => {
  const tracker = new MessageTracker();
  tracker.receive("m", chunk("ab", { flag: "+", byteRange: "nonsense" }), false);
  assertEquals(show(tracker.receive("m", chunk("cd"), false)), ["m abcd 2"]);
});

Deno.test("MessageTracker lets the body's length count, not its range (RFC 4975 §7.3.1)", () => {
  const tracker = new MessageTracker();
  const short = chunk("håå", { byteRange: "1-3/3", bodyLength: 5 });
  assertEquals(tracker.receive("m", short, false)[0]?.isComplete, true);
  const stripped = chunk("<<<stripped data>>>", { byteRange: "500-1000/1000" });
  assertEquals(tracker.receive("s", stripped, false), []);
  assertEquals(tracker.receive("t", stripped, true)[0]?.isComplete, true);
});

Deno.test("MessageTracker reports what was given up, and what never ended", () => {
  const tracker = new MessageTracker();
  tracker.receive("m", chunk("abc", { flag: "+", byteRange: "1-3/9" }), false);
  assertEquals(show(tracker.receive("m", chunk("de", { flag: "#", byteRange: "4-5/9" }), false)), [
    "m abcde 2 incomplete aborted",
  ]);
  tracker.receive("n", chunk("abc", { flag: "+" }), false);
  tracker.receive("o", chunk("holes", { missing: 3 }), false);
  assertEquals(show(tracker.end()), ["n abc 1 incomplete", "o holes 1 incomplete"]);
});

Deno.test("MessageTracker lets the oldest go rather than hold more than its limits", () => {
  const many = new MessageTracker({ messages: 1 });
  many.receive("m", chunk("abc", { flag: "+" }), false);
  assertEquals(show(many.receive("n", chunk("x", { flag: "+" }), false)), ["m abc 1 incomplete"]);
  const large = new MessageTracker({ octets: 4, messageSize: 3 });
  large.receive("m", chunk("abcdef", { flag: "+" }), false);
  assertEquals(show(large.receive("n", chunk("xyz", { flag: "+" }), false)), [
    "m abc 1 incomplete",
  ]);
});
