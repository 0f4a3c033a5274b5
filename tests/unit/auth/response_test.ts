import { assertEquals } from "@std/assert";
import { hexDigest } from "../../../lib/auth/algorithm.ts";
import {
  requestDigest,
  responseDigest,
  sessionHa1,
  usernameHash,
} from "../../../lib/auth/response.ts";
import { utf8 } from "../../../lib/base/bytes.ts";

/** Computed with Python's hashlib from the formulas: user alice, realm example.com, password secret. */
const KNOWN = {
  "MD5": {
    session: ["4f709e431565699c17064ec001836b76", "8581e4f3c95fbc679b6ba525d495c8f1"],
    integrity: ["f6b8a53dc90952e6d060bd270a64c252", "f640ea8b3ac1e7bc39ac33049995b359"],
    proof: ["2d1ac03b7e568ec98de13d80f34eb5a0", "64c1eef354962b42578ea3254e783ddc"],
  },
  "SHA-256": {
    session: [
      "7d34de6ee3bd100d36ac61b5e7fe5f529ca3eceba0da6841c437b247fc388801",
      "ee5da586f7d27ff7cdb2e06f00e7eb4c71389df80c241940eb1bb4f886a328d4",
    ],
    integrity: [
      "2114511712af31a43ab6602d6d633e1e2cbe25179bfecf725539d41679a0f9a2",
      "e9a83a7b0efe78de05b23d30c44fee124d1c4576b8468dd3a5fdbb6802671522",
    ],
    proof: [
      "03839cfe26a2f52a931ac14764734f2f6ed699f28779479047a41a410d58c738",
      "cc9e5602307e01d1c147f69fb5765a233e7056cb7a4808deaa217aed54222819",
    ],
  },
  "SHA-512-256": {
    session: [
      "1778f8302ca966526af1c105e7f4d171df6537be1b79c8aa2b3c323e16ef50de",
      "1c0561a5b81b56cc0051e02ea837ea546f588463264c29d8e6df3ff4dc042a83",
    ],
    integrity: [
      "7ae3aa1a35317f3fbf30ca2ed5c8e69c3a7d03f6600db2de773d36a26f4f9620",
      "3e8c0a541362a7e82f0a9fd288730ebc7c80f906b45a211c9fce7ddb9378e2b6",
    ],
    proof: [
      "4aed0d8df1b06498205699c65fa5dcac40d63f24c85f727f0695a53834c2a21f",
      "07ef6b5b6f68e8e6b4b64e0e3e152d93cb81e9832899b684bdd0ff31bc04fc4d",
    ],
  },
} as const;

const NO_BODY = new Uint8Array(0);
const BODY = utf8("v=0\r\n");

for (const hash of ["MD5", "SHA-256", "SHA-512-256"] as const) {
  const plain = hexDigest(hash, "alice:example.com:secret");
  const input = {
    algorithm: hash,
    nonce: "n1",
    nc: "00000001",
    cnonce: "c1",
    uri: "sip:bob@example.com",
  };

  Deno.test(`sessionHa1() keeps the key of the first request: ${hash}-sess`, () => {
    const algorithm = `${hash}-sess` as const;
    const ha1 = sessionHa1(plain, algorithm, { nonce: "n1", cnonce: "c1" });
    const first = { ...input, algorithm, qop: "auth" } as const;
    const second = { ...first, nc: "00000002", cnonce: "c2" };
    assertEquals(requestDigest(ha1, first, "INVITE", BODY), KNOWN[hash].session[0]);
    assertEquals(requestDigest(ha1, second, "INVITE", BODY), KNOWN[hash].session[1]);
    assertEquals(sessionHa1(plain, hash, { nonce: "n1", cnonce: "c1" }), plain);
  });

  Deno.test(`requestDigest() hashes the body with auth-int, an empty one too: ${hash}`, () => {
    const whole = { ...input, qop: "auth-int" } as const;
    assertEquals(requestDigest(plain, whole, "INVITE", BODY), KNOWN[hash].integrity[0]);
    assertEquals(requestDigest(plain, whole, "BYE", NO_BODY), KNOWN[hash].integrity[1]);
  });

  Deno.test(`responseDigest() has no method: ${hash}`, () => {
    assertEquals(
      responseDigest(plain, { ...input, qop: "auth" }, BODY),
      KNOWN[hash].proof[0],
    );
    assertEquals(
      responseDigest(plain, { ...input, qop: "auth-int" }, BODY),
      KNOWN[hash].proof[1],
    );
  });
}

Deno.test("usernameHash() composes the name first", () => {
  assertEquals(usernameHash("a\u0308", "r", "MD5"), usernameHash("\u00e4", "r", "MD5"));
});
