import { assertEquals } from "@std/assert";
import { concatBytes, utf8 } from "../../../../lib/base/bytes.ts";
import { Listing } from "../../../../lib/trace/render/listing.ts";
import { responseFrame, sendFrame } from "../../../helpers/capture_files.ts";
import { chunkObject, explain, messageObject, sipObject } from "../../../helpers/trace_objects.ts";

Deno.test("Listing tells a stream without times or addresses", () => {
  const octets = concatBytes(sendFrame("aaaa", "hello"), responseFrame("aaaa", "415 No"));
  const listing = new Listing();
  assertEquals(explain(octets).flatMap((it) => listing.lines(it)), [
    "    1  MSRP SEND aaaa  1-5/5  $  text/plain  5 octets  id m1  session 1",
    '       └ message m1: text/plain  5 octets  "hello"',
    "    2  MSRP 415 No aaaa (answers SEND of 1)",
    "       └ message m1 failed (415 No)",
  ]);
});

Deno.test("Listing names the date where it changes, and the input where there are several", () => {
  const listing = new Listing();
  const day = 86_400_000;
  const lines = [0, 1000, day, undefined].flatMap((at) => listing.lines(sipObject({ at }), 2));
  assertEquals(lines.filter((it) => it.endsWith("(UTC)")), [
    "1970-01-01 (UTC)",
    "1970-01-02 (UTC)",
  ]);
  assertEquals(lines[1]?.startsWith("  2:1  00:00:00.000000  192.0.2.1:40000 → "), true);
});

Deno.test("Listing shows SIP with its media", () => {
  const media = {
    port: 40000,
    transport: "TCP/MSRP",
    path: ["msrp://a:1/b;tcp"],
    setup: "active",
    acceptTypes: [],
    isRefused: false,
  };
  const sip = sipObject({
    at: undefined,
    media: [media, { ...media, isRefused: true }],
    isFocus: true,
  });
  const [first = "", ...rest] = new Listing().lines(sip);
  assertEquals(first.endsWith("SIP/UDP INVITE sip:bob@example.com  call call-1  isfocus"), true);
  assertEquals(rest, [
    "       └ media: TCP/MSRP port 40000  setup active  path msrp://a:1/b;tcp",
    "       └ media: refused (port 0)",
  ]);
});

Deno.test("Listing says what is truncated, missing, incomplete or given up", () => {
  const listing = new Listing();
  const [cut = ""] = listing.lines(
    chunkObject({ at: undefined, flag: undefined, isTruncated: true, missing: 3 }),
  );
  assertEquals(cut.includes("truncated") && cut.includes("3 octets missing"), true);
  const [incomplete] = listing.lines(messageObject({ isComplete: false, chunks: 2 }));
  assertEquals(
    incomplete,
    '       └ message m1: text/plain  5 octets in 2 chunks  incomplete  "hello"',
  );
  const [aborted = ""] = listing.lines(messageObject({ isComplete: false, isAborted: true }));
  assertEquals(aborted.includes("given up by its sender"), true);
});

Deno.test("Listing lets nothing of the peer's reach the terminal (CVE-2012-2369)", () => {
  const hostile = "\x1b]0;owned\x07\x9b2J\r\n\u202eevil<script>";
  const cpim = { from: hostile, to: [hostile], dateTime: hostile };
  const nowhere = { frame: 1, at: undefined, src: { host: hostile, port: 1 }, dst: undefined };
  const delivery = {
    outcome: "failed",
    code: 400,
    comment: hostile,
    by: "response",
    at: undefined,
    frame: undefined,
  } as const;
  const message = messageObject({
    messageId: hostile,
    contentType: hostile,
    wrappedType: hostile,
    composing: hostile,
    text: hostile,
    cpim,
  });
  const listing = new Listing();
  const lines = [
    chunkObject({
      ...nowhere,
      transactionId: hostile,
      method: hostile,
      messageId: hostile,
      byteRange: hostile,
      contentType: hostile,
      successReport: hostile,
      failureReport: hostile,
      reportStatus: hostile,
    }),
    chunkObject({ method: undefined, status: 200, comment: hostile, transactionId: hostile }),
    sipObject({ method: hostile, requestUri: hostile, callId: hostile, contentType: hostile }),
    sipObject({ method: undefined, status: 200, reason: hostile, cseq: hostile, bodyLength: 1 }),
    message,
    { type: "delivery", ...nowhere, message, delivery } as const,
    { type: "finding", id: hostile, severity: "note", clause: "c", message: hostile } as const,
    {
      type: "otr",
      ...nowhere,
      messageId: hostile,
      session: 1,
      callId: hostile,
      kind: "error",
      version: undefined,
      senderInstance: undefined,
      receiverInstance: undefined,
      details: { text: hostile },
      state: "plaintext",
    } as const,
  ].flatMap((it) => listing.lines(it));
  for (const line of lines) {
    // deno-lint-ignore no-control-regex
    assertEquals(/[\u0000-\u001f\u007f-\u009f\u202e]/.test(line), false, JSON.stringify(line));
  }
});

Deno.test("Listing cuts a long text and paints what it is told to", () => {
  const listing = new Listing({ textLength: 3, paint: (style, text) => `<${style}>${text}</>` });
  const [line] = listing.lines(messageObject());
  assertEquals(line, '       └ <detail>message m1: text/plain  5 octets  "hel…"</>');
});

Deno.test("Listing keeps quiet of what the lines before have said", () => {
  const octets = concatBytes(sendFrame("aaaa", "hello"), responseFrame("aaaa"), utf8("\r\n"));
  const listing = new Listing();
  const shown = explain(octets).map((it) => [it.type, listing.lines(it).length]);
  assertEquals(shown, [["chunk", 1], ["message", 1], ["chunk", 1], ["delivery", 0]]);
});

Deno.test("Listing says in one line what can be told of an OTR message", () => {
  const otr = {
    type: "otr",
    frame: 1,
    at: undefined,
    src: undefined,
    dst: undefined,
    messageId: "m1",
    session: 1,
    callId: undefined,
    kind: "data",
    version: 3,
    senderInstance: "00000100",
    receiverInstance: "00000200",
    details: {
      flags: 1,
      ignoreUnreadable: true,
      senderKeyId: 2,
      counter: "0000000000000001",
      revealedMacKeys: 0,
    },
    state: "encrypted",
  } as const;
  assertEquals(new Listing().lines(otr), [
    "       └ OTR v3 data  00000100 → 00000200  ignore unreadable  sender key id 2  " +
    "counter 0000000000000001  now encrypted",
  ]);
  const query = { ...otr, kind: "query", version: undefined, senderInstance: undefined };
  assertEquals(
    new Listing().lines({ ...query, details: { versions: ["2", "3"] }, state: "offered" }),
    [
      "       └ OTR query  versions 2,3  now offered",
    ],
  );
  const [armoured] = new Listing().lines(messageObject({ text: `?OTR:${"A".repeat(500)}.` }));
  assertEquals(armoured, '       └ message m1: text/plain  5 octets  "?OTR:AAAAAAAAAAA…"');
});
