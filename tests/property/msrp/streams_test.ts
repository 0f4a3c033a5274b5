/** What holds for every message that is streamed: the same octets as a whole, in any order, of any size. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { concatBytes } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import { headerValue, parseByteRange } from "../../../lib/msrp/mod.ts";
import { MessageAssembler } from "../../../lib/msrp/message_assembler.ts";
import { StreamAssembler } from "../../../lib/msrp/stream_assembler.ts";
import { MsrpBench, SESSION } from "../../helpers/msrp_peer.ts";

const ABOUT = { messageId: "m", contentType: "a/b", headers: [] };

/** Chunks as a peer may send them: anywhere, of any length, the last flag anywhere. */
const chunks = fc.array(
  fc.record({
    start: fc.integer({ min: 1, max: 60 }),
    octets: fc.uint8Array({ maxLength: 20 }),
    flag: fc.constantFrom("+", "+", "+", "$", "#"),
  }),
  { maxLength: 30 },
);

Deno.test("StreamAssembler finds whole what MessageAssembler finds whole, with the same octets", () => {
  fc.assert(fc.property(chunks, (all) => {
    const whole = new MessageAssembler();
    const streamed = new StreamAssembler();
    let octets = new Uint8Array(100);
    for (const { start, octets: bytes, flag } of all) {
      whole.beginChunk(ABOUT, start, undefined, 0);
      whole.addData(bytes);
      if (streamed.beginChunk(ABOUT, start, undefined, 0) !== undefined) {
        octets = new Uint8Array(100);
      }
      const piece = streamed.addData(bytes);
      if (piece !== undefined) octets.set(piece.bytes, piece.position);
      const expected = whole.endChunk(flag as "+", 0);
      const found = streamed.endChunk(flag as "+", 0);
      assertEquals(found.type === "ended" ? "complete" : found.type, expected.type);
      if (found.type === "ended" && expected.type === "complete") {
        assertEquals(octets.subarray(0, found.length), expected.body);
        assertEquals(found.message.received, expected.message.received);
      }
    }
  }));
});

Deno.test("a streamed body leaves as it is, whatever its size, its start and the size of the chunks", () => {
  fc.assert(fc.property(
    fc.record({
      length: fc.integer({ min: 0, max: 30_000 }),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      chunkSize: fc.integer({ min: 1_000, max: 9_000 }),
      window: fc.integer({ min: 1_000, max: 20_000 }),
      answersLate: fc.boolean(),
    }),
    ({ length, from, chunkSize, window, answersLate }) => {
      const body = Uint8Array.from({ length }, (_, at) => at * 31 & 0xff);
      const start = Math.floor(from * length);
      const bench = MsrpBench.bound({ chunkSize }, { limits: { unansweredLength: window } });
      const id = bench.send("", { body: { length, start } });
      const left: Uint8Array[] = [];
      let next = start + 1;
      for (let turns = 0; !bench.events.some((it) => it.type === "message-sent"); turns++) {
        assert(turns < 1_000, "it never ends");
        const at = bench.events.findIndex((it) => it.type === "octets-wanted");
        const wanted = at < 0 ? undefined : bench.events.splice(at, 1)[0];
        if (wanted?.type === "octets-wanted") {
          const piece = body.slice(wanted.position, wanted.position + wanted.length);
          bench.act(bench.core.supply(SESSION, id, piece, bench.now));
        }
        if (wanted !== undefined && answersLate) continue;
        for (const frame of bench.frames()) {
          const range = parseByteRange(headerValue(frame.headers, "Byte-Range") ?? "");
          assertEquals([range.start, range.total], [next, length]);
          next += frame.body?.length ?? 0;
          left.push(frame.body ?? new Uint8Array());
          bench.answer(frame);
        }
      }
      assertEquals(concatBytes(...left), body.slice(start));
    },
  ));
});

Deno.test("StreamAssembler answers anything with a result or a PeerError, within its limits", () => {
  const wild = fc.array(
    fc.record({
      id: fc.constantFrom("a", "b", "c", "d"),
      start: fc.integer({ min: 1, max: 2 ** 50 }),
      total: fc.option(fc.integer({ min: 0, max: 2 ** 50 }), { nil: undefined }),
      length: fc.integer({ min: 0, max: 50 }),
      flag: fc.constantFrom("+", "$", "#"),
    }),
    { maxLength: 50 },
  );
  fc.assert(fc.property(wild, (all) => {
    const it = new StreamAssembler({ stretchCount: 5, partialMessages: 3, chunkCount: 20 }, 7);
    for (const { id, start, total, length, flag } of all) {
      try {
        it.beginChunk({ ...ABOUT, messageId: id }, start, total, 0);
        it.addData(new Uint8Array(length));
        const result = it.endChunk(flag as "+", 0);
        if (result.type === "ended") assert(result.length <= result.message.received);
      } catch (error) {
        assert(error instanceof PeerError);
        it.drop(id);
      }
    }
  }));
});
