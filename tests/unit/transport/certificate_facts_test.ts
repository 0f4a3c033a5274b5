import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../lib/base/errors.ts";
import { derOfPem, makeSelfSignedCertificate } from "../../../lib/transport/certificate.ts";
import { readCertificate } from "../../../lib/transport/certificate_facts.ts";

async function made(names: readonly string[], validFrom = new Date("2049-12-31T23:59:58Z")) {
  const options = { commonName: "Bob Smith", names, validFrom, validDays: 1 };
  return derOfPem((await makeSelfSignedCertificate(options)).certPem);
}

Deno.test("readCertificate() reads names of every kind, in order", async () => {
  const names = ["sip:example.com", "a.example", "192.0.2.1", "2001:db8::1"];
  const { alternativeNames, commonName, issuerName, isSelfIssued } = readCertificate(
    await made(names),
  );
  assertEquals(alternativeNames, [
    { type: "uri", value: "sip:example.com" },
    { type: "dns", value: "a.example" },
    { type: "ip", value: "192.0.2.1" },
    { type: "ip", value: "2001:db8:0:0:0:0:0:1" },
  ]);
  assertEquals([commonName, issuerName, isSelfIssued], ["Bob Smith", "Bob Smith", true]);
});

Deno.test("readCertificate() tells no alternative names from none at all", async () => {
  assertEquals(readCertificate(await made([])).alternativeNames, undefined);
});

Deno.test("readCertificate() reads dates on either side of 2050 (RFC 5280 §4.1.2.5)", async () => {
  const { notBefore, notAfter } = readCertificate(await made([]));
  assertEquals(new Date(notBefore).toISOString(), "2049-12-31T23:59:58.000Z");
  assertEquals(new Date(notAfter).toISOString(), "2050-01-01T23:59:58.000Z");
});

Deno.test("readCertificate() refuses what is cut short, too long, or something else", async () => {
  const der = await made(["a.example"]);
  for (let length = 0; length < der.length - 100; length++) {
    assertThrows(() => readCertificate(der.subarray(0, length)), PeerError);
  }
  for (const bad of [[0x30, 0x80, 0, 0], [0x3f, 0x81, 1, 0], [0x30, 0x84, 0, 0, 0, 0], [2, 1, 1]]) {
    assertThrows(() => readCertificate(Uint8Array.from(bad)), PeerError);
  }
  assertThrows(() => readCertificate(der, { size: der.length - 1 }), PeerError);
});

Deno.test("readCertificate() stops at the limit of names", async () => {
  const der = await made(["a.example", "b.example", "c.example"]);
  assertEquals(readCertificate(der, { names: 2 }).alternativeNames?.length, 2);
});
