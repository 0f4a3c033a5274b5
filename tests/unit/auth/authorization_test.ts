import { assertEquals, assertThrows } from "@std/assert";
import {
  type DigestAuthorization,
  parseAuthorization,
  writeAuthorization,
} from "../../../lib/auth/authorization.ts";
import { PeerError } from "../../../lib/base/errors.ts";

const RESPONSE = "0123456789abcdef0123456789abcdef";
const FULL: DigestAuthorization = {
  username: 'a "b"',
  userhash: false,
  realm: "r",
  nonce: "n",
  uri: "sip:r",
  response: RESPONSE,
  algorithm: "MD5",
  algorithmText: "MD5",
  qop: "auth",
  nc: "00000001",
  cnonce: "c",
  opaque: "o",
};

Deno.test("writeAuthorization() quotes each parameter as RFC 7616 §3.4 says", () => {
  assertEquals(
    writeAuthorization(FULL),
    `Digest username="a \\"b\\"", realm="r", nonce="n", uri="sip:r", response="${RESPONSE}", ` +
      `algorithm=MD5, cnonce="c", qop=auth, nc=00000001, opaque="o"`,
  );
});

Deno.test("writeAuthorization() leaves out what relays do not take, and quotes as Blink does", () => {
  assertEquals(
    writeAuthorization(FULL, { uri: false, algorithm: false, quoting: "all" }),
    `Digest username="a \\"b\\"", realm="r", nonce="n", response="${RESPONSE}", ` +
      `cnonce="c", qop="auth", nc="00000001", opaque="o"`,
  );
});

Deno.test("writeAuthorization() has neither cnonce nor nc without qop (RFC 3261 §22.4)", () => {
  const old = { ...FULL, qop: undefined, opaque: undefined, algorithmText: undefined };
  assertEquals(
    writeAuthorization(old),
    `Digest username="a \\"b\\"", realm="r", nonce="n", uri="sip:r", response="${RESPONSE}"`,
  );
});

Deno.test("parseAuthorization() reads what writeAuthorization() writes, in every form", () => {
  assertEquals(parseAuthorization(writeAuthorization(FULL)), FULL);
  assertEquals(parseAuthorization(writeAuthorization(FULL, { quoting: "all" })), FULL);
  const extended = { ...FULL, username: "Jäsøn Doe%" };
  assertEquals(
    parseAuthorization(writeAuthorization(extended, { username: "extended" })),
    extended,
  );
  const hashed = { ...FULL, userhash: true };
  assertEquals(parseAuthorization(writeAuthorization(hashed, { username: "extended" })), hashed);
});

Deno.test("parseAuthorization() passes over other schemes and unknown algorithms", () => {
  assertEquals(parseAuthorization("Basic YTpi"), undefined);
  assertEquals(parseAuthorization(writeAuthorization({ ...FULL, algorithmText: "X" })), undefined);
});

Deno.test("parseAuthorization() says what is missing or wrong", () => {
  const faulty = (change: (text: string) => string, what: string): void => {
    const error = assertThrows(
      () => parseAuthorization(change(writeAuthorization(FULL))),
      PeerError,
      what,
    );
    assertEquals([error.code, error.rule], ["auth/bad-authorization", "RFC 7616 §3.4"]);
  };
  faulty((it) => it.replace("realm=", "x="), "expected realm");
  faulty((it) => it.replace("nonce=", "x="), "expected nonce");
  faulty((it) => it.replace("username=", "x="), "expected username");
  faulty((it) => it.replace("response=", "x="), "expected response");
  faulty((it) => it.replace(RESPONSE, "0123"), "expected 32 hexadecimal digits");
  faulty(
    (it) => it.replace("algorithm=MD5", "algorithm=SHA-256"),
    "expected 64 hexadecimal digits",
  );
  faulty((it) => it.replace("00000001", "1"), "expected eight hexadecimal digits as nc");
  faulty((it) => it.replace("cnonce=", "x="), "expected cnonce");
  faulty((it) => it.replace("nc=", "x="), "expected nc");
  faulty((it) => it.replace("qop=auth", "qop=all"), "expected auth or auth-int");
  faulty((it) => `${it}, username*=UTF-8''a`, "both username and username*");
  faulty((it) => it.replace(/username="[^,]*/, "username*=UTF-8''%FF"), "in UTF-8");
  faulty((it) => it.replace(/username="[^,]*/, "username*=latin1''a"), "in UTF-8");
  faulty((it) => it.replace(/username="[^,]*/, "username*=UTF-8''a%0D%0Ab"), "control character");
  faulty((it) => `${it}, ${it}`, "expected one scheme");
  faulty(() => "", "expected a scheme");
});

Deno.test("parseAuthorization() takes an empty response, sent before the first challenge", () => {
  const early = { ...FULL, response: "" };
  assertEquals(parseAuthorization(writeAuthorization(early)), early);
});
