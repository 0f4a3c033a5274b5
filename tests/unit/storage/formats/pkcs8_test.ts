import { assertEquals, assertThrows } from "@std/assert";
import { latin1, SottoError, utf8 } from "../../../../lib/base/mod.ts";
import { isPemPrivateKey, parsePkcs8, writePkcs8 } from "../../../../lib/storage/formats/pkcs8.ts";
import { readFixture } from "../../../helpers/temporary_folder.ts";

const FILE = readFixture("storage/otr.key");

Deno.test("parsePkcs8() reads otr.key, and it is written back octet for octet", () => {
  assertEquals(isPemPrivateKey(FILE), true);
  const key = parsePkcs8(FILE);
  assertEquals(key.fingerprint, "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c");
  assertEquals(key.encode(), readFixture("keys/blink.private_key.dsa"));
  assertEquals(writePkcs8(key), FILE);
});

Deno.test("parsePkcs8() takes line ends and text around as they come", () => {
  const text = `Key of mine\r\n${latin1(FILE).replaceAll("\n", "\r\n")}trailing`;
  assertEquals(parsePkcs8(utf8(text)).fingerprint, parsePkcs8(FILE).fingerprint);
});

Deno.test("parsePkcs8() refuses what is damaged or something else", () => {
  const pem = (base64: string) =>
    `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
  const text = latin1(FILE);
  const mistakes: [string, string][] = [
    ["-----BEGIN ENCRYPTED PRIVATE KEY-----", "encrypted"],
    ["nothing", "expected -----BEGIN"],
    [pem("!!"), "base64"],
    [pem("MAA="), "cut short"],
    [pem("AgEA"), "expected DER tag 0x30"],
    [pem("MIT/////AA=="), "DER length"],
    // An Ed25519 key.
    [pem("MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"), "DSA"],
    [text.replace("MIIBSwIBADCC", "MIIBSwIBADCD"), "DER"],
  ];
  for (const [content, message] of mistakes) {
    const error = assertThrows(() => parsePkcs8(utf8(content)), SottoError, message);
    assertEquals(error.code, "storage/unreadable-key");
  }
});
