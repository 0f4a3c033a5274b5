import { assertEquals, assertThrows } from "@std/assert";
import {
  type AuthField,
  MAX_AUTH_PARAMETERS,
  MAX_AUTH_VALUE,
  MAX_CHALLENGES_PER_FIELD,
  quoted,
  scanParameterList,
  scanSchemes,
} from "../../../lib/auth/auth_scanner.ts";
import { PeerError } from "../../../lib/base/errors.ts";

const FIELD: AuthField = { code: "auth/bad-challenge", rule: "RFC 7235 §2.1", what: "challenge" };

function schemes(value: string): [string, Record<string, string>][] {
  return scanSchemes(value, FIELD).map((it) => [it.scheme, Object.fromEntries(it.parameters)]);
}

Deno.test("scanSchemes() reads one scheme with quoted and bare values", () => {
  assertEquals(schemes('Digest realm="a, \\"b\\"\\\\c" ,nonce=x/y=, URI=sip:a@b;c=d'), [
    ["digest", { realm: 'a, "b"\\c', nonce: "x/y=", uri: "sip:a@b;c=d" }],
  ]);
});

Deno.test("scanSchemes() tells where the next scheme of a field begins", () => {
  assertEquals(
    schemes('Basic realm="a", Digest realm="b", nonce="c",NTLM, Bearer ab+/.==, X y=z'),
    [
      ["basic", { realm: "a" }],
      ["digest", { realm: "b", nonce: "c" }],
      ["ntlm", {}],
      ["bearer", {}],
      ["x", { y: "z" }],
    ],
  );
});

Deno.test("scanSchemes() forgives blanks and empty elements (RFC 7235 §1.2)", () => {
  assertEquals(schemes(' , Digest  realm = "a" ,, nonce\t=\t"b" , '), [
    ["digest", { realm: "a", nonce: "b" }],
  ]);
  assertEquals(schemes(""), []);
});

Deno.test("scanSchemes() names what is malformed, and where", () => {
  for (
    const [value, what] of [
      ['Digest realm="a', 'expected the value of realm at character 13, found ""a"'],
      ['Digest realm="a\\"', "expected the value of realm"],
      ["Digest a=b, realm=,nonce=c", "expected the value of realm"],
      ['Digest realm="a" nonce="b"', "expected a comma at character 17"],
      ['Digest realm="a", realm="b"', "realm is there twice"],
      ['="a"', "expected a scheme at character 0"],
      ['Digest realm="a\r\nX: y"', "control character at character 15"],
      ['Digest realm="a\0"', "control character"],
    ] as const
  ) {
    const error = assertThrows(() => schemes(value), PeerError, what);
    assertEquals(error.rule, FIELD.rule);
  }
});

Deno.test("scanSchemes() has limits for length, parameters and schemes", () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => `p${at}=v`).join(",");
  assertEquals(
    Object.keys(schemes(`Digest ${many(MAX_AUTH_PARAMETERS)}`)[0]?.[1] ?? {}).length,
    32,
  );
  assertThrows(() => schemes(`Digest ${many(MAX_AUTH_PARAMETERS + 1)}`), PeerError, "too many");
  const names = (count: number) => Array(count).fill("NTLM").join(", ");
  assertEquals(schemes(names(MAX_CHALLENGES_PER_FIELD)).length, 16);
  assertThrows(() => schemes(names(MAX_CHALLENGES_PER_FIELD + 1)), PeerError, "too many");
  assertThrows(() => schemes(`Digest a=${"b".repeat(MAX_AUTH_VALUE)}`), PeerError, "longer than");
});

Deno.test("scanParameterList() has no scheme, and nothing after the last parameter", () => {
  assertEquals(Object.fromEntries(scanParameterList('rspauth="a", NC=00000001', FIELD)), {
    rspauth: "a",
    nc: "00000001",
  });
  assertThrows(
    () => scanParameterList("Digest rspauth=a", FIELD),
    PeerError,
    "expected a parameter",
  );
});

Deno.test("quoted() is what the scanner reads", () => {
  for (const text of ["", 'a"b', "a\\", "ä ,=\t"]) {
    assertEquals(scanParameterList(`x=${quoted(text)}`, FIELD).get("x"), text);
  }
});
