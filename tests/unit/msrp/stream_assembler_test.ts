import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { StreamAssembler } from "../../../lib/msrp/stream_assembler.ts";

const ABOUT = { messageId: "m", contentType: "image/jpeg", headers: [] };

/** One chunk; what came of it. */
function chunk(
  it: StreamAssembler,
  start: number,
  length: number,
  flag: "+" | "$" | "#" = "+",
  messageId = "m",
): string {
  it.beginChunk({ ...ABOUT, messageId }, start, undefined, 0);
  const octets = it.addData(new Uint8Array(length));
  if (length > 0) assertEquals(octets?.position, start - 1);
  const result = it.endChunk(flag, 0);
  return result.type === "ended" ? `ended ${result.length}` : result.type;
}

function refused(code: string, act: () => unknown): void {
  assertEquals(assertThrows(act, PeerError).code, code);
}

Deno.test("StreamAssembler says once that a message began, and when it ended", () => {
  const it = new StreamAssembler();
  assertEquals(it.beginChunk(ABOUT, 1, 8, 0), { ...ABOUT, total: 8 });
  it.addData(new Uint8Array(4));
  assertEquals(it.endChunk("+", 0).type, "incomplete");
  assertEquals(it.beginChunk(ABOUT, 5, 8, 0), undefined);
  it.addData(new Uint8Array(4));
  const result = it.endChunk("$", 0);
  assertEquals([result.type, result.type === "ended" && result.length], ["ended", 8]);
  assertEquals(it.drop("m"), undefined);
});

Deno.test("StreamAssembler ends a message of no octets", () => {
  assertEquals(chunk(new StreamAssembler(), 1, 0, "$"), "ended 0");
});

Deno.test("StreamAssembler knows a message whole in any order, overlaps included", () => {
  const it = new StreamAssembler();
  assertEquals(chunk(it, 7, 4, "$"), "incomplete");
  assertEquals(chunk(it, 1, 2), "incomplete");
  assertEquals(chunk(it, 5, 4), "incomplete");
  assertEquals(chunk(it, 2, 3), "ended 10");
});

Deno.test("StreamAssembler lets the chunk with $ define the length, wherever others reach", () => {
  const it = new StreamAssembler();
  assertEquals(chunk(it, 1, 20), "incomplete");
  assertEquals(chunk(it, 9, 2, "$"), "ended 10");
});

Deno.test("StreamAssembler counts what was there before, if the message starts behind it", () => {
  assertEquals(chunk(new StreamAssembler({}, 6), 7, 4, "$"), "ended 10");
  assertEquals(chunk(new StreamAssembler({}, 6), 11, 0, "$"), "incomplete");
  assertEquals(chunk(new StreamAssembler({}, 6), 1, 4, "$"), "ended 4");
  assertEquals(chunk(new StreamAssembler({}, 10), 11, 0, "$"), "ended 10");
});

Deno.test("StreamAssembler forgets what its sender gives up", () => {
  const it = new StreamAssembler();
  assertEquals(chunk(it, 1, 2, "#"), "aborted");
  assertEquals(it.deadline, undefined);
  assertEquals(it.drop("m"), undefined);
});

Deno.test("StreamAssembler drops what nobody goes on with", () => {
  const it = new StreamAssembler({ idleTime: 10 });
  chunk(it, 1, 2);
  assertEquals(it.deadline, 10);
  assertEquals(it.dropIdle(9).length, 0);
  assertEquals(it.dropIdle(10).map((partial) => partial.received), [2]);
});

Deno.test("StreamAssembler refuses what passes the size, announced or come", () => {
  const it = new StreamAssembler({ messageLength: 10 });
  refused("msrp/message-too-large", () => it.beginChunk(ABOUT, 1, 11, 0));
  refused("msrp/message-too-large", () => it.beginChunk(ABOUT, 12, undefined, 0));
  it.beginChunk(ABOUT, 1, undefined, 0);
  it.addData(new Uint8Array(10));
  refused("msrp/message-too-large", () => it.addData(new Uint8Array(1)));
});

Deno.test("StreamAssembler refuses a message in too many separate stretches", () => {
  const it = new StreamAssembler({ stretchCount: 3 });
  for (const start of [1, 3, 5]) chunk(it, start, 1);
  refused("msrp/too-many-stretches", () => chunk(it, 7, 1));
});

Deno.test("StreamAssembler lets chunks be as many as the octets justify", () => {
  const it = new StreamAssembler({ chunkCount: 5 });
  for (let position = 0; position < 100; position++) chunk(it, position * 1024 + 1, 1024);
  const tiny = new StreamAssembler({ chunkCount: 5 });
  for (let position = 0; position < 5; position++) chunk(tiny, position + 1, 1);
  refused("msrp/too-many-chunks", () => chunk(tiny, 6, 1));
  const again = new StreamAssembler({ chunkCount: 5 });
  for (let count = 0; count < 5; count++) chunk(again, 1, 1);
  refused("msrp/too-many-chunks", () => chunk(again, 1, 1));
});

Deno.test("StreamAssembler refuses too many messages at a time", () => {
  const it = new StreamAssembler({ partialMessages: 2 });
  chunk(it, 1, 1, "+", "a");
  chunk(it, 1, 1, "+", "b");
  refused("msrp/too-many-partial-messages", () => chunk(it, 1, 1, "+", "c"));
});
