import { assertEquals, assertThrows } from "@std/assert";
import { latin1, SottoError, utf8 } from "../../../../lib/base/mod.ts";
import {
  isLibotrPrivateKeys,
  parseLibotrPrivateKeys,
  writeLibotrPrivateKeys,
} from "../../../../lib/storage/formats/libotr_private_key.ts";
import { readFixture } from "../../../helpers/temporary_folder.ts";

const ALICE = readFixture("otr/libotr-transcripts/alice.key");
const BOB = readFixture("otr/libotr-transcripts/bob.key");

Deno.test("parseLibotrPrivateKeys() reads what libotr wrote, and it is written back octet for octet", () => {
  for (const file of [ALICE, BOB]) {
    assertEquals(isLibotrPrivateKeys(file), true);
    const keys = parseLibotrPrivateKeys(file);
    assertEquals(keys.length, 1);
    assertEquals(writeLibotrPrivateKeys(keys), file);
  }
  const [alice] = parseLibotrPrivateKeys(ALICE);
  assertEquals([alice?.account, alice?.protocol], ["alice", "msrp"]);
  assertEquals(alice?.key.fingerprint, "257920d7dfe968024dd69758df19928efc166490");
});

Deno.test("parseLibotrPrivateKeys() reads several accounts, with names of any kind", () => {
  const [alice] = parseLibotrPrivateKeys(ALICE);
  const [bob] = parseLibotrPrivateKeys(BOB);
  if (alice === undefined || bob === undefined) throw new Error("a key is missing");
  const keys = [
    { ...alice, account: "alice@example.com/Home", protocol: "prpl-jabber" },
    { ...bob, account: "b\u00f6b", protocol: "x y" },
  ];
  const read = parseLibotrPrivateKeys(writeLibotrPrivateKeys(keys));
  assertEquals(
    read.map(({ account, protocol, key }) => [account, protocol, key.fingerprint]),
    keys.map(({ account, protocol, key }) => [account, protocol, key.fingerprint]),
  );
});

Deno.test("parseLibotrPrivateKeys() refuses what is damaged", () => {
  const text = latin1(ALICE);
  const damaged: [string, string][] = [
    ["(privkeys)", "storage/unreadable-key"],
    [text.slice(0, 500), "storage/bad-s-expression"],
    [text.replace("(dsa", "(rsa"), "storage/unreadable-key"],
    [text.replace(/\(x #[0-9A-F]+#\)/, ""), "storage/unreadable-key"],
    [text.replace(/\(x #58/, "(x #59"), "otr/bad-private-key"],
  ];
  for (const [content, code] of damaged) {
    const error = assertThrows(() => parseLibotrPrivateKeys(utf8(content)), SottoError);
    assertEquals(error.code, code);
  }
});
