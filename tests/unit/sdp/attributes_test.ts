import { assertEquals } from "@std/assert";
import {
  parseDirection,
  parseFingerprints,
  parseSetup,
  preferredFingerprints,
  writeFingerprint,
} from "../../../lib/sdp/attributes.ts";

Deno.test("parseDirection() takes the medium's word over the session's", () => {
  assertEquals(parseDirection([], []), "sendrecv");
  assertEquals(parseDirection([], [{ name: "inactive" }]), "inactive");
  assertEquals(parseDirection([{ name: "sendrecv" }], [{ name: "inactive" }]), "sendrecv");
  assertEquals(parseDirection([{ name: "x" }, { name: "recvonly" }], []), "recvonly");
});

Deno.test("parseSetup() knows the four values of RFC 4145 and no fifth", () => {
  for (const value of ["active", "passive", "actpass", "holdconn"] as const) {
    assertEquals(parseSetup([{ name: "setup", value }], []), value);
  }
  assertEquals(parseSetup([{ name: "setup", value: " ACTIVE " }], []), "active");
  assertEquals(parseSetup([{ name: "setup", value: "sideways" }], []), undefined);
  assertEquals(parseSetup([{ name: "setup" }], []), undefined);
  assertEquals(parseSetup([], [{ name: "setup", value: "passive" }]), "passive");
});

Deno.test("parseFingerprints() reads either case, and the session's only without the medium's", () => {
  const session = [{ name: "fingerprint", value: "SHA-1 AB:cd" }];
  const media = [
    { name: "fingerprint", value: "sha-256 01:EF" },
    { name: "fingerprint", value: "sha-256 nonsense" },
    { name: "fingerprint", value: "sha-256 1:2" },
    { name: "fingerprint", value: "sha-512 02" },
  ];
  assertEquals(parseFingerprints([], session), [{ hash: "sha-1", value: "abcd" }]);
  assertEquals(parseFingerprints(media, session), [
    { hash: "sha-256", value: "01ef" },
    { hash: "sha-512", value: "02" },
  ]);
});

Deno.test("writeFingerprint() writes upper case with colons, as RFC 8122 wants", () => {
  assertEquals(writeFingerprint({ hash: "sha-256", value: "0aff10" }), {
    name: "fingerprint",
    value: "sha-256 0A:FF:10",
  });
});

Deno.test("preferredFingerprints() takes the best function, all its values, and never MD5", () => {
  const [sha1, sha256, other, md5] = [
    { hash: "sha-1", value: "01" },
    { hash: "sha-256", value: "02" },
    { hash: "sha-256", value: "03" },
    { hash: "md5", value: "04" },
  ] as const;
  assertEquals(preferredFingerprints([sha1, sha256, md5, other]), [sha256, other]);
  assertEquals(preferredFingerprints([md5, sha1]), [sha1]);
  assertEquals(preferredFingerprints([md5]), []);
  assertEquals(preferredFingerprints([]), []);
});
