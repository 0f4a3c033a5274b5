import { assert, assertEquals, assertRejects } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { SottoError } from "../../../lib/base/errors.ts";
import {
  certificateFingerprint,
  checkCertificate,
  makeSelfSignedCertificate,
} from "../../../lib/transport/certificate.ts";

Deno.test("makeSelfSignedCertificate() makes an end entity, not an authority", async () => {
  const { certPem } = await makeSelfSignedCertificate({ commonName: "alice@192.0.2.1" });
  const read = new X509Certificate(certPem);
  assertEquals(read.ca, false);
  assertEquals(read.subject, "CN=alice@192.0.2.1");
  assertEquals(read.issuer, read.subject);
  assertEquals(read.subjectAltName, "IP Address:192.0.2.1");
  assert(read.verify(read.publicKey));
});

Deno.test("makeSelfSignedCertificate() takes names and dates from its caller", async () => {
  const { certPem } = await makeSelfSignedCertificate({
    commonName: "sotto",
    names: ["a.example.org", "::1", "not a name"],
    validFrom: new Date("2026-01-02T03:04:05Z"),
    validDays: 10,
  });
  const read = new X509Certificate(certPem);
  assertEquals(read.subjectAltName, "DNS:a.example.org, IP Address:::1");
  assertEquals(new Date(read.validFrom).toISOString(), "2026-01-02T03:04:05.000Z");
  assertEquals(new Date(read.validTo).toISOString(), "2026-01-12T03:04:05.000Z");
});

Deno.test("makeSelfSignedCertificate() makes a new key every time", async () => {
  const [a, b] = await Promise.all([
    makeSelfSignedCertificate({ commonName: "a" }),
    makeSelfSignedCertificate({ commonName: "a" }),
  ]);
  assert(a.keyPem !== b.keyPem);
  await assertRejects(() => makeSelfSignedCertificate({ commonName: "" }), TypeError);
});

Deno.test("certificateFingerprint() agrees with OpenSSL's, from PEM and from DER", async () => {
  const { certPem } = await makeSelfSignedCertificate({ commonName: "a" });
  const read = new X509Certificate(certPem);
  const plain = (text: string): string => text.replaceAll(":", "").toLowerCase();
  assertEquals(await certificateFingerprint(certPem), plain(read.fingerprint256));
  const der = new Uint8Array(read.raw);
  assertEquals(await certificateFingerprint(der), plain(read.fingerprint256));
  assertEquals(await certificateFingerprint(der, "sha-1"), plain(read.fingerprint));
  assertEquals(await certificateFingerprint(der, "sha-512"), plain(read.fingerprint512));
});

Deno.test("certificateFingerprint() refuses text without a certificate", async () => {
  await assertRejects(() => certificateFingerprint("hello"), TypeError, "PEM");
});

Deno.test("checkCertificate() refuses what is unreadable and keys that are strangers", async () => {
  const a = await makeSelfSignedCertificate({ commonName: "a" });
  const b = await makeSelfSignedCertificate({ commonName: "b" });
  await checkCertificate(a);
  for (
    const bad of [
      { certPem: "x", keyPem: a.keyPem },
      { certPem: a.certPem, keyPem: "x" },
      { certPem: a.certPem, keyPem: b.keyPem },
    ]
  ) {
    const error = await assertRejects(() => checkCertificate(bad), SottoError);
    assertEquals(error.code, "transport/bad-certificate");
  }
});
