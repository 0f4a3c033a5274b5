import { assertEquals } from "@std/assert";
import { DeliveryTracker } from "../../../../lib/trace/analysis/delivery_tracker.ts";
import type { DeliveryObject } from "../../../../lib/trace/analysis/trace_object.ts";
import { chunkObject, messageObject } from "../../../helpers/trace_objects.ts";

function show(objects: readonly DeliveryObject[]): string[] {
  return objects.map(({ message, delivery: { outcome, code, by } }) =>
    [message.messageId, outcome, code, by].filter((it) => it !== undefined).join(" ")
  );
}

const response = (status: number) => chunkObject({ method: undefined, status, frame: 9 });
const report = (reportStatus: string, byteRange?: string) =>
  chunkObject({ method: "REPORT", reportStatus, byteRange, bodyLength: undefined });

function sent(fields: Parameters<typeof chunkObject>[0] = {}): DeliveryTracker {
  const tracker = new DeliveryTracker();
  tracker.sent("m1", "t1", chunkObject(fields));
  return tracker;
}

Deno.test("DeliveryTracker calls a message accepted at its response", () => {
  const tracker = sent();
  assertEquals(show(tracker.completed("m1", messageObject())), []);
  assertEquals(show(tracker.answered("t1", response(200))), ["m1 accepted 200 response"]);
  assertEquals(show(tracker.answered("t1", response(200))), []);
  assertEquals(show(tracker.end()), []);
});

Deno.test("DeliveryTracker waits for the response to every chunk", () => {
  const tracker = sent();
  tracker.sent("m1", "t2", chunkObject());
  assertEquals(show(tracker.answered("t1", response(200))), []);
  assertEquals(show(tracker.completed("m1", messageObject())), []);
  assertEquals(show(tracker.answered("t2", response(200))), ["m1 accepted 200 response"]);
});

Deno.test("DeliveryTracker calls a message failed at its first bad response or report", () => {
  const tracker = sent({ successReport: "yes" });
  tracker.completed("m1", messageObject());
  assertEquals(show(tracker.answered("t1", response(415))), ["m1 failed 415 response"]);
  const late = sent({ successReport: "yes" });
  late.completed("m1", messageObject());
  late.answered("t1", response(200));
  assertEquals(show(late.reported("m1", report("000 413 No"))), ["m1 failed 413 report"]);
  const early = sent();
  early.answered("t1", response(403));
  assertEquals(show(early.completed("m1", messageObject())), ["m1 failed 403 response"]);
});

Deno.test("DeliveryTracker calls a message delivered when reports cover it", () => {
  const whole = sent({ successReport: "yes" });
  whole.completed("m1", messageObject());
  whole.answered("t1", response(200));
  assertEquals(show(whole.reported("m1", report("000 200 OK", "1-5/5"))), [
    "m1 delivered 200 report",
  ]);
  const parts = sent({ successReport: "yes" });
  parts.completed("m1", messageObject());
  assertEquals(show(parts.reported("m1", report("000 200 OK", "1-3/5"))), []);
  assertEquals(show(parts.reported("m1", report("000 200 OK", "4-5/5"))), [
    "m1 delivered 200 report",
  ]);
  const unread = sent({ successReport: "yes" });
  unread.completed("m1", messageObject());
  assertEquals(show(unread.reported("m1", report("nonsense"))), []);
});

Deno.test("DeliveryTracker expects nothing of a message that asks for nothing", () => {
  const tracker = sent({ failureReport: "no", successReport: "no" });
  assertEquals(show(tracker.completed("m1", messageObject())), ["m1 not-asked"]);
});

Deno.test("DeliveryTracker takes silence for success when only failures are answered", () => {
  const partial = sent({ failureReport: "partial" });
  assertEquals(show(partial.completed("m1", messageObject())), []);
  assertEquals(show(partial.end()), ["m1 not-asked"]);
  const refused = sent({ failureReport: "partial" });
  refused.completed("m1", messageObject());
  assertEquals(show(refused.answered("t1", response(403))), ["m1 failed 403 response"]);
});

Deno.test("DeliveryTracker reports a message that it had to forget as unconfirmed", () => {
  const tracker = new DeliveryTracker();
  assertEquals(show(tracker.completed("gone", messageObject())), ["m1 unconfirmed"]);
});

Deno.test("DeliveryTracker gives up after 30 seconds of the trace, or at its end", () => {
  const tracker = sent();
  tracker.completed("m1", messageObject({ at: 1000 }));
  assertEquals(show(tracker.expire(31_000)), []);
  assertEquals(show(tracker.expire(undefined)), []);
  assertEquals(show(tracker.expire(31_999)), []); // one look a second
  assertEquals(show(tracker.expire(32_000)), ["m1 unconfirmed"]);
  const answered = sent({ successReport: "yes" });
  answered.completed("m1", messageObject());
  answered.answered("t1", response(200));
  assertEquals(show(answered.end()), ["m1 accepted 200 response"]);
});

Deno.test("DeliveryTracker lets the oldest go rather than hold more than its limits", () => {
  const tracker = new DeliveryTracker({ messages: 2 });
  for (const id of ["m1", "m2"]) {
    tracker.sent(id, `t${id}`, chunkObject());
    tracker.completed(id, messageObject({ messageId: id }));
  }
  tracker.sent("m3", "t3", chunkObject());
  assertEquals(show(tracker.completed("m3", messageObject({ messageId: "m3" }))), [
    "m1 unconfirmed",
  ]);
  const heavy = new DeliveryTracker({ octets: 7 });
  heavy.sent("m1", "t1", chunkObject());
  heavy.completed("m1", messageObject());
  heavy.sent("m2", "t2", chunkObject());
  assertEquals(show(heavy.completed("m2", messageObject({ messageId: "m2" }))), ["m1 unconfirmed"]);
});
