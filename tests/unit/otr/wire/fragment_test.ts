import { assert, assertEquals, assertThrows } from "@std/assert";
import { PeerError, SottoError } from "../../../../lib/base/errors.ts";
import {
  fragmentOverhead,
  readFragment,
  writeFragments,
} from "../../../../lib/otr/wire/fragment.ts";

const TAGS = { version: 3, senderTag: 0x5a73a599, receiverTag: 0x27e31597 } as const;
const NO_TAGS = { version: 2, senderTag: 0, receiverTag: 0 } as const;

Deno.test("readFragment() reads the forms of both versions", () => {
  assertEquals(readFragment("?OTR|5a73a599|27e31597,00001,00003,?OTR:AAM,", 0), {
    type: "fragment",
    ...TAGS,
    k: 1,
    n: 3,
    piece: "?OTR:AAM",
    text: "?OTR|5a73a599|27e31597,00001,00003,?OTR:AAM,",
    prefix: "",
  });
  assertEquals(readFragment("..?OTR,2,3,piece,", 2), {
    type: "fragment",
    ...NO_TAGS,
    k: 2,
    n: 3,
    piece: "piece",
    text: "?OTR,2,3,piece,",
    prefix: "..",
  });
});

Deno.test("readFragment() takes leading zeros and short tags", () => {
  const read = readFragment("?OTR|100|0,000000001,65535,x,", 0);
  assertEquals([read?.senderTag, read?.receiverTag, read?.k, read?.n], [0x100, 0, 1, 65535]);
});

Deno.test("readFragment() refuses k, n, piece and comma that break the rules", () => {
  for (
    const rest of [
      "0,1,x,",
      "1,0,x,",
      "0,0,x,",
      "2,1,x,",
      "1,65536,x,",
      "65536,65536,x,",
      "999999999,999999999,x,",
      "1,1,,",
      "1,1,x",
    ]
  ) {
    for (const head of ["?OTR|100|200,", "?OTR,"]) {
      const error = assertThrows(() => readFragment(head + rest, 0), PeerError);
      assertEquals(error.code, "otr/bad-fragment", head + rest);
    }
  }
  for (const head of ["?OTR|", "?OTR|100|", "?OTR|g|1,1,1,x,", "?OTR|123456789|1,1,1,x,"]) {
    assertThrows(() => readFragment(head, 0), PeerError);
  }
});

Deno.test("readFragment() leaves prose alone", () => {
  assertEquals(readFragment("?OTR, he said", 0), undefined);
  assertEquals(readFragment("?OTR,1 and 2,", 0), undefined);
});

Deno.test("writeFragments() leaves alone what fits, and everything when there is no limit", () => {
  assertEquals(writeFragments("abc", TAGS, 0), ["abc"]);
  assertEquals(writeFragments("a".repeat(37), TAGS, 37), ["a".repeat(37)]);
});

Deno.test("writeFragments() counts header and comma into the limit", () => {
  const message = "?OTR:" + "A".repeat(1000) + ".";
  for (const header of [TAGS, NO_TAGS]) {
    for (const limit of [37, 38, 100, 200, 999]) {
      const fragments = writeFragments(message, header, limit);
      assert(fragments.every((it) => it.length <= limit));
      const pieces = fragments.map((it) => readFragment(it, 0)?.piece ?? "");
      assertEquals(pieces.join(""), message);
      assertEquals(fragments[0]?.length, limit);
    }
  }
});

Deno.test("writeFragments() writes tags in eight digits and counts in five", () => {
  const [first] = writeFragments("x".repeat(100), { ...TAGS, senderTag: 0x100 }, 80);
  assertEquals(first, `?OTR|00000100|27e31597,00001,00003,${"x".repeat(44)},`);
  assertEquals(writeFragments("x".repeat(100), NO_TAGS, 80)[0]?.slice(0, 17), "?OTR,00001,00002,");
});

Deno.test("writeFragments() refuses more than 65535 fragments", () => {
  const limit = fragmentOverhead(3) + 1;
  assertEquals(writeFragments("x".repeat(65535), TAGS, limit).length, 65535);
  const error = assertThrows(() => writeFragments("x".repeat(65536), TAGS, limit), SottoError);
  assertEquals(error.code, "otr/too-many-fragments");
});
