/** Whatever arrives: a description or a PeerError, never another exception, never unbounded work. */
import { assert } from "@std/assert";
import fc from "fast-check";
import { concatBytes } from "../../../lib/base/bytes.ts";
import { PeerError } from "../../../lib/base/errors.ts";
import {
  chooseMsrpMedia,
  createMsrpAnswer,
  msrpMediaOf,
  parseSessionDescription,
  writeSessionDescription,
} from "../../../lib/sdp/mod.ts";

const FOLDER = new URL("../../../fixtures/sdp/", import.meta.url);
const CORPUS = [...Deno.readDirSync(FOLDER)].map(({ name }) =>
  Deno.readFileSync(new URL(name, FOLDER))
);

/** A fixture with a stretch of it replaced by other octets. */
const damaged = fc.record({
  original: fc.constantFrom(...CORPUS),
  at: fc.nat(400),
  length: fc.nat(20),
  by: fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom("\r\n", "=", "m=", "a=path:", "\0", "a=setup:", " ", "99999999999")
      .map((it) => new TextEncoder().encode(it)),
  ),
}).map(({ original, at, length, by }) =>
  concatBytes(original.subarray(0, at), by, original.subarray(at + length))
);

function survives(input: Uint8Array): void {
  let session;
  try {
    session = parseSessionDescription(input);
  } catch (error) {
    assert(error instanceof PeerError, String(error));
    return;
  }
  parseSessionDescription(writeSessionDescription(session));
  const abilities = {
    transports: ["TCP/MSRP", "TCP/TLS/MSRP"],
    sendTypes: ["text/plain"],
  } as const;
  const { media } = chooseMsrpMedia(session, abilities);
  if (media !== undefined) {
    createMsrpAnswer(session, {
      sessionId: "1",
      sessionVersion: "1",
      index: media.index,
      media: { path: ["msrp://h.example:1/x;tcp"], acceptTypes: ["*"] },
    });
  }
  msrpMediaOf(session);
}

Deno.test("parseSessionDescription() survives damaged descriptions", () => {
  fc.assert(fc.property(damaged, survives), { numRuns: 2000 });
});

Deno.test("parseSessionDescription() survives any octets", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), survives), { numRuns: 1000 });
});

Deno.test("parseSessionDescription() takes no more than linear time for its largest inputs", () => {
  const head = "v=0\no=- 1 1 IN IP4 h\n";
  const long = [
    `a=${" ".repeat(8000)}x`,
    `m=message ${" ".repeat(8000)}`,
    `o=${"a ".repeat(4000)}`,
    `a=accept-types:${'"'.repeat(8000)}`,
    `a=fingerprint:sha-256 ${"00:".repeat(2600)}`,
  ];
  const start = performance.now();
  for (const line of long) {
    survives(new TextEncoder().encode(`${head}${line}\nm=message 9 TCP/MSRP *\n${line}\n`));
  }
  survives(new TextEncoder().encode(head + "a=x\n".repeat(1900)));
  assert(performance.now() - start < 2000, "some input took quadratic time or worse");
});
