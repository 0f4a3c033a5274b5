/** What is true of every input: no octets make the dump throw, speak in tongues or grow without end. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { concatBytes, equalBytes, utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import type { WireRecord } from "../../../lib/base/wire_tap.ts";
import {
  type Arrival,
  JsonlWriter,
  Listing,
  PcapngWriter,
  summaryJson,
  summaryLines,
  toJsonLine,
  TraceAnalysis,
  TraceInput,
  TraceStatistics,
} from "../../../lib/trace/mod.ts";
import { TcpReassembler } from "../../../lib/trace/capture/tcp_reassembly.ts";
import type { TcpSegment } from "../../../lib/trace/capture/tcp_segment.ts";
import {
  enhancedPacket,
  interfaceBlock,
  pcapFile,
  sectionHeader,
  sendFrame,
} from "../../helpers/capture_files.ts";

const FOLDER = new URL("../../../fixtures/captures/", import.meta.url);
const NAMES = [
  "direct-msrp-udp-sip.pcapng",
  "relay-kamailio.pcapng",
  "pipelined.pcap",
  "split.pcap",
  "logs/msrp_trace.blink-qt.txt",
  "logs/sip_trace.sipclients-or-blink-cocoa.txt",
];
const CORPUS = NAMES.map((it) => Deno.readFileSync(new URL(it, FOLDER)));

/** Everything that is said of `pieces`, as text; throws only what the caller is promised. */
function tell(pieces: readonly Uint8Array[]): string[] {
  const input = new TraceInput({ recordSize: 1 << 20 });
  const analysis = new TraceAnalysis();
  const statistics = new TraceStatistics();
  const listing = new Listing();
  const lines: string[] = [];
  const say = (arrivals: readonly Arrival[]): void => {
    for (const object of arrivals.flatMap((it) => analysis.receive(it))) {
      statistics.receive(object);
      lines.push(...listing.lines(object), toJsonLine(object) ?? "");
    }
  };
  try {
    for (const piece of pieces) say(input.feed(piece));
    say(input.end());
  } catch (error) {
    if (error instanceof SottoError && error.code === "trace/unknown-format") return ["unknown"];
    throw error;
  }
  for (const object of analysis.end()) {
    lines.push(...listing.lines(object), toJsonLine(object) ?? "");
  }
  const parts = { format: input.format, statistics, overview: analysis.overview() };
  return [...lines, ...summaryLines(parts), summaryJson(parts)];
}

/** Nothing in `lines` that a terminal would obey. */
function assertHarmless(lines: readonly string[]): void {
  for (const line of lines) {
    // deno-lint-ignore no-control-regex
    assert(!/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(line), line);
  }
}

/** Octets with some changed, some cut out and some put in. */
const mutated = fc.tuple(
  fc.integer({ min: 0, max: CORPUS.length - 1 }),
  fc.array(
    fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      fc.integer({ min: 0, max: 12 }),
      fc.uint8Array({ maxLength: 12 }),
    ),
    { minLength: 1, maxLength: 12 },
  ),
).map(([index, changes]) => {
  let octets: Uint8Array = CORPUS[index] ?? new Uint8Array();
  for (const [where, gone, put] of changes) {
    const at = Math.floor(where * octets.length);
    octets = concatBytes(octets.subarray(0, at), put, octets.subarray(at + gone));
  }
  return octets;
});

Deno.test("any octets behind any magic number give objects or findings, never an exception", () => {
  const heads = [
    new Uint8Array(),
    pcapFile([]),
    pcapFile([], { isLittleEndian: false, isNano: true, linkType: 1 }),
    concatBytes(sectionHeader(), interfaceBlock(1)),
    utf8("MSRP abcd SEND\r\n"),
    utf8("2026-02-03 10:11:12: 192.0.2.1:1 --> 192.0.2.2:2\nMSRP abcd SEND\r\n"),
    utf8(
      "2026-02-03 10:11:12: SENDING: Packet 1, +0:00:00\n1.2.3.4:1 -(SIP over UDP)-> 1.2.3.4:2\n",
    ),
    utf8('{"v":1,"type":"trace"}\n'),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 600 }), (head, rest) => {
      assertHarmless(tell([head, rest]));
    }),
    { numRuns: 800 },
  );
});

Deno.test("any octets in packets of every link type are survived", () => {
  const link = fc.constantFrom(0, 1, 12, 101, 108, 113, 228, 276, 999);
  const packets = fc.array(fc.uint8Array({ maxLength: 120 }), { maxLength: 8 });
  fc.assert(
    fc.property(link, packets, (linkType, datas) => {
      const blocks = datas.map((it, at) => enhancedPacket(it, at));
      assertHarmless(tell([concatBytes(sectionHeader(), interfaceBlock(linkType), ...blocks)]));
    }),
    { numRuns: 500 },
  );
});

Deno.test("recorded inputs with octets changed, cut out and put in are survived", () => {
  fc.assert(
    fc.property(mutated, (octets) => {
      assertHarmless(tell([octets]));
    }),
    { numRuns: 400 },
  );
});

Deno.test("the same octets in any pieces are told in the same words", () => {
  const whole = CORPUS.map((it) => tell([it]));
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: CORPUS.length - 1 }), cuts, (index, places) => {
      const octets = CORPUS[index] ?? new Uint8Array();
      const ends = [...places.map((it) => Math.floor(it * octets.length)), octets.length];
      let from = 0;
      const pieces = ends.sort((a, b) => a - b).map((end) => octets.subarray(from, from = end));
      assertEquals(tell(pieces), whole[index]);
    }),
    { numRuns: 150 },
  );
});

/** One piece of a stream, as a capture may show it. */
const pieces = fc.array(
  fc.record({
    start: fc.nat({ max: 400 }),
    length: fc.integer({ min: 1, max: 60 }),
    order: fc.nat({ max: 1000 }),
  }),
  { minLength: 1, maxLength: 40 },
);

function segmentOf(isn: number, start: number, payload: Uint8Array): TcpSegment {
  return {
    src: "192.0.2.1",
    srcPort: 1,
    dst: "192.0.2.2",
    dstPort: 2,
    sequence: (isn + 1 + start) >>> 0,
    acknowledgement: 0,
    isSyn: false,
    isAck: false,
    isFin: false,
    isRst: false,
    payload,
    payloadLength: payload.length,
  };
}

Deno.test("TCP segments in any order, repeated and overlapping, give the stream, and its holes by name", () => {
  const stream = Uint8Array.from({ length: 460 }, (_, at) => at % 251);
  fc.assert(
    fc.property(pieces, fc.integer({ min: 0, max: 0xffff_ffff }), (sent, isn) => {
      const tcp = new TcpReassembler();
      const nothing = new Uint8Array();
      const syn = { ...segmentOf(isn, -1, nothing), isSyn: true };
      const arrivals = [
        ...tcp.receive(syn, 0, 0),
        ...sent.toSorted((a, b) => a.order - b.order).flatMap(({ start, length }) =>
          tcp.receive(segmentOf(isn, start, stream.subarray(start, start + length)), 1, 1)
        ),
        ...tcp.end(),
      ];
      const isSent = stream.map((_, at) =>
        sent.some((it) => at >= it.start && at < it.start + it.length) ? 1 : 0
      );
      let position = 0;
      for (const arrival of arrivals) {
        if (arrival.type === "octets") {
          const wanted = stream.subarray(position, position + arrival.data.length);
          assert(equalBytes(arrival.data, wanted));
          position += arrival.data.length;
        } else if (arrival.type === "gap") {
          const hole = isSent.subarray(position, position + arrival.octets);
          assert(hole.every((it) => it === 0));
          position += arrival.octets;
        }
      }
      assertEquals(position, isSent.lastIndexOf(1) + 1);
    }),
    { numRuns: 1000 },
  );
});

const end = fc.record({
  host: fc.constantFrom("192.0.2.1", "::1", "2001:db8::7", "::ffff:192.0.2.9", "name.invalid"),
  port: fc.integer({ min: 0, max: 65_535 }),
});
const record: fc.Arbitrary<WireRecord> = fc.record({
  at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  direction: fc.constantFrom("in", "out"),
  protocol: fc.constantFrom("sip", "msrp"),
  transport: fc.constantFrom("udp", "tcp", "tls"),
  local: end,
  remote: end,
  data: fc.uint8Array({ minLength: 1, maxLength: 300 }),
});

Deno.test("both trace writers are read back octet by octet", () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 12 }), (records) => {
      for (const writer of [new PcapngWriter(), new JsonlWriter()]) {
        const file = concatBytes(
          writer.start(),
          ...records.map((it) => writer.record(it)),
          writer.end(),
        );
        const input = new TraceInput();
        const arrivals = [...input.feed(file), ...input.end()];
        const data = arrivals.flatMap((it) =>
          it.type === "octets" || it.type === "datagram" ? [it.data] : []
        );
        assert(equalBytes(concatBytes(...data), concatBytes(...records.map((it) => it.data))));
        assertEquals(arrivals.filter((it) => it.type === "finding" || it.type === "gap"), []);
      }
    }),
    { numRuns: 200 },
  );
});

/** Feeds one thing over and over, and answers with how much the heap grew at most. */
function growthWhile(feed: (input: TraceInput, count: number) => Arrival[], times: number): number {
  const input = new TraceInput();
  const analysis = new TraceAnalysis();
  const before = Deno.memoryUsage().heapUsed + Deno.memoryUsage().external;
  let most = 0;
  for (let count = 0; count < times; count++) {
    for (const arrival of feed(input, count)) analysis.receive(arrival);
    if (count % 64 === 0) {
      const { heapUsed, external } = Deno.memoryUsage();
      most = Math.max(most, heapUsed + external - before);
    }
  }
  return most;
}

const MEBIBYTE = 1 << 20;

Deno.test("a body that never ends, junk without line ends and a log without records stay small", () => {
  const block = new Uint8Array(MEBIBYTE).fill(0x78);
  const heads = {
    "a body that never ends": sendFrame("abcd", "x").subarray(0, -14),
    "junk after a start line": utf8("MSRP abcd SEND\r\n"),
    "a log line that never ends": utf8("2026-02-03 10:11:12: x"),
    "a JSON line that never ends": utf8('{"v":1,"type":"trace"}\n'),
  };
  for (const [name, head] of Object.entries(heads)) {
    const growth = growthWhile((input, count) => input.feed(count === 0 ? head : block), 400);
    assert(growth < 250 * MEBIBYTE, `${name}: the heap grew by ${growth / MEBIBYTE} MiB`);
  }
});

Deno.test("a message of 200 000 tiny chunks stays small", () => {
  const chunk = (count: number, at: number) =>
    utf8(
      `MSRP t${count}x${at} SEND\r\nTo-Path: msrp://a:1/b;tcp\r\nFrom-Path: msrp://c:2/d;tcp\r\n` +
        `Message-ID: m\r\nByte-Range: ${
          1000 * count + at + 1
        }-*/*\r\nContent-Type: text/plain\r\n\r\n` +
        `x\r\n-------t${count}x${at}+\r\n`,
    );
  const growth = growthWhile(
    (input, count) =>
      input.feed(concatBytes(...Array.from({ length: 1000 }, (_, at) => chunk(count, at)))),
    200,
  );
  assert(growth < 250 * MEBIBYTE, `the heap grew by ${growth / MEBIBYTE} MiB`);
});
