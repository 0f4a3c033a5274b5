/** What is true of every frame and every message: it survives being written, cut up and read. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { concatBytes } from "../../../lib/base/bytes.ts";
import {
  type Chunk,
  ChunkParser,
  type ContinuationFlag,
  msrpUrisMatch,
  parseByteRange,
  parseMsrpUri,
  parseNickname,
  parseStatus,
  writeByteRange,
  writeChunk,
  writeMsrpUri,
  writeNickname,
  writeStatus,
} from "../../../lib/msrp/mod.ts";
import { MessageAssembler } from "../../../lib/msrp/message_assembler.ts";
import { collectFrames, MsrpBench, sessionConfig } from "../../helpers/msrp_peer.ts";

const UNRESERVED = "abcXYZ019-._~+=/";
const IDENT = "abcXYZ019.-+%=";

function stringOf(alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
}

const ident = fc.tuple(stringOf("abcXYZ019", 1, 1), stringOf(IDENT, 3, 31)).map((it) =>
  it.join("")
);

const uri = fc.record({
  scheme: fc.constantFrom("msrp" as const, "msrps" as const),
  host: fc.constantFrom("host.example", "192.0.2.7", "::1", "2001:db8::7", "h-1"),
  transport: fc.constantFrom("tcp", "ws"),
}, { requiredKeys: ["scheme", "host", "transport"] }).chain((base) =>
  fc.record({
    base: fc.constant(base),
    userInfo: fc.option(stringOf("abc.%", 1, 8), { nil: undefined }),
    port: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }),
    sessionId: fc.option(stringOf(UNRESERVED, 1, 24), { nil: undefined }),
  }).map(({ base, userInfo, port, sessionId }) => ({
    ...base,
    ...(userInfo !== undefined && { userInfo }),
    ...(port !== undefined && { port }),
    ...(sessionId !== undefined && { sessionId }),
  }))
);

/** Bodies full of what looks like the end of a frame. */
const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(
    fc.constantFrom("\r\n", "-------", "-", "abcd", "$", "+", "#", "\r", "\n", "-------abcd$\r\n"),
    { maxLength: 30 },
  ).map((parts) => new TextEncoder().encode(parts.join(""))),
);

const value = fc.string({ unit: "grapheme", maxLength: 20 }).filter((it) =>
  it === it.trim() && !/\p{Cc}|\p{Cs}|^[\s]|[\s]$/u.test(it)
);

const chunk: fc.Arbitrary<Chunk> = fc.record({
  startLine: fc.oneof(
    fc.record({
      kind: fc.constant("request" as const),
      transactionId: ident,
      method: fc.constantFrom("SEND", "REPORT", "NICKNAME"),
    }),
    fc.record({
      kind: fc.constant("response" as const),
      transactionId: ident,
      code: fc.integer({ min: 100, max: 999 }),
      comment: value,
    }),
  ),
  toPath: fc.array(uri, { minLength: 1, maxLength: 3 }),
  fromPath: fc.array(uri, { minLength: 1, maxLength: 3 }),
  headers: fc.array(
    fc.tuple(fc.constantFrom("X-One", "X-Two", "Content-ID"), value).map(([name, it]) => ({
      name,
      value: it,
    })),
    { maxLength: 4 },
  ),
  continuation: fc.constantFrom<ContinuationFlag>("$", "+", "#"),
}).chain((head) =>
  fc.option(body, { nil: undefined }).map((it) => it === undefined ? head : { ...head, body: it })
);

function isOwnEndLineFree({ startLine, body: it }: Chunk): boolean {
  return !new TextDecoder("latin1").decode(it ?? new Uint8Array())
    .includes(`-------${startLine.transactionId}`);
}

/** Cuts `bytes` at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((it) => it % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

Deno.test("parseMsrpUri() reads what writeMsrpUri() wrote, and it matches itself", () => {
  fc.assert(fc.property(uri, (it) => {
    const read = parseMsrpUri(writeMsrpUri(it));
    assertEquals(read, it);
    assert(msrpUrisMatch(read, it));
  }));
});

Deno.test("msrpUrisMatch() is symmetric", () => {
  fc.assert(fc.property(uri, uri, (a, b) => {
    assertEquals(msrpUrisMatch(a, b), msrpUrisMatch(b, a));
  }));
});

Deno.test("parseByteRange() and parseStatus() read what was written", () => {
  const number = fc.integer({ min: 1, max: 999_999_999_999_999 });
  const orStar = fc.oneof(number, fc.constant("*" as const));
  fc.assert(fc.property(number, orStar, orStar, (start, end, total) => {
    assertEquals(parseByteRange(writeByteRange({ start, end, total })), { start, end, total });
  }));
  fc.assert(fc.property(fc.integer({ min: 100, max: 999 }), value, (code, comment) => {
    const status = { namespace: "000", code, comment };
    assertEquals(parseStatus(writeStatus(status)), status);
  }));
});

Deno.test("ChunkParser reads what writeChunk() wrote, pipelined and cut anywhere", () => {
  const stream = fc.array(chunk.filter(isOwnEndLineFree), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 8 }), (chunks, places) => {
      const parser = new ChunkParser();
      const wire = concatBytes(...chunks.map((it) => writeChunk(it)));
      const events = cut(wire, places).flatMap((it) => parser.feed(it));
      const read = collectFrames([...events, ...parser.end()]);
      assertEquals(structuredClone(read), structuredClone(chunks));
      // And the other way round: what was read is written as it was.
      assertEquals(concatBytes(...read.map((it) => writeChunk(it))), wire);
    }),
  );
});

Deno.test("MessageAssembler gives the message back whatever the order, overlap and cut of its chunks", () => {
  const piece = fc.record({ from: fc.nat(999), length: fc.integer({ min: 1, max: 200 }) });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.array(piece, { maxLength: 40 }),
      fc.boolean(),
      (length, pieces, lastFirst) => {
        const message = Uint8Array.from({ length }, (_, at) => at % 256);
        const assembler = new MessageAssembler();
        const about = { messageId: "m", contentType: "text/plain", headers: [] };
        const add = (from: number, to: number, flag: ContinuationFlag): Uint8Array | undefined => {
          assembler.beginChunk(about, from + 1, undefined, 0);
          assembler.addData(message.subarray(from, to));
          const result = assembler.endChunk(flag, 0);
          return result.type === "complete" ? result.body : undefined;
        };
        let whole: Uint8Array | undefined;
        const last = (): void => {
          whole ??= add(length - 1, length, "$");
        };
        if (lastFirst) last();
        for (const { from, length: count } of pieces) {
          const begin = from % length;
          whole ??= add(begin, Math.min(length, begin + count), "+");
        }
        if (!lastFirst) last();
        whole ??= add(0, length, "+");
        assertEquals(whole, message);
        assertEquals(assembler.partialCount, 0);
      },
    ),
  );
});

Deno.test("MsrpConnection delivers what another sends, whatever the sizes and the pace", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 500, max: 100_000 }),
      fc.integer({ min: 1_000, max: 80_000 }),
      fc.integer({ min: 1_000, max: 70_000 }),
      (lengths, chunkSize, windowLength, segment) => {
        const config = { chunkSize, peerAcceptTypes: ["text/plain"] };
        const ours = MsrpBench.bound(config, { limits: { windowLength } });
        const theirs = new MsrpBench({ random: (it) => new Uint8Array(it).fill(7) });
        const { localPath, remotePath } = sessionConfig();
        theirs.core.addSession(
          sessionConfig({ localPath: remotePath, remotePath: localPath }),
          0,
        );
        for (const length of lengths) ours.send(new Uint8Array(length).fill(length % 256));
        const wire = concatBytes(...ours.transmitted.splice(0));
        for (let at = 0; at < wire.length; at += segment) {
          theirs.receive(wire.subarray(at, at + segment));
        }
        const got = theirs.takeEvents().flatMap((it) =>
          it.type === "message-received" ? [it.body] : []
        );
        assertEquals(got.map((it) => it.length), lengths);
        for (const it of got) assert(it.every((octet) => octet === it.length % 256));
        for (const answer of theirs.transmitted) ours.receive(answer);
        assertEquals(ours.takeEvents().map((it) => it.type), lengths.map(() => "message-sent"));
      },
    ),
    { numRuns: 40 },
  );
});

Deno.test("a nickname is what was written, for all that can be written", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (nickname) => {
    assertEquals(parseNickname(writeNickname(nickname)), nickname);
  }));
});
