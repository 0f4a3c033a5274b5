import { assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { openingFor } from "../../../lib/session/media_opening.ts";
import { type MsrpMedia, msrpMediaOf, parseSessionDescription } from "../../../lib/sdp/mod.ts";

function medium(transport: string, ...attributes: readonly string[]): MsrpMedia {
  const scheme = transport === "TCP/MSRP" ? "msrp" : "msrps";
  const [media] = msrpMediaOf(parseSessionDescription(
    [
      "v=0",
      "o=- 1 1 IN IP4 192.0.2.1",
      "s=-",
      "t=0 0",
      "c=IN IP4 192.0.2.1",
      `m=message 4000 ${transport} *`,
      `a=path:${scheme}://192.0.2.1:4000/abc;tcp`,
      "a=accept-types:*",
      ...attributes.map((it) => `a=${it}`),
    ].join("\r\n"),
  ));
  if (media === undefined) throw new Error("expected a medium");
  return media;
}

Deno.test("openingFor() goes by the peer's description", () => {
  const opening = openingFor({ media: medium("TCP/MSRP", "max-size:77"), role: "active" }, ["us"]);
  assertEquals(
    [opening.role, opening.peerMaxSize, opening.remotePath[0]?.sessionId],
    ["active", 77, "abc"],
  );
  assertEquals(opening.remoteFingerprint, []);
});

Deno.test("openingFor() takes the strongest fingerprints", () => {
  const media = medium("TCP/TLS/MSRP", "fingerprint:sha-1 AA", "fingerprint:sha-256 BB");
  assertEquals(openingFor({ media, role: "passive" }, ["us"]).remoteFingerprint, [
    { hash: "sha-256", value: "bb" },
  ]);
});

Deno.test("openingFor() takes no hash that can be forged for none at all", () => {
  const media = medium("TCP/TLS/MSRP", "fingerprint:md5 AA");
  const error = assertThrows(() => openingFor({ media, role: "active" }, ["us"]), SottoError);
  assertEquals(error.code, "session/tls-fingerprint-mismatch");
});

Deno.test("openingFor() asks for no fingerprint behind a relay: nobody sees the peer's certificate", () => {
  const media = medium("TCP/TLS/MSRP", "fingerprint:sha-256 BB");
  assertEquals(openingFor({ media, role: "active" }, ["relay", "us"]).remoteFingerprint, []);
});
