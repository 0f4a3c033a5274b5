import { assert, assertEquals, assertThrows } from "@std/assert";
import { ascii, latin1 } from "../../../lib/base/ascii.ts";
import { concatBytes } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import {
  MessageSender,
  type OutgoingMessage,
  type SenderLimits,
  type SenderStep,
  type SendingSession,
} from "../../../lib/msrp/message_sender.ts";
import { parseMsrpUri } from "../../../lib/msrp/uri.ts";
import { OURS, readFrames, THEIRS } from "../../helpers/msrp_peer.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const SESSION: SendingSession = {
  id: "s",
  toPath: [parseMsrpUri(THEIRS)],
  fromPath: [parseMsrpUri(OURS)],
  chunkSize: Infinity,
  interruptible: true,
};

function message(length: number, messageId = "msg45678"): OutgoingMessage {
  return {
    messageId,
    contentType: "text/plain",
    body: new Uint8Array(length).fill(0x61),
    successReport: false,
    failureReport: "yes",
    headers: [],
  };
}

function sender(limits: SenderLimits = {}, isFull = false): MessageSender {
  return new MessageSender(seededRandom(1), { isFull, has: () => false }, limits);
}

function octets(steps: readonly SenderStep[]): Uint8Array {
  return concatBytes(...steps.flatMap((it) => it.type === "transmit" ? [it.data] : []));
}

/** Lets everything leave. */
function drain(it: MessageSender): SenderStep[] {
  const steps = it.pump();
  while (it.wantsWritable) {
    it.handleWritable();
    steps.push(...it.pump());
  }
  return steps;
}

Deno.test("MessageSender.pump() hands out a small message in one piece", () => {
  const it = sender();
  it.enqueue(SESSION, message(5));
  assertEquals(it.pump().map((step) => step.type), ["chunk-began", "transmit", "chunk-ended"]);
  assertEquals(it.pump(), []);
});

Deno.test("MessageSender.pump() keeps to its window until the stream has taken it", () => {
  const it = sender({ windowLength: 10_000 });
  it.enqueue(SESSION, message(35_000));
  const sizes: number[] = [];
  for (;;) {
    const steps = it.pump();
    if (steps.length === 0) break;
    sizes.push(octets(steps).length);
    assertEquals(it.pump(), [], "nothing more before it is taken");
    it.handleWritable();
  }
  assertEquals(sizes.slice(0, 3), [10_000, 10_000, 10_000]);
  assert(sizes.length === 4);
});

Deno.test("MessageSender waits for a whole window rather than cut what fits one", () => {
  const it = sender({ windowLength: 10_000 });
  it.enqueue(SESSION, message(6_000));
  it.enqueue(SESSION, message(6_000, "next5678"));
  const first = it.pump();
  assertEquals(first.filter((step) => step.type === "chunk-began").length, 1);
  it.handleWritable();
  assertEquals(it.pump().filter((step) => step.type === "transmit").length, 1);
});

Deno.test("MessageSender sends the end-line together with the last octets", () => {
  for (let length = 9_500; length < 10_000; length += 7) {
    const it = sender({ windowLength: 10_000 });
    it.enqueue(SESSION, message(length));
    const pieces = drain(it).flatMap((step) => step.type === "transmit" ? [step.data] : []);
    const last = latin1(pieces.at(-1) ?? new Uint8Array());
    assert(/a\r\n-------[0-9a-f]{16}\$\r\n$/.test(last), `${length}`);
  }
});

Deno.test("MessageSender lets control frames go first, and holds no more of them than it says", () => {
  const it = sender({ controlLength: 100 });
  it.enqueue(SESSION, message(5));
  it.enqueueControl(ascii("MSRP abcd 200\r\n"));
  assertEquals(it.isOverrun, false);
  assert(latin1(octets(it.pump())).startsWith("MSRP abcd 200\r\n"));
  it.enqueueControl(new Uint8Array(101));
  assertEquals(it.isOverrun, true);
});

Deno.test("MessageSender begins no chunk while too many transactions are open", () => {
  const it = sender({}, true);
  it.enqueue(SESSION, message(5));
  assertEquals(it.pump(), []);
  it.enqueueControl(ascii("MSRP abcd 200\r\n"));
  assertEquals(it.pump().length, 1, "answers leave all the same");
});

Deno.test("MessageSender.enqueue() refuses what passes its limits or cannot be written", () => {
  const code = (act: () => void): string => assertThrows(act, SottoError).code;
  const few = sender({ queuedMessages: 1 });
  few.enqueue(SESSION, message(1));
  assertEquals(code(() => few.enqueue(SESSION, message(1, "next5678"))), "msrp/queue-full");
  const short = sender({ queuedLength: 10 });
  assertEquals(code(() => short.enqueue(SESSION, message(11))), "msrp/queue-full");
  short.enqueue(SESSION, message(10));
  for (
    const bad of [
      { ...message(1), messageId: "a b" },
      { ...message(1), messageId: "abc" },
      { ...message(1), contentType: "text/plain\r\nX: y" },
      { ...message(1), headers: [{ name: "X", value: "a\nb" }] },
    ]
  ) assertThrows(() => sender().enqueue(SESSION, bad), TypeError);
});

Deno.test("MessageSender.abort() takes a message out wherever it is", () => {
  const it = sender({ windowLength: 5_000 });
  it.enqueue(SESSION, message(20_000));
  it.enqueue(SESSION, message(5, "next5678"));
  const begun = it.pump();
  assert(it.abort("s", "next5678", true), "not begun: nothing to tell");
  assert(it.abort("s", "msg45678", true));
  assert(!it.abort("s", "msg45678", true));
  assert(!it.abort("other", "msg45678", true));
  const frames = readFrames(concatBytes(octets(begun), octets(drain(it))));
  assertEquals(frames.map((frame) => frame.continuation), ["#"]);
  assertEquals(it.pending("s"), []);
  assertEquals(it.holds("s", "msg45678"), false);
});

Deno.test("MessageSender.pending() names what has not left", () => {
  const it = sender();
  it.enqueue(SESSION, message(1));
  assertEquals(it.pending("s").map((pending) => pending.messageId), ["msg45678"]);
  assert(it.holds("s", "msg45678"));
  drain(it);
  assertEquals(it.pending("s"), []);
});
