import { assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import type { TlsInfo } from "../../../lib/transport/byte_stream.ts";
import { derOfPem, makeSelfSignedCertificate } from "../../../lib/transport/certificate.ts";
import {
  requireTrust,
  type TlsTrust,
  withNamesJudged,
} from "../../../lib/transport/tls_judgement.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const DAY = 86_400_000;
const peerCertificate = derOfPem(
  (await makeSelfSignedCertificate({
    commonName: "x",
    names: ["a.example"],
    validFrom: new Date(NOON - DAY),
    validDays: 3,
  })).certPem,
);
const GOOD: TlsInfo = {
  protocol: "TLSv1.3",
  cipher: "x",
  authorized: true,
  peerCertificate,
  peerFingerprint: "ab".repeat(32),
};
const BAD: TlsInfo = {
  ...GOOD,
  authorized: false,
  authorizationError: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
};

function verdict(info: TlsInfo, trust: TlsTrust = {}, now = NOON): string {
  try {
    requireTrust(info, { host: "192.0.2.1", port: 5061 }, trust, now);
    return "trusted";
  } catch (error) {
    return error instanceof SottoError ? `${error.code}: ${error.message}` : String(error);
  }
}

Deno.test("requireTrust() names what is wrong with a certificate", () => {
  const whose = "the certificate of 192.0.2.1:5061 is not trusted";
  assertEquals(verdict(GOOD), "trusted");
  assertEquals(
    verdict(BAD),
    `transport/tls-untrusted: ${whose}: it is signed by itself, and no authority vouches for it`,
  );
  assertEquals(
    verdict(BAD, {}, NOON + 3 * DAY),
    `transport/tls-expired: ${whose}: it expired on 2026-06-03`,
  );
  assertEquals(
    verdict(BAD, {}, NOON - 2 * DAY),
    `transport/tls-expired: ${whose}: it is not valid before 2026-05-31`,
  );
  assertEquals(
    verdict({ ...BAD, authorizationError: "ERR_TLS_CERT_ALTNAME_INVALID" }),
    `transport/tls-wrong-name: ${whose}: it speaks for a.example, not for the name asked for`,
  );
});

Deno.test("requireTrust() lets fingerprints decide before everything else", () => {
  const pinned = { expectedFingerprints: [`${"AB:".repeat(31)}AB`] };
  assertEquals(verdict(BAD, pinned, NOON + 9 * DAY), "trusted");
  const other = { expectedFingerprints: ["00".repeat(32)], insecure: true };
  assertEquals(verdict(GOOD, other).split(":")[0], "transport/tls-fingerprint-mismatch");
  assertEquals(verdict(BAD, { insecure: true }), "trusted");
});

Deno.test("withNamesJudged() judges names only where the chain is good", () => {
  const judgeNames = ({ alternativeNames }: { alternativeNames: unknown }) =>
    `it has ${JSON.stringify(alternativeNames)}`;
  const judged = withNamesJudged(GOOD, { judgeNames });
  assertEquals(
    [judged.authorized, judged.authorizationError],
    [false, 'it has [{"type":"dns","value":"a.example"}]'],
  );
  assertEquals(verdict(judged).startsWith("transport/tls-wrong-name"), true);
  assertEquals(withNamesJudged(BAD, { judgeNames }), BAD);
  assertEquals(withNamesJudged(GOOD, { judgeNames: () => undefined }), GOOD);
  const { peerCertificate: _, ...bare } = GOOD;
  assertEquals(withNamesJudged(bare, { judgeNames }).authorized, false);
  const unreadable = { ...GOOD, peerCertificate: Uint8Array.of(1) };
  assertThrows(() => withNamesJudged(unreadable, { judgeNames }), SottoError);
});
