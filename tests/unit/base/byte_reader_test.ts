import { assertEquals } from "@std/assert";
import { ascii, latin1 } from "../../../lib/base/ascii.ts";
import { ByteReader, type Reading } from "../../../lib/base/byte_reader.ts";
import { everySplit } from "../../helpers/every_split.ts";

/** Feeds `pieces` to `reading`; what it returned, or "waiting". */
function run<T>(
  reader: ByteReader,
  reading: Reading<T>,
  pieces: readonly Uint8Array[],
): T | "waiting" {
  let step = reading.next();
  for (const piece of pieces) {
    if (step.done === true) break;
    reader.feed(piece);
    step = reading.next();
  }
  return step.done === true ? step.value : "waiting";
}

Deno.test("ByteReader.until() finds a delimiter however the octets are cut", () => {
  for (const { label, pieces } of everySplit(ascii("a\r\r\nb"))) {
    const reader = new ByteReader();
    const found = run(reader, reader.until([ascii("\r\n")], 10), pieces);
    assertEquals(found === "waiting" ? found : latin1(found?.bytes ?? ascii("none")), "a\r", label);
  }
});

Deno.test("ByteReader.until() takes the earliest delimiter, at one place the first listed", () => {
  const reader = new ByteReader();
  reader.feed(ascii("one;two,"));
  assertEquals(run(reader, reader.until([ascii(","), ascii(";")], 10), []), {
    bytes: ascii("one"),
    delimiter: 1,
  });
  const other = new ByteReader();
  other.feed(ascii("x--y"));
  assertEquals(run(other, other.until([ascii("--"), ascii("-")], 10), []), {
    bytes: ascii("x"),
    delimiter: 0,
  });
});

Deno.test("ByteReader.until() answers undefined past its limit, and has read nothing", () => {
  for (const { label, pieces } of everySplit(ascii("abcdef\n"))) {
    const reader = new ByteReader();
    assertEquals(run(reader, reader.until([ascii("\n")], 5), pieces), undefined, label);
    assertEquals(reader.offset, 0);
  }
  const exact = new ByteReader();
  exact.feed(ascii("abcde\n"));
  assertEquals(run(exact, exact.until([ascii("\n")], 5), []), {
    bytes: ascii("abcde"),
    delimiter: 0,
  });
});

Deno.test("ByteReader.exactly() and atLeast() wait for what they were asked for", () => {
  const reader = new ByteReader();
  assertEquals(run(reader, reader.exactly(3), [ascii("ab")]), "waiting");
  const next = new ByteReader();
  assertEquals(run(next, next.exactly(3), [ascii("ab"), ascii("cd")]), ascii("abc"));
  assertEquals(next.available, 1);
  assertEquals(run(next, next.atLeast(2), [ascii("e")]), undefined);
  assertEquals(latin1(next.peek()), "de");
});

Deno.test("ByteReader counts what was read from the whole stream", () => {
  const reader = new ByteReader();
  reader.feed(ascii("abcdef"));
  reader.skip(2);
  assertEquals([latin1(reader.take(1)), reader.offset, reader.available], ["c", 3, 3]);
  reader.skip(100);
  assertEquals([reader.offset, reader.available], [6, 0]);
});

Deno.test("ByteReader copies what it is fed and what it gives", () => {
  const reader = new ByteReader();
  const fed = ascii("abc");
  reader.feed(fed);
  fed.fill(0);
  const taken = reader.take(2);
  reader.feed(ascii("xyz"));
  taken.fill(0);
  assertEquals(latin1(reader.take()), "cxyz");
});

Deno.test("ByteReader keeps its place while its buffer grows and is compacted", () => {
  const reader = new ByteReader();
  let expected = 0;
  let fed = 0;
  for (let round = 0; round < 300; round++) {
    reader.feed(Uint8Array.from({ length: 97 }, () => fed++ & 0xff));
    for (const byte of reader.take(round % 3 === 0 ? 150 : 60)) {
      assertEquals(byte, expected++ & 0xff);
    }
  }
  for (const byte of reader.take()) assertEquals(byte, expected++ & 0xff);
  assertEquals(expected, fed);
});
