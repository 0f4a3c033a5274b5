/**
 * Every frame of every recorded capture and log is shown. The numbers were counted in the TCP
 * payloads themselves (start lines and end-lines by another program), not with this code.
 */
import { assertEquals } from "@std/assert";
import type { TraceObject } from "../../../lib/trace/mod.ts";
import { explain, ofType } from "../../helpers/trace_objects.ts";

const FOLDER = new URL("../../../fixtures/captures/", import.meta.url);

function dump(name: string): TraceObject[] {
  return explain(Deno.readFileSync(new URL(name, FOLDER)));
}

interface Counted {
  readonly requests: number;
  readonly responses: number;
  readonly sip: number;
  readonly messages: number;
  readonly truncated?: number;
}

const COUNTED: Record<string, Counted> = {
  "direct-msrp-udp-sip.pcapng": { requests: 6, responses: 5, sip: 22, messages: 3 },
  "relay-kamailio.pcapng": { requests: 12, responses: 9, sip: 16, messages: 3 },
  "sipp-uac-uas-u1.pcapng": { requests: 0, responses: 0, sip: 19, messages: 0 },
  "pipelined.pcap": { requests: 3, responses: 0, sip: 0, messages: 3 },
  "split.pcap": { requests: 2, responses: 0, sip: 0, messages: 2 },
  "logs/msrp_trace.blink-qt.txt": { requests: 1, responses: 1, sip: 0, messages: 1 },
  "logs/msrp_trace.sipclients-or-blink-cocoa.txt": {
    requests: 1,
    responses: 1,
    sip: 0,
    messages: 1,
  },
  "logs/sip_trace.blink-qt.txt": { requests: 0, responses: 0, sip: 2, messages: 0 },
  "logs/sip_trace.sipclients-or-blink-cocoa.txt": {
    requests: 0,
    responses: 0,
    sip: 2,
    messages: 0,
  },
};

Deno.test("captures: the table names every file that can be dumped", () => {
  const names = ["", "logs/"].flatMap((folder) =>
    [...Deno.readDirSync(new URL(folder, FOLDER))]
      .filter((it) => it.isFile && /\.(pcap|pcapng|txt)$/.test(it.name))
      .map((it) => `${folder}${it.name}`)
  );
  assertEquals(names.sort(), Object.keys(COUNTED).sort());
});

for (const [name, counted] of Object.entries(COUNTED)) {
  Deno.test(`captures: ${name} shows every frame and nothing is wrong with it`, () => {
    const objects = dump(name);
    const chunks = ofType(objects, "chunk");
    assertEquals(chunks.filter((it) => it.method !== undefined).length, counted.requests);
    assertEquals(chunks.filter((it) => it.status !== undefined).length, counted.responses);
    assertEquals(ofType(objects, "sip").length, counted.sip);
    const messages = ofType(objects, "message");
    assertEquals(messages.length, counted.messages);
    assertEquals(messages.every((it) => it.isComplete), true);
    assertEquals(ofType(objects, "finding"), []);
  });
}

Deno.test("MSRP-016 pipelined.pcap: three frames in one segment are three chunks", () => {
  const chunks = ofType(dump("pipelined.pcap"), "chunk");
  assertEquals(chunks.map((it) => it.transactionId), ["p001", "p002", "p003"]);
  assertEquals(chunks.map((it) => it.frame), [4, 4, 4]);
  const texts = ofType(dump("pipelined.pcap"), "message").map((it) => it.text);
  assertEquals(texts, ["one", "two", "three"]);
});

Deno.test("MSRP-016 split.pcap: a frame cut anywhere, its end-line included, is one chunk", () => {
  const [first, second] = ofType(dump("split.pcap"), "chunk");
  assertEquals([first?.transactionId, first?.frame, first?.lastFrame], ["q001", 4, 6]);
  assertEquals([second?.transactionId, second?.frame, second?.lastFrame], ["q002", 7, undefined]);
  const texts = ofType(dump("split.pcap"), "message").map((it) => it.text);
  assertEquals(texts, ["split body here", "after"]);
});

Deno.test("captures: what became of each message of the direct session", () => {
  const deliveries = ofType(dump("direct-msrp-udp-sip.pcapng"), "delivery");
  assertEquals(
    deliveries.map(({ message, delivery }) => [message.messageId, delivery.outcome, delivery.code]),
    [["m1", "delivered", 200], ["m2", "accepted", 200], ["m3", "failed", 415]],
  );
  const chunked = ofType(dump("direct-msrp-udp-sip.pcapng"), "message")[1];
  assertEquals([chunked?.chunks, chunked?.text], [2, "01234567890123456789"]);
});

Deno.test("captures: the session is tied to the call that announced it", () => {
  const chunks = ofType(dump("direct-msrp-udp-sip.pcapng"), "chunk");
  assertEquals(new Set(chunks.map((it) => it.callId)), new Set(["DhpF1Lktjp"]));
  assertEquals(new Set(chunks.map((it) => it.session)), new Set([1]));
});

Deno.test("captures: AUTH at a relay belongs to no session, SEND through it does", () => {
  const chunks = ofType(dump("relay-kamailio.pcapng"), "chunk");
  const auth = chunks.filter((it) => it.method === "AUTH");
  assertEquals([auth.length, auth.every((it) => it.session === undefined)], [6, true]);
  const sends = chunks.filter((it) => it.method === "SEND");
  assertEquals(sends.map((it) => it.session), [1, 1, 1]);
  assertEquals(chunks.filter((it) => it.status === 401).length, 4);
});

Deno.test("captures: the query in the logs is an OTR offer inside CPIM", () => {
  for (const name of ["msrp_trace.blink-qt.txt", "msrp_trace.sipclients-or-blink-cocoa.txt"]) {
    const objects = dump(`logs/${name}`);
    const [otr] = ofType(objects, "otr");
    assertEquals([otr?.kind, otr?.details["versions"], otr?.state], ["query", ["3"], "offered"]);
    const [message] = ofType(objects, "message");
    assertEquals(message?.cpim?.from, "Alice <sip:alice@example.com>");
    assertEquals(message?.wrappedType, "text/plain");
  }
});
