import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  answeredFile,
  fileAttributes,
  type FileDescription,
  isSameFile,
  judgeTransfer,
  parseFileDescription,
  parseFileRange,
} from "../../../lib/sdp/file_attributes.ts";

const FILE: FileDescription = {
  selector: { name: "a.txt", size: 3, hashes: [{ algorithm: "sha-1", value: "00" }] },
  transferId: "abc",
};

Deno.test("parseFileDescription() finds no file where nothing is selected", () => {
  assertEquals(parseFileDescription([]), undefined);
  assertEquals(parseFileDescription([{ name: "file-selector" }]), undefined);
  assertEquals(parseFileDescription([{ name: "file-selector", value: " " }]), undefined);
});

Deno.test("parseFileDescription() knows Blink's x-file-offset, with and without a value", () => {
  for (const value of [undefined, "", "0"]) {
    const attributes = [
      { name: "file-selector", value: "size:1" },
      { name: "x-file-offset", ...(value === undefined ? {} : { value }) },
    ];
    assertEquals(parseFileDescription(attributes)?.knowsOffset, true);
  }
});

Deno.test("parseFileDescription() refuses attributes that are not what they should be", () => {
  for (
    const [name, value] of [
      ["file-transfer-id", "two words"],
      ["file-transfer-id", ""],
      ["file-disposition", "a/b"],
      ["file-date", "yesterday"],
      ["file-date", 'modification:"yesterday"'],
      ["file-date", 'born:"Mon, 15 May 2006 15:01:31 +0300"'],
      ["file-icon", "http://example.com/"],
      ["file-range", "0-1"],
      ["file-range", "5-3"],
      ["file-range", "*-5"],
    ] as const
  ) {
    const attributes = [{ name: "file-selector", value: "size:1" }, { name, value }];
    const error = assertThrows(() => parseFileDescription(attributes), PeerError);
    assertEquals(error.code, "sdp/bad-file-attribute");
  }
});

Deno.test("parseFileRange() takes the empty range of an empty file", () => {
  assertEquals(parseFileRange("1-0"), { start: 1, stop: 0 });
});

Deno.test("fileAttributes() writes a range, and refuses one that is none", () => {
  assertEquals(fileAttributes({ ...FILE, range: { start: 2, stop: "*" } }).at(-1), {
    name: "file-range",
    value: "2-*",
  });
  assertThrows(() => fileAttributes({ ...FILE, range: { start: 0, stop: 1 } }), TypeError);
  assertThrows(() => fileAttributes({ ...FILE, transferId: "a b" }), TypeError);
  assertThrows(() => fileAttributes({ selector: { hashes: [] } }), TypeError);
});

Deno.test("answeredFile() repeats the file and the range, and nothing about showing it", () => {
  const dates = { creation: 0 };
  const range = { start: 2, stop: 3 };
  assertEquals(answeredFile({ ...FILE, range, dates, icon: "x", disposition: "render" }), {
    ...FILE,
    range,
  });
});

Deno.test("isSameFile() minds what both say", () => {
  const { selector } = FILE;
  assertEquals(isSameFile(selector, { hashes: [] }), true);
  assertEquals(isSameFile(selector, { ...selector, type: "text/plain" }), true);
  assertEquals(isSameFile(selector, { ...selector, name: "b.txt" }), false);
  assertEquals(isSameFile(selector, { ...selector, size: 4 }), false);
  assertEquals(
    isSameFile(selector, { hashes: [{ algorithm: "sha-1", value: "01" }] }),
    false,
  );
});

Deno.test("judgeTransfer() is figure 3 of RFC 5547", () => {
  const other = { ...FILE, selector: { ...FILE.selector, size: 4 } };
  assertEquals(judgeTransfer(FILE, FILE), "same-transfer");
  assertEquals(judgeTransfer(FILE, other), "error");
  assertEquals(judgeTransfer(FILE, { ...FILE, transferId: "def" }), "new-transfer");
  assertEquals(judgeTransfer(FILE, { ...other, transferId: "def" }), "new-transfer");
});
