/** Whatever a peer sends: events or a peer error, never an exception, never more memory than stated. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { fromLatin1 } from "../../../lib/base/ascii.ts";
import { concatBytes } from "../../../lib/base/bytes.ts";
import { ChunkParser, type ChunkParserEvent } from "../../../lib/msrp/mod.ts";
import { frame, MsrpBench, OURS, sendFrame, SESSION, THEIRS } from "../../helpers/msrp_peer.ts";

/** Text that comes near to MSRP. */
const nearly = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        "MSRP tid12345 SEND\r\n",
        "MSRP tid12345 REPORT\r\n",
        "MSRP tid12345 200 OK\r\n",
        "MSRP abcd 413\r\n",
        `To-Path: ${OURS}\r\n`,
        `From-Path: ${THEIRS}\r\n`,
        "Message-ID: msg45678\r\n",
        "Byte-Range: 1-*/*\r\n",
        "Byte-Range: 5-8/1000000000\r\n",
        "Byte-Range: 999999999999999-*/*\r\n",
        "Success-Report: yes\r\n",
        "Failure-Report: partial\r\n",
        "Status: 000 200 OK\r\n",
        "Content-Type: text/plain\r\n",
        "\r\n",
        "-------tid12345$\r\n",
        "-------tid12345+\r\n",
        "-------abcd#\r\n",
        "body",
      ),
    },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ maxLength: 20 }).map((it) => String.fromCharCode(...it)),
    },
  ),
  { maxLength: 40 },
).map((parts) => fromLatin1(parts.join("")));

const anything = fc.oneof(
  nearly,
  fc.uint8Array({ maxLength: 400 }),
  // An honest stream with one octet spoiled.
  fc.tuple(fc.nat(), fc.nat(255)).map(([at, octet]) => {
    const bytes = fromLatin1(
      sendFrame("hello", { range: "1-*/9", flag: "+" }) +
        sendFrame("worl", { range: "6-9/9" }) + frame("200 OK", { transactionId: "abcd" }),
    );
    bytes[at % bytes.length] = octet;
    return bytes;
  }),
);

/** Events with the pieces of a body joined: the same for every cut. */
function normalized(events: readonly ChunkParserEvent[]): unknown[] {
  const joined: unknown[] = [];
  let data: Uint8Array[] = [];
  const flush = (): void => {
    if (data.length > 0) joined.push(concatBytes(...data));
    data = [];
  };
  for (const event of events) {
    if (event.type === "chunk-data") data.push(event.bytes);
    else {
      flush();
      joined.push(event.type === "parse-error" ? event.error.code : event);
    }
  }
  flush();
  return joined;
}

Deno.test("ChunkParser takes any octets, and says the same however they are cut", () => {
  fc.assert(
    fc.property(anything, fc.nat(), fc.boolean(), (bytes, at, resynchronize) => {
      const whole = new ChunkParser({ resynchronize });
      const expected = normalized([...whole.feed(bytes), ...whole.end()]);
      const place = at % (bytes.length + 1);
      const halves = new ChunkParser({ resynchronize });
      const events = [
        ...halves.feed(bytes.subarray(0, place)),
        ...halves.feed(bytes.subarray(place)),
        ...halves.end(),
      ];
      // A body that a fault cuts off may have been handed on in part before the fault.
      if (!resynchronize) assertEquals(normalized(events), expected);
      const single = new ChunkParser({ resynchronize });
      for (const octet of bytes) single.feed(Uint8Array.of(octet));
      single.end();
    }),
    { numRuns: 500 },
  );
});

Deno.test("MsrpConnection takes any octets at any moment", () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 4 }), fc.boolean(), (inputs, isSending) => {
      const bench = MsrpBench.bound();
      if (isSending) bench.send(new Uint8Array(100_000), { successReport: true });
      for (const input of inputs) {
        bench.receive(input);
        bench.wait(1_000);
      }
      bench.wait(400_000);
      bench.act(bench.core.receiveEnd(bench.now));
      assertEquals(bench.takeEvents().at(-1)?.type, "connection-closed");
    }),
    { numRuns: 500 },
  );
});

/** Octets that the heap, and the buffers beside it, hold. */
function memory(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

Deno.test("MsrpConnection allocates what came, not what was announced (RFC 4975 §14.5)", () => {
  const before = memory();
  for (let count = 0; count < 16; count++) {
    const bench = MsrpBench.bound({ maxSize: 2 ** 31 }, { limits: { messageLength: 2 ** 31 } });
    for (let at = 0; at < 16; at++) {
      const range = `${2 ** 30}-*/${2 ** 30 + 9}`;
      bench.receive(sendFrame("x", { id: `big${at}000`, range, flag: "+" }));
    }
    assertEquals(bench.codes().length, 16);
  }
  assert(memory() - before < 64 * 2 ** 20, `${memory() - before} octets`);
});

Deno.test("MsrpConnection bounds a message of endless tiny chunks", () => {
  const bench = MsrpBench.bound({ maxSize: 2 ** 40 }, { limits: { messageLength: 2 ** 40 } });
  const codes = new Map<number, number>();
  // Every second octet only: each chunk is a stretch of its own.
  for (let at = 0; at < 3_000; at++) {
    bench.receive(sendFrame("x", { range: `${2 * at + 1}-*/*`, flag: "+" }));
    for (const code of bench.codes()) codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  assertEquals([codes.get(200), codes.get(413)], [1_024, 1_976]);
  const inOrder = MsrpBench.bound({}, { limits: { chunkCount: 1_000 } });
  for (let at = 0; at < 1_500; at++) {
    inOrder.receive(sendFrame("x", { range: `${at + 1}-*/*`, flag: "+" }));
  }
  assertEquals(inOrder.codes().filter((it) => it === 200).length, 1_000);
});

Deno.test("MsrpConnection puts ten million octets together that come last part first", () => {
  // Nothing is copied twice on the way: joining at every chunk would take minutes.
  const limits = { chunkCount: 2_000, stretchCount: 2_000 };
  const bench = MsrpBench.bound({}, { limits });
  const count = 1_999;
  const piece = "y".repeat(5_000);
  for (let at = count - 1; at >= 0; at--) {
    const flag = at === count - 1 ? "$" : "+";
    bench.receive(sendFrame(piece, { range: `${at * 5_000 + 1}-*/*`, flag }));
    bench.transmitted.length = 0;
  }
  const [event] = bench.takeEvents();
  assertEquals(event?.type === "message-received" && event.body.length, count * 5_000);
});

Deno.test("MsrpConnection bounds partial messages, and what is remembered of all others", () => {
  const bench = MsrpBench.bound({}, { limits: { partialMessages: 3, rememberedMessages: 10 } });
  for (let at = 0; at < 5; at++) {
    bench.receive(sendFrame("x", { id: `part${at}000`, range: "1-*/9", flag: "+" }));
  }
  assertEquals(bench.codes(), [200, 200, 200, 413, 413]);
  for (let at = 0; at < 50; at++) bench.receive(sendFrame("x", { id: `full${at}000` }));
  bench.takeEvents();
  bench.receive(sendFrame("x", { id: "full49000" }) + sendFrame("x", { id: "full1000" }));
  const repeats = bench.takeEvents().flatMap((it) =>
    it.type === "message-received" ? [it.isRepeat] : []
  );
  assertEquals(repeats, [true, false], "the oldest are forgotten");
});

Deno.test("MsrpConnection refuses paths that go in circles", () => {
  const bench = MsrpBench.bound();
  bench.receive(sendFrame("x", { to: Array.from({ length: 12 }, () => OURS).join(" ") }));
  bench.receive(sendFrame("x", { to: Array.from({ length: 100 }, () => OURS).join(" ") }));
  bench.receive(sendFrame("x", { from: Array.from({ length: 100 }, () => THEIRS).join(" ") }));
  assertEquals(bench.codes(), [481], "the others have nobody to answer, or nobody who answers");
  assertEquals(bench.eventTypes(), ["peer-error", "peer-error", "peer-error"]);
});

Deno.test("MsrpConnection takes 1-*/N with a short body for what it is", () => {
  const bench = MsrpBench.bound();
  bench.receive(sendFrame("short", { range: "1-*/100000" }));
  assertEquals(bench.messages(), ["short"]);
  bench.receive(sendFrame("short", { id: "cut45678", range: "1-*/100000", flag: "+" }));
  assertEquals(bench.eventTypes(), []);
  assertEquals(bench.core.sessions, [SESSION]);
});

Deno.test("ChunkParser does not hold more than a head, or an end-line, whatever comes", () => {
  const before = memory();
  const parser = new ChunkParser();
  parser.feed(fromLatin1(sendFrame("").split("\r\n\r\n\r\n")[0] + "\r\n\r\n"));
  const megabyte = new Uint8Array(2 ** 20).fill(0x2d);
  let seen = 0;
  for (let count = 0; count < 200; count++) {
    for (const event of parser.feed(megabyte)) {
      if (event.type === "chunk-data") seen += event.bytes.length;
    }
  }
  assert(seen > 199 * 2 ** 20);
  assert(memory() - before < 64 * 2 ** 20, `${memory() - before} octets`);
  const lines = new ChunkParser();
  const fault = lines.feed(fromLatin1(`MSRP abcd SEND\r\n${"X".repeat(100_000)}`)).at(-1);
  assertEquals(fault?.type === "parse-error" && fault.error.code, "msrp/head-too-long");
});
