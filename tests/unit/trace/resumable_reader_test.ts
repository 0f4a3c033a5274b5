import { assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { latin1 } from "../../../lib/base/ascii.ts";
import { ResumableReader } from "../../../lib/trace/resumable_reader.ts";
import { everySplit } from "../../helpers/every_split.ts";

function pairs(): ResumableReader<string> {
  return new ResumableReader(function* ({ reader, emit }) {
    for (;;) emit(latin1(yield* reader.exactly(2)));
  });
}

Deno.test("ResumableReader hands out what each piece completed", () => {
  for (const { label, pieces } of everySplit(utf8("abcdefg"))) {
    const reader = pairs();
    assertEquals(pieces.flatMap((it) => reader.feed(it)), ["ab", "cd", "ef"], label);
    assertEquals([reader.pending, reader.offset], [1, 6]);
  }
});

Deno.test("ResumableReader resumes once more at the end and says so", () => {
  const reader = new ResumableReader<string>(function* ({ reader, input, emit }) {
    while (!input.isEnded) yield;
    emit(`rest ${latin1(reader.take())}`);
  });
  assertEquals(reader.feed(utf8("xyz")), []);
  assertEquals(reader.end(), ["rest xyz"]);
});

Deno.test("ResumableReader drops everything after its parser returned", () => {
  const reader = new ResumableReader<string>(function* ({ reader, emit }) {
    emit(latin1(yield* reader.exactly(1)));
  });
  assertEquals(reader.feed(utf8("abc")), ["a"]);
  assertEquals(reader.feed(utf8("def")), []);
  assertEquals(reader.pending, 0);
  assertEquals(reader.end(), []);
});
