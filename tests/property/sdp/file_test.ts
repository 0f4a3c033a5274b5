/** What holds for every file that can be described, and for whatever a peer writes instead. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  fileAttributes,
  type FileDescription,
  parseFileDescription,
  parseFileSelector,
} from "../../../lib/sdp/mod.ts";

const token = fc.stringMatching(/^[!#$%&'*+.0-9A-Z^_`a-z{|}~-]{1,12}$/);
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 });
const size = fc.integer({ min: 0, max: 999_999_999_999_999 });
const day = fc.integer({ min: -1_000_000_000, max: 9_000_000_000 }).map((it) => it * 1000);
const selector = fc.record({
  name: text,
  type: fc.tuple(token, token).map(([a, b]) => `${a}/${b}`),
  size,
  hashes: fc.array(
    fc.record({
      algorithm: token.map((it) => it.toLowerCase()),
      value: fc.stringMatching(/^([0-9a-f]{2}){1,32}$/),
    }, { noNullPrototype: true }),
    { maxLength: 3 },
  ),
}, { requiredKeys: ["hashes", "size"], noNullPrototype: true });
const description = fc.record({
  selector,
  transferId: token,
  disposition: token.map((it) => it.toLowerCase()),
  dates: fc.record({ creation: day, modification: day, read: day }, {
    requiredKeys: ["modification"],
    noNullPrototype: true,
  }),
  icon: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((it) =>
    it.trim() === it && !/[\ud800-\udfff]/.test(it)
  ),
  range: fc.tuple(fc.integer({ min: 1, max: 1_000_000 }), size).map(([start, length]) => ({
    start,
    stop: Math.min(start - 1 + length, 999_999_999_999_999),
  })),
  knowsOffset: fc.constant(true),
}, { requiredKeys: ["selector"], noNullPrototype: true });

Deno.test("fileAttributes() and parseFileDescription() are inverse", () => {
  fc.assert(fc.property(description, (file) => {
    assertEquals(parseFileDescription(fileAttributes(file as FileDescription)), file);
  }));
});

Deno.test("parseFileSelector() answers anything with a selector or a PeerError", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "name:",
      "size:",
      "type:",
      "hash:",
      "sha-1:",
      '"',
      "%",
      "%2",
      " ",
      ":",
      ";",
      "=",
    ),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
    try {
      const { name } = parseFileSelector(pieces.join(""));
      assert(name !== "");
    } catch (error) {
      assert(error instanceof PeerError);
    }
  }));
});
