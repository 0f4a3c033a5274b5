import { assertEquals } from "@std/assert";
import { isInstanceTag, makeInstanceTag } from "../../../../lib/otr/wire/instance_tag.ts";

Deno.test("isInstanceTag() begins at 0x100", () => {
  assertEquals([0, 1, 0xff, -1, 0x100000000, 256.5, NaN].map(isInstanceTag), Array(7).fill(false));
  assertEquals([0x100, 0x80000000, 0xffffffff].map(isInstanceTag), [true, true, true]);
});

Deno.test("makeInstanceTag() tries again until the tag is large enough", () => {
  const answers = [Uint8Array.of(0, 0, 0, 0xff), Uint8Array.of(0xff, 0, 0, 1)];
  const asked: number[] = [];
  const tag = makeInstanceTag((length) => {
    asked.push(length);
    return answers.shift() ?? new Uint8Array(length);
  });
  assertEquals(tag, 0xff000001);
  assertEquals(asked, [4, 4]);
});
