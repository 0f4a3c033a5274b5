import { assertEquals, assertThrows } from "@std/assert";
import {
  chooseChallenge,
  chooseChallenges,
  type DigestChallenge,
  MAX_CHALLENGE_FIELDS,
  parseChallenges,
  writeChallenge,
} from "../../../lib/auth/challenge.ts";
import { PeerError } from "../../../lib/base/errors.ts";

const MD5 = 'Digest realm="a", nonce="n", qop="auth", algorithm=MD5';
const SHA = 'Digest realm="a", nonce="n", qop="auth", algorithm=SHA-256';

Deno.test("parseChallenges() reads every parameter that matters", () => {
  assertEquals(
    parseChallenges([
      'digest Realm="a b", domain="/x", NONCE="n\\"", opaque="o", STALE=TRUE, algorithm="sha-256", qop="auth-int , AUTH,x", charset=UTF-8, userhash=true',
    ]),
    [{
      realm: "a b",
      nonce: 'n"',
      opaque: "o",
      stale: true,
      algorithm: "SHA-256",
      algorithmText: "sha-256",
      qop: ["auth", "auth-int"],
      userhash: true,
    }],
  );
});

Deno.test("parseChallenges() takes MD5 and RFC 2069 where the server says nothing", () => {
  const [challenge] = parseChallenges(['Digest realm="a", nonce="n", stale=maybe']);
  assertEquals([challenge?.algorithm, challenge?.algorithmText], ["MD5", undefined]);
  assertEquals([challenge?.qop, challenge?.stale, challenge?.opaque], [[], false, undefined]);
});

Deno.test("parseChallenges() passes over what nobody here can answer", () => {
  assertEquals(parseChallenges(['Basic realm="a"', "Negotiate", MD5]).length, 1);
  assertEquals(parseChallenges(['Digest realm="a", nonce="n", algorithm=AKAv1-MD5']), []);
  assertEquals(parseChallenges(['Digest realm="a", nonce="n", qop="token"']), []);
  assertEquals(parseChallenges(['Digest realm="a", nonce="n", algorithm=MD5-sess']), []);
  assertEquals(parseChallenges([]), []);
});

Deno.test("parseChallenges() reports a malformed field only when it has nothing better", () => {
  const error = assertThrows(() => parseChallenges(['Digest realm="a"']), PeerError, "nonce");
  assertEquals([error.code, error.rule], ["auth/bad-challenge", "RFC 7616 §3.3"]);
  assertThrows(() => parseChallenges(['Digest nonce="a"']), PeerError, "expected realm");
  assertEquals(parseChallenges(['Digest realm="', SHA]).length, 1);
});

Deno.test("parseChallenges() stops at its limit", () => {
  const values = Array<string>(MAX_CHALLENGE_FIELDS + 5).fill(MD5);
  assertEquals(parseChallenges(values).length, MAX_CHALLENGE_FIELDS);
});

Deno.test("chooseChallenge() takes the topmost one that policy allows", () => {
  const [md5First] = [parseChallenges([MD5, SHA])];
  assertEquals(chooseChallenge(md5First)?.algorithm, "MD5");
  assertEquals(chooseChallenge(md5First, { minimum: "sha-256" })?.algorithm, "SHA-256");
  assertEquals(chooseChallenge(md5First, { minimum: "sha-512-256" }), undefined);
  const isAnswerable = (it: DigestChallenge) => it.algorithm !== "MD5";
  assertEquals(chooseChallenge(md5First, { isAnswerable })?.algorithm, "SHA-256");
});

Deno.test("chooseChallenges() takes one for each realm", () => {
  const b = 'Digest realm="b", nonce="n", qop="auth"';
  const chosen = chooseChallenges(parseChallenges([MD5, b, SHA]), {});
  assertEquals(chosen.map((it) => [it.realm, it.algorithm]), [["a", "MD5"], ["b", "MD5"]]);
  const strict = chooseChallenges(parseChallenges([MD5, b, SHA]), { minimum: "sha-256" });
  assertEquals(strict.map((it) => [it.realm, it.algorithm]), [["a", "SHA-256"]]);
});

Deno.test("writeChallenge() quotes what has to be quoted, and nothing else", () => {
  assertEquals(
    writeChallenge({
      realm: 'a "b"',
      nonce: "n",
      opaque: "o",
      stale: true,
      algorithm: "SHA-256",
      algorithmText: "SHA-256",
      qop: ["auth", "auth-int"],
      userhash: false,
    }),
    'Digest realm="a \\"b\\"", qop="auth,auth-int", algorithm=SHA-256, nonce="n", opaque="o", stale=true',
  );
});
