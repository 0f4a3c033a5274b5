import { assertEquals, assertThrows } from "@std/assert";
import { SottoError, utf8 } from "../../../../lib/base/mod.ts";
import { exportKey, importKeys, type KeyFormat } from "../../../../lib/storage/formats/key_file.ts";
import { readFixture } from "../../../helpers/temporary_folder.ts";

const FILES: [KeyFormat, string][] = [
  ["blink", "keys/blink.private_key.dsa"],
  ["libotr", "otr/libotr-transcripts/alice.key"],
  ["pkcs8", "storage/otr.key"],
];

Deno.test("importKeys() recognises each format by its content, and exportKey() writes it back", () => {
  for (const [format, name] of FILES) {
    const file = readFixture(name);
    const imported = importKeys(file);
    assertEquals(imported.format, format);
    const [first] = imported.keys;
    if (first === undefined) throw new Error("a key is missing");
    const account = { account: first.account ?? "", protocol: first.protocol ?? "" };
    assertEquals(exportKey(first.key, format, account), file);
  }
});

Deno.test("importKeys() carries a key through every format", () => {
  const [original] = importKeys(readFixture("keys/blink.private_key.dsa")).keys;
  let key = original?.key;
  for (const format of ["libotr", "pkcs8", "blink"] as const) {
    if (key === undefined) throw new Error("a key is missing");
    const file = exportKey(key, format, { account: "a", protocol: "b" });
    key = importKeys(file).keys[0]?.key;
  }
  assertEquals(key?.encode(), readFixture("keys/blink.private_key.dsa"));
});

Deno.test("importKeys() refuses files in no known format", () => {
  for (
    const content of [utf8(""), utf8("hello"), new Uint8Array(5), Uint8Array.of(1, 2, 3, 4, 5)]
  ) {
    const error = assertThrows(() => importKeys(content), SottoError);
    assertEquals(error.code, "storage/unknown-format");
  }
  assertThrows(() => importKeys(new Uint8Array(500)), SottoError);
});
