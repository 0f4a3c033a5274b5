import { assert, assertEquals } from "@std/assert";
import { latin1 } from "../../../../lib/base/ascii.ts";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { parseMsrpPath, writeChunk } from "../../../../lib/msrp/mod.ts";
import { ForwardedSend } from "../../../../lib/msrp/relay/forwarded_send.ts";
import { type ForwardedRequest, OutboundQueue } from "../../../../lib/msrp/relay/outbound_queue.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const TO = parseMsrpPath("msrps://a.example:1/a;tcp");
const FROM = parseMsrpPath("msrps://b.example:1/b;tcp");

class Bench {
  readonly written: string[] = [];
  readonly chunks: string[] = [];
  readonly held = new Map<number, number>();
  isFull = false;
  readonly queue: OutboundQueue;

  constructor(window = 4_096) {
    this.queue = new OutboundQueue({
      random: seededRandom(5),
      isTaken: () => false,
      isFull: () => this.isFull,
      transmit: (data) => this.written.push(latin1(data)),
      chunkBegan: (send) => this.chunks.push(`begin ${send.messageId}`),
      chunkEnded: (send) => this.chunks.push(`end ${send.messageId}`),
      released: (source, octets) => this.held.set(source, (this.held.get(source) ?? 0) - octets),
    }, window);
  }

  send(source: number, length: number, messageId: string, end?: "$"): ForwardedSend {
    const send = new ForwardedSend({
      head: {
        startLine: { kind: "request", transactionId: "theirs12", method: "SEND" },
        toPath: TO,
        fromPath: FROM,
        headers: [{ name: "Message-ID", value: messageId }],
      },
      hasBody: true,
      returnPath: { source, toPath: FROM, fromPath: TO },
      messageId,
      failureReport: "yes",
      byteRange: undefined,
    });
    if (length > 0) send.add(new Uint8Array(length).fill(0x78));
    send.end = end;
    this.queue.enqueue(source, send);
    this.held.set(source, (this.held.get(source) ?? 0) + length + send.overhead);
    return send;
  }

  text(): string {
    return this.written.splice(0).join("");
  }

  ids(): string[] {
    return [...this.text().matchAll(/Message-ID: (\w+)/g)].map((it) => it[1] ?? "");
  }
}

Deno.test("OutboundQueue writes a small frame in one piece", () => {
  const bench = new Bench();
  bench.send(1, 100, "m1234567", "$");
  bench.queue.pump();
  assertEquals(bench.written.length, 1);
  assertEquals(bench.chunks, ["begin m1234567", "end m1234567"]);
  assertEquals(bench.held.get(1), 0, "everything was given back");
});

Deno.test("OutboundQueue stops at the window and goes on when the stream has taken it", () => {
  const bench = new Bench(1_000);
  bench.send(1, 5_000, "m1234567", "$");
  bench.queue.pump();
  const first = bench.text().length;
  assert(first >= 1_000 && first < 1_300, `${first}`);
  assert(bench.queue.isWaiting);
  bench.queue.pump();
  assertEquals(bench.text(), "");
  for (let turn = 0; turn < 5; turn++) {
    bench.queue.handleWritable();
    bench.queue.pump();
  }
  assertEquals(bench.chunks.at(-1), "end m1234567");
  assertEquals(bench.held.get(1), 0);
});

Deno.test("OutboundQueue takes its sources in turn, and each in order", () => {
  const bench = new Bench();
  bench.isFull = true;
  for (const id of ["a1aaaaaa", "a2aaaaaa", "a3aaaaaa"]) bench.send(1, 10, id, "$");
  for (const id of ["b1bbbbbb", "b2bbbbbb"]) bench.send(2, 10, id, "$");
  bench.queue.pump();
  assertEquals(bench.ids(), [], "no transaction is free");
  bench.isFull = false;
  bench.queue.pump();
  assertEquals(bench.ids(), ["a1aaaaaa", "b1bbbbbb", "a2aaaaaa", "b2bbbbbb", "a3aaaaaa"]);
});

Deno.test("OutboundQueue lets what is ours go first, and counts it until it leaves", () => {
  const bench = new Bench();
  bench.send(1, 10, "m1234567", "$");
  bench.queue.enqueueControl(utf8("OURS"));
  assertEquals(bench.queue.controlLength, 4);
  bench.queue.pump();
  assertEquals(bench.queue.controlLength, 0);
  assert(bench.text().startsWith("OURSMSRP "));
});

Deno.test("OutboundQueue.giveUp() ends a chunk in progress with #, and forgets one that waits", () => {
  const bench = new Bench();
  const open = bench.send(1, 3_000, "open1234");
  bench.queue.pump();
  bench.text();
  bench.queue.giveUp(open, "#", false);
  bench.queue.pump();
  assert(/^\r\n-------\w+#\r\n$/.test(bench.text()));
  const waiting = bench.send(2, 10, "wait1234");
  bench.queue.giveUp(waiting, "#", false);
  bench.queue.pump();
  assertEquals(bench.text(), "");
  assertEquals([bench.held.get(1), bench.held.get(2)], [0, 0]);
});

Deno.test("OutboundQueue.giveUp() tells the other end with an empty chunk when some had left", () => {
  const bench = new Bench();
  const send = bench.send(1, 10, "m1234567");
  bench.queue.giveUp(send, "#", true);
  bench.queue.pump();
  assert(/\r\n\r\n\r\n-------\w+#\r\n$/.test(bench.text()));
  assertEquals(bench.held.get(1), 0);
});

Deno.test("OutboundQueue.drain() hands back what did not leave", () => {
  const bench = new Bench(100);
  const lost: string[] = [];
  const item: ForwardedRequest = {
    kind: "request",
    source: 2,
    length: 10,
    body: undefined,
    write: (transactionId) =>
      writeChunk({
        startLine: { kind: "request", transactionId, method: "NICKNAME" },
        toPath: TO,
        fromPath: FROM,
        headers: [],
        continuation: "$",
      }),
    onLeave: () => {},
    onLost: () => lost.push("lost"),
  };
  const open = bench.send(1, 5_000, "m1234567", "$");
  bench.queue.pump();
  bench.queue.enqueue(2, item);
  assertEquals(bench.queue.drain(), [open, item]);
  bench.queue.handleWritable();
  bench.text();
  bench.queue.pump();
  assertEquals(bench.text(), "");
  bench.queue.enqueue(2, item);
  bench.queue.pump();
  assert(/^MSRP \w{16} NICKNAME\r\n/.test(bench.text()));
  assertEquals(lost, []);
});
