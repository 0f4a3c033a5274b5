import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { concatBytes, toHex } from "../../../../lib/base/bytes.ts";
import { SottoError } from "../../../../lib/base/errors.ts";
import { bitLength } from "../../../../lib/otr/crypto/arithmetic/mod.ts";
import { sha256 } from "../../../../lib/otr/crypto/hashes.ts";
import { DsaPrivateKey } from "../../../../lib/otr/keys/dsa_private_key.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

const FOLDER = new URL("../../../../fixtures/keys/", import.meta.url);
const BLINK = Deno.readFileSync(new URL("blink.private_key.dsa", FOLDER));
const FACTS = JSON.parse(Deno.readTextFileSync(new URL("blink.key.json", FOLDER)));

Deno.test("DsaPrivateKey.parse() reads Blink's file, and encode() writes it octet by octet", () => {
  const key = DsaPrivateKey.parse(BLINK);
  assertEquals(key.fingerprint, FACTS.fingerprint_hex);
  assertEquals(key.exposeNumbers(), {
    p: BigInt(FACTS.p),
    q: BigInt(FACTS.q),
    g: BigInt(FACTS.g),
    y: BigInt(FACTS.y),
    x: BigInt(FACTS.x),
  });
  assertEquals(key.encode(), new Uint8Array(BLINK));
  assertEquals(toHex(sha256(key.encode())), FACTS.private_key_dsa_sha256);
});

Deno.test("DsaPrivateKey.parse() ignores octets behind x, as Blink does", () => {
  const key = DsaPrivateKey.parse(concatBytes(BLINK, new Uint8Array(100)));
  assertEquals(key.fingerprint, FACTS.fingerprint_hex);
});

Deno.test("DsaPrivateKey.parse() refuses every shorter file and other types", () => {
  for (let length = 0; length < BLINK.length; length += 5) {
    const error = assertThrows(() => DsaPrivateKey.parse(BLINK.subarray(0, length)), SottoError);
    assertEquals(error.code, "otr/bad-private-key");
  }
  const other = new Uint8Array(BLINK);
  other[1] = 2;
  assertThrows(() => DsaPrivateKey.parse(other), SottoError, "key type 0, found 2");
});

Deno.test("DsaPrivateKey.fromNumbers() refuses numbers that do not belong together", () => {
  const numbers = DsaPrivateKey.parse(BLINK).exposeNumbers();
  for (
    const wrong of [
      { x: 0n },
      { x: numbers.q },
      { x: numbers.x + 1n },
      { y: numbers.y + 1n },
      { q: 3n },
      { p: 15n },
      { p: numbers.p + 1n },
      { g: 0n },
      { g: 1n },
      { p: 1n << 5000n },
    ]
  ) {
    const error = assertThrows(
      () => DsaPrivateKey.fromNumbers({ ...numbers, ...wrong }),
      SottoError,
    );
    assertEquals(error.code, "otr/bad-private-key", Deno.inspect(wrong));
  }
});

Deno.test("DsaPrivateKey.fromNumbers() computes a y that is not given", () => {
  const { y: _, ...numbers } = DsaPrivateKey.parse(BLINK).exposeNumbers();
  assertEquals(DsaPrivateKey.fromNumbers(numbers).fingerprint, FACTS.fingerprint_hex);
});

Deno.test("DsaPrivateKey.generate() makes a key that signs and survives being written", () => {
  const key = DsaPrivateKey.generate(seededRandom(11));
  const { p, q } = key.publicKey.numbers;
  assertEquals([bitLength(p), bitLength(q)], [1024, 160]);
  const digest = sha256(new Uint8Array(3));
  assert(key.publicKey.verify(digest, key.sign(digest)));
  assertEquals(DsaPrivateKey.parse(key.encode()).fingerprint, key.fingerprint);
});

Deno.test("DsaPrivateKey shows its fingerprint at most, never x", () => {
  const key = DsaPrivateKey.parse(BLINK);
  const { x } = key.exposeNumbers();
  const shown = JSON.stringify({ f: key.fingerprint }) + Deno.inspect(key, { depth: 10 });
  assertEquals(shown.includes(x.toString()) || shown.includes(x.toString(16)), false);
  assertStringIncludes(shown, key.fingerprint);
});

Deno.test("DsaPrivateKey overwrites x when it is disposed of", () => {
  const key = DsaPrivateKey.parse(BLINK);
  key[Symbol.dispose]();
  assertEquals(key.exposeNumbers().x, 0n);
});
