/** Whatever stands where a certificate should be: facts or a PeerError, and never much work. */
import fc from "fast-check";
import { PeerError } from "../../../lib/base/errors.ts";
import { identityFault } from "../../../lib/sip/mod.ts";
import {
  derOfPem,
  makeSelfSignedCertificate,
  readCertificate,
} from "../../../lib/transport/mod.ts";

const der = derOfPem(
  (await makeSelfSignedCertificate({
    commonName: "x",
    names: ["sip:a.example", "b.example", "::1"],
  }))
    .certPem,
);

function survives(input: Uint8Array): void {
  try {
    identityFault(readCertificate(input), "a.example");
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
  }
}

Deno.test("readCertificate() survives damaged certificates", () => {
  const damage = fc.array(fc.tuple(fc.nat(der.length - 1), fc.nat(255)), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(damage, (changes) => {
      const input = der.slice();
      for (const [at, octet] of changes) input[at] = octet;
      survives(input);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("readCertificate() survives any octets", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), survives), { numRuns: 1000 });
});
