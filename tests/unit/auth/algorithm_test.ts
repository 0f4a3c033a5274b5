import { assert, assertEquals } from "@std/assert";
import {
  DIGEST_ALGORITHMS,
  digestAlgorithm,
  digestLength,
  hashOf,
  hexDigest,
  isSessionAlgorithm,
  isStrongEnough,
} from "../../../lib/auth/algorithm.ts";

Deno.test("hexDigest() gives the known hashes of nothing and of abc", () => {
  // RFC 1321 §A.5, FIPS 180-4 examples, RFC 8760 §2.6.
  assertEquals(hexDigest("MD5"), "d41d8cd98f00b204e9800998ecf8427e");
  assertEquals(hexDigest("MD5", "a", "bc"), "900150983cd24fb0d6963f7d28e17f72");
  assertEquals(
    hexDigest("SHA-256"),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
  assertEquals(
    hexDigest("SHA-512-256", "abc"),
    "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
  );
});

Deno.test("digestAlgorithm() knows six names in any case, and no other", () => {
  for (const name of DIGEST_ALGORITHMS) {
    assertEquals(digestAlgorithm(name), name);
    assertEquals(digestAlgorithm(name.toLowerCase()), name);
    assertEquals(digestAlgorithm(name.toUpperCase()), name);
  }
  for (const name of ["", "SHA-1", "SHA-512", "AKAv1-MD5", "MD5 ", "sess"]) {
    assertEquals(digestAlgorithm(name), undefined);
  }
});

Deno.test("isStrongEnough() orders MD5, SHA-256, SHA-512-256, session or not", () => {
  const accepted = (minimum: "md5" | "sha-256" | "sha-512-256") =>
    DIGEST_ALGORITHMS.filter((it) => isStrongEnough(it, minimum)).length;
  assertEquals([accepted("md5"), accepted("sha-256"), accepted("sha-512-256")], [6, 4, 2]);
  assert(!isStrongEnough("MD5-sess", "sha-256"));
  assert(isStrongEnough("SHA-256-sess", "sha-256"));
});

Deno.test("hashOf(), isSessionAlgorithm() and digestLength() take names apart", () => {
  assertEquals(DIGEST_ALGORITHMS.map(hashOf), [
    "SHA-512-256",
    "SHA-512-256",
    "SHA-256",
    "SHA-256",
    "MD5",
    "MD5",
  ]);
  assertEquals(DIGEST_ALGORITHMS.filter(isSessionAlgorithm).length, 3);
  for (const it of DIGEST_ALGORITHMS) {
    assertEquals(digestLength(it), hexDigest(hashOf(it), "x").length);
  }
});
