import { assert, assertEquals } from "@std/assert";
import {
  certificateHashes,
  fingerprintList,
  fingerprintMismatch,
  isExpectedCertificate,
} from "../../../lib/session/msrp_fingerprint.ts";

const TLS = {
  protocol: "TLSv1.3",
  cipher: "any",
  authorized: false,
  peerCertificate: new TextEncoder().encode("not really a certificate"),
};

Deno.test("isExpectedCertificate() compares what a description says with what was shown", async () => {
  const hashes = await certificateHashes(TLS);
  assertEquals([...hashes.keys()], ["sha-1", "sha-256", "sha-384", "sha-512"]);
  const value = hashes.get("sha-256") ?? "";
  const colons = value.toUpperCase().replace(/(..)(?!$)/g, "$1:");
  assert(isExpectedCertificate([{ hash: "sha-256", value }], hashes));
  assert(isExpectedCertificate([{ hash: "SHA-256", value: colons }], hashes));
  assert(
    isExpectedCertificate([{ hash: "sha-1", value: "00" }, { hash: "sha-256", value }], hashes),
  );
  for (
    const wrong of [
      { hash: "sha-1", value },
      { hash: "md5", value },
      { hash: "sha-256", value: value.slice(2) },
      { hash: "sha-256", value: `${value}zz` },
      { hash: "sha-256", value: "" },
    ]
  ) assert(!isExpectedCertificate([wrong], hashes));
  assert(!isExpectedCertificate([], hashes));
});

Deno.test("a peer without a certificate is never the expected one", async () => {
  const hashes = await certificateHashes(undefined);
  assertEquals(hashes.size, 0);
  assert(!isExpectedCertificate([{ hash: "sha-256", value: "00" }], hashes));
  const error = fingerprintMismatch(hashes);
  assertEquals(error.code, "session/tls-fingerprint-mismatch");
  assert(error.message.includes("no certificate"));
  assert(fingerprintMismatch(await certificateHashes(TLS)).message.includes("sha-256 "));
});

Deno.test("fingerprintList() takes one, several or none", () => {
  const one = { hash: "sha-256", value: "00" };
  assertEquals(fingerprintList(one), [one]);
  assertEquals(fingerprintList([one, one]), [one, one]);
  assertEquals(fingerprintList(undefined), []);
});
