/** A relay between several writers and a slow reader: every message whole and in order, or reported. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { ChunkParser, type ChunkParserEvent, headerValue } from "../../../lib/msrp/mod.ts";
import { collectFrames, frame } from "../../helpers/msrp_peer.ts";
import { RelayBench, type RelayPeer } from "../../helpers/relay_core_bench.ts";

const ALICE = "msrps://alice.example:7777/alice123;tcp";

/** Lengths of the chunks of a message. */
const message = fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 1, maxLength: 4 });
const writer = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 4 }),
  /** Whether it leaves in the middle of what it has to say, and where. */
  leavesAfter: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
});

interface Writer {
  readonly peer: RelayPeer;
  octets: Uint8Array;
  /** Message-ID → its whole text. */
  readonly texts: Map<string, string>;
  left: boolean;
}

function writes(
  bench: RelayBench,
  uri: string,
  name: number,
  { messages, leavesAfter }: { messages: number[][]; leavesAfter: number | undefined },
): Writer {
  const peer = bench.connect(`msrps://w${name}.example:1/w${name};tcp`);
  const texts = new Map<string, string>();
  let octets = "";
  for (const [number, lengths] of messages.entries()) {
    const id = `w${name}m${number}xx`;
    const total = lengths.reduce((sum, it) => sum + it, 0);
    const text = Array.from({ length: total }, (_, at) => "abcdefgh-$\r\n"[(at * 7 + number) % 12])
      .join("");
    texts.set(id, text);
    let at = 0;
    for (const [chunk, length] of lengths.entries()) {
      octets += frame("SEND", {
        transactionId: `w${name}m${number}c${chunk}`,
        to: `${uri} ${ALICE}`,
        from: peer.uri,
        headers: [
          `Message-ID: ${id}`,
          `Byte-Range: ${at + 1}-${chunk % 2 === 0 ? "*" : at + length}/${total}`,
          "Content-Type: text/plain",
        ],
        body: text.slice(at, at + length),
        flag: chunk === lengths.length - 1 ? "$" : "+",
      });
      at += length;
    }
  }
  return { peer, octets: fromLatin1(octets).subarray(0, leavesAfter), texts, left: false };
}

Deno.test("a relay delivers each message whole and in order, whatever the cuts and the turns", () => {
  fc.assert(
    fc.property(
      fc.array(writer, { minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.nat(4_000)),
      (plans, dice) => {
        const next = (): number => dice.next().value ?? 0;
        const bench = new RelayBench({ limits: { windowLength: 3_000, sourceLength: 20_000 } });
        const alice = bench.connect(ALICE);
        const uri = alice.auth();
        const writers = plans.map((it, name) => writes(bench, uri, name, it));
        const parser = new ChunkParser();
        const events: ChunkParserEvent[] = [];
        alice.isTaking = false;
        for (let idle = 0; idle < 3;) {
          idle++;
          for (const [at, it] of writers.entries()) {
            if (it.left) continue;
            if (it.octets.length > 0) idle = 0;
            if (it.peer.isPaused) continue;
            const count = 1 + next();
            const piece = it.octets.subarray(0, count);
            it.octets = it.octets.subarray(count);
            if (piece.length > 0) it.peer.sendBytes(piece);
            if (it.octets.length > 0) idle = 0;
            else if (next() % 2 === 0) {
              it.left = true;
              if (plans[at]?.leavesAfter !== undefined) it.peer.end();
            }
          }
          if (next() % 3 > 0) {
            const got = alice.raw();
            if (got.length > 0) idle = 0;
            events.push(...parser.feed(got));
            bench.act(bench.relay.handleWritable(alice.id, bench.now));
          }
        }
        // Whatever waits now waits for nobody but her.
        for (let got = alice.raw(); got.length > 0; got = alice.raw()) {
          events.push(...parser.feed(got));
          bench.act(bench.relay.handleWritable(alice.id, bench.now));
        }
        const frames = collectFrames(events);
        const seen = new Map<string, { text: string; isWhole: boolean }>();
        for (const it of frames) {
          const id = headerValue(it.headers, "Message-ID") ?? "";
          const so = seen.get(id) ?? { text: "", isWhole: false };
          const start = Number(headerValue(it.headers, "Byte-Range")?.split("-")[0]);
          assertEquals(start, so.text.length + 1, "in order, without gaps");
          seen.set(id, {
            text: so.text + latin1(it.body ?? new Uint8Array()),
            isWhole: it.continuation === "$",
          });
        }
        for (const [at, { texts }] of writers.entries()) {
          for (const [id, text] of texts) {
            const got = seen.get(id);
            if (plans[at]?.leavesAfter === undefined) {
              assertEquals([got?.isWhole, got?.text === text], [true, true], id);
            } else if (got !== undefined) {
              assert(text.startsWith(got.text), id);
              if (got.isWhole) assertEquals(got.text.length, text.length);
            }
          }
        }
        // What nobody answers is reported: all that was promised to those who are still here.
        const here = writers.filter(({ peer }) => !peer.isClosed).map(({ peer }) => peer);
        const promised = here.map((peer) => peer.starts().filter((it) => it === "200 OK").length);
        bench.advance(30_000);
        for (const [at, peer] of here.entries()) {
          const reported = peer.starts().filter((it) => it === "REPORT").length;
          assert(reported >= (promised[at] ?? 0), `${reported} of ${promised[at]}`);
        }
      },
    ),
    { numRuns: 60 },
  );
});
