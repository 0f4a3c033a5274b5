import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { parseFileSelector, writeFileSelector } from "../../../lib/sdp/file_selector.ts";

const SHA1 = "72245fe8653ddaf371362f86d471913ee4a2ce2e";

Deno.test("parseFileSelector() takes selectors in any order, and keeps several hashes", () => {
  assertEquals(
    parseFileSelector('hash:sha-256:00:FF size:4092 type:image/jpeg hash:sha-1:AB name:"a b"'),
    {
      name: "a b",
      type: "image/jpeg",
      size: 4092,
      hashes: [{ algorithm: "sha-256", value: "00ff" }, { algorithm: "sha-1", value: "ab" }],
    },
  );
});

Deno.test("parseFileSelector() is lenient where peers are: case, lone percent signs, extensions", () => {
  assertEquals(
    parseFileSelector(
      'NAME:"100% mine" HASH:SHA-1:ab:Cd colour:blue type:text/plain;charset=utf-8',
    ),
    {
      name: "100% mine",
      type: 'text/plain; charset="utf-8"',
      hashes: [{ algorithm: "sha-1", value: "abcd" }],
    },
  );
});

Deno.test("parseFileSelector() undoes escapes of octets that are UTF-8 together", () => {
  assertEquals(parseFileSelector('name:"%C3%A9%22%25%2f"').name, 'é"%/');
  // Not UTF-8: never an exception, never a lone surrogate.
  assertEquals(parseFileSelector('name:"%ff"').name, "\ufffd");
});

Deno.test("parseFileSelector() lets the first of several names count", () => {
  assertEquals(parseFileSelector('name:"a" name:"b" size:1 size:2'), {
    name: "a",
    size: 1,
    hashes: [],
  });
});

for (
  const value of [
    "name:plain",
    'name:""',
    'name:"open',
    "size:",
    "size:-1",
    "size:1e3",
    "size:1234567890123456",
    "type:image",
    "type:image/jp@eg",
    'type:a/b;c="%00"',
    "hash:sha-1",
    "hash:sha-1:7",
    "hash:sha-1:GG",
    "hash::00",
    "nonsense",
    ":x",
    Array(33).fill("x:y").join(" "),
  ]
) {
  Deno.test(`parseFileSelector() refuses ${value.slice(0, 40)}`, () => {
    const error = assertThrows(() => parseFileSelector(value), PeerError);
    assertEquals(error.code, "sdp/bad-file-selector");
  });
}

Deno.test("writeFileSelector() escapes what the grammar and file systems do not allow", () => {
  assertEquals(
    writeFileSelector({ name: 'a/b\\c:"d"%\n', size: 0, hashes: [] }),
    'name:"a%2Fb%5Cc%3A%22d%22%25%0A" size:0',
  );
});

Deno.test("writeFileSelector() writes hashes in upper case with colons, and quotes parameters", () => {
  assertEquals(
    writeFileSelector({
      type: 'text/plain; charset=utf-8; x="a\\"b"',
      hashes: [{ algorithm: "sha-1", value: SHA1 }],
    }),
    'type:text/plain;charset="utf-8";x="a%22b" ' +
      "hash:sha-1:72:24:5F:E8:65:3D:DA:F3:71:36:2F:86:D4:71:91:3E:E4:A2:CE:2E",
  );
});

Deno.test("writeFileSelector() refuses what cannot be written", () => {
  assertThrows(() => writeFileSelector({ name: "", hashes: [] }), TypeError);
  assertThrows(() => writeFileSelector({ type: "image", hashes: [] }), TypeError);
  assertThrows(() => writeFileSelector({ size: -1, hashes: [] }), RangeError);
  assertThrows(
    () => writeFileSelector({ hashes: [{ algorithm: "sha-1", value: "AB" }] }),
    TypeError,
  );
});
