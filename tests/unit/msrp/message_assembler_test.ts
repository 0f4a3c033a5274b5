import { assert, assertEquals, assertThrows } from "@std/assert";
import { ascii, latin1 } from "../../../lib/base/ascii.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import type { ContinuationFlag } from "../../../lib/msrp/chunk.ts";
import { type AssemblerLimits, MessageAssembler } from "../../../lib/msrp/message_assembler.ts";

/** Feeds chunks of one message and answers with what each of them led to. */
class Bench {
  readonly assembler: MessageAssembler;

  constructor(limits: AssemblerLimits = {}) {
    this.assembler = new MessageAssembler(limits);
  }

  add(start: number, text: string, flag: ContinuationFlag = "+", id = "m", now = 0): string {
    this.assembler.beginChunk(
      { messageId: id, contentType: "text/plain", headers: [] },
      start,
      undefined,
      now,
    );
    // Octet by octet: pieces may be cut anywhere.
    for (const octet of ascii(text)) this.assembler.addData(Uint8Array.of(octet));
    const result = this.assembler.endChunk(flag, now);
    return result.type === "complete" ? latin1(result.body) : result.type;
  }
}

Deno.test("MessageAssembler gives the message once nothing is missing", () => {
  const bench = new Bench();
  assertEquals(bench.add(7, "gh", "$"), "incomplete");
  assertEquals(bench.add(1, "abc"), "incomplete");
  assertEquals(bench.add(4, "def"), "abcdefgh");
  assertEquals(bench.assembler.partialCount, 0);
  assertEquals(bench.add(1, "", "$"), "");
});

Deno.test("MessageAssembler overwrites what overlaps, within and across stretches", () => {
  const cases: [[number, string][], string][] = [
    [[[1, "aaaa"], [3, "bb"]], "aabb"],
    [[[3, "aa"], [1, "bbbb"]], "bbbb"],
    [[[1, "aa"], [5, "cc"], [2, "bbbb"]], "abbbbc"],
    [[[5, "cc"], [1, "aa"], [1, "dddddd"]], "dddddd"],
    [[[2, "b"], [4, "d"], [6, "f"], [1, "xxxxxx"]], "xxxxxx"],
    [[[1, "abcdef"], [2, "x"], [4, "y"]], "axcyef"],
  ];
  for (const [chunks, expected] of cases) {
    const bench = new Bench();
    for (const [start, text] of chunks) bench.add(start, text);
    const end = expected.length;
    assertEquals(bench.add(end, expected.slice(-1), "$"), expected);
  }
});

Deno.test("MessageAssembler keeps several messages apart", () => {
  const bench = new Bench();
  bench.add(1, "ab", "+", "one");
  bench.add(1, "xy", "+", "two");
  assertEquals(bench.assembler.partialCount, 2);
  assertEquals(bench.add(3, "c", "$", "one"), "abc");
  assertEquals(bench.add(3, "z", "#", "two"), "aborted");
  assertEquals(bench.assembler.partialCount, 0);
});

Deno.test("MessageAssembler has a limit for everything", () => {
  const code = (act: () => unknown): string => assertThrows(act, PeerError).code;
  assertEquals(
    code(() => new Bench({ messageLength: 3 }).add(1, "abcd")),
    "msrp/message-too-large",
  );
  assertEquals(code(() => new Bench({ messageLength: 3 }).add(9, "")), "msrp/message-too-large");
  const chunks = new Bench({ chunkCount: 1 });
  chunks.add(1, "a");
  assertEquals(code(() => chunks.add(2, "b")), "msrp/too-many-chunks");
  const stretches = new Bench({ stretchCount: 1 });
  stretches.add(1, "a");
  stretches.add(2, "b");
  assertEquals(code(() => stretches.add(9, "b")), "msrp/too-many-stretches");
  const partials = new Bench({ partialMessages: 1 });
  partials.add(1, "a", "+", "one");
  assertEquals(partials.add(1, "whole", "$", "two"), "whole");
  assertEquals(code(() => partials.add(1, "b", "+", "two")), "msrp/too-many-partial-messages");
  const octets = new Bench({ partialLength: 5 });
  octets.add(1, "abc", "+", "one");
  assertEquals(code(() => octets.add(1, "def", "+", "two")), "msrp/message-too-large");
});

Deno.test("MessageAssembler.dropIdle() drops what waited too long, the oldest first", () => {
  const bench = new Bench({ idleTime: 100 });
  bench.add(1, "a", "+", "one", 0);
  bench.add(1, "b", "+", "two", 10);
  bench.add(2, "a", "+", "one", 50);
  assertEquals(bench.assembler.deadline, 110);
  assertEquals(bench.assembler.dropIdle(109), []);
  assertEquals(bench.assembler.dropIdle(110).map((it) => it.messageId), ["two"]);
  assertEquals(bench.assembler.deadline, 150);
  const [dropped] = bench.assembler.dropIdle(1_000);
  assertEquals([dropped?.messageId, dropped?.received], ["one", 2]);
  assertEquals(bench.assembler.deadline, undefined);
});

Deno.test("MessageAssembler.drop() forgets a message in the middle of a chunk", () => {
  const bench = new Bench();
  bench.assembler.beginChunk({ messageId: "m", contentType: "a/b", headers: [] }, 1, undefined, 0);
  bench.assembler.addData(ascii("abc"));
  assertEquals(bench.assembler.drop("m")?.received, 3);
  bench.assembler.addData(ascii("def"));
  assertEquals(bench.assembler.endChunk("$", 0).type, "incomplete");
  assertEquals(bench.assembler.drop("m"), undefined);
  assert(bench.assembler.partialCount === 0);
});
