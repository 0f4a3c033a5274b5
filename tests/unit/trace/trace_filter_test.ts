import { assertEquals } from "@std/assert";
import type { TraceObject } from "../../../lib/trace/analysis/trace_object.ts";
import { matchesFilter, type TraceFilter } from "../../../lib/trace/trace_filter.ts";
import { chunkObject, messageObject, sipObject } from "../../helpers/trace_objects.ts";

const SEND = chunkObject({ callId: "call-1" });
const RESPONSE = chunkObject({
  method: undefined,
  status: 415,
  answers: { method: "SEND", frame: 1 },
  session: 2,
});
const INVITE = sipObject();
const OK = sipObject({ method: undefined, status: 200, at: 9000 });
const MESSAGE = messageObject({ callId: "call-1" });
const DELIVERY: TraceObject = {
  type: "delivery",
  frame: 1,
  at: 1000,
  src: undefined,
  dst: undefined,
  message: MESSAGE,
  delivery: {
    outcome: "failed",
    code: 415,
    comment: undefined,
    by: "response",
    at: 1000,
    frame: 1,
  },
};
const FINDING: TraceObject = {
  type: "finding",
  id: "X",
  severity: "note",
  clause: "c",
  message: "m",
  src: "192.0.2.9:1",
};
const ALL = { SEND, RESPONSE, INVITE, OK, MESSAGE, DELIVERY, FINDING };

function shown(filter: TraceFilter): string {
  return Object.entries(ALL).filter(([name, object]) =>
    matchesFilter(object, filter, () => [`line of ${name}`])
  ).map(([name]) => name).join(" ");
}

Deno.test("matchesFilter() lets everything through without a filter", () => {
  assertEquals(shown({}), Object.keys(ALL).join(" "));
});

Deno.test("matchesFilter() filters by session and dialog", () => {
  assertEquals(shown({ session: 1 }), "SEND MESSAGE DELIVERY");
  assertEquals(shown({ session: 2 }), "RESPONSE");
  assertEquals(shown({ callId: "call-1" }), "SEND INVITE OK MESSAGE DELIVERY");
});

Deno.test("matchesFilter() filters by method, responses included, in any case", () => {
  assertEquals(shown({ method: "send" }), "SEND RESPONSE MESSAGE DELIVERY");
  assertEquals(shown({ method: "INVITE" }), "INVITE OK");
});

Deno.test("matchesFilter() filters by status and by class", () => {
  assertEquals(shown({ status: "415" }), "RESPONSE DELIVERY");
  assertEquals(shown({ status: "2xx" }), "OK");
});

Deno.test("matchesFilter() filters by time, and leaves out what has none", () => {
  assertEquals(shown({ since: 1001 }), "OK");
  assertEquals(shown({ until: 1000 }), "SEND RESPONSE INVITE MESSAGE DELIVERY");
});

Deno.test("matchesFilter() filters by peer: address, URI or name", () => {
  assertEquals(shown({ peer: "192.0.2.9" }), "FINDING");
  assertEquals(shown({ peer: "ALICE" }), "INVITE OK");
  assertEquals(shown({ peer: "2855/b" }), "SEND RESPONSE");
});

Deno.test("matchesFilter() greps lines and texts", () => {
  assertEquals(shown({ grep: /OK$/ }), "OK");
  assertEquals(shown({ grep: /^hello$/ }), "MESSAGE DELIVERY");
});

Deno.test("matchesFilter() wants all filters to match", () => {
  assertEquals(shown({ method: "SEND", status: "4xx", session: 2 }), "RESPONSE");
});
