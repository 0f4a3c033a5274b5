/** Whatever relays answer to AUTH: an outcome each time, a bounded number of requests, never an exception. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { EXTRA, INTRA, RelayBench, relayToAsk } from "../../helpers/relay_bench.ts";

const headers = fc.array(
  fc.oneof(
    fc.constantFrom(
      'WWW-Authenticate: Digest realm="r", nonce="n1", qop="auth"',
      'WWW-Authenticate: Digest realm="r", nonce="n2", qop="auth", stale=true',
      'WWW-Authenticate: Digest realm="r", nonce="n3", qop="auth-int"',
      'WWW-Authenticate: Basic realm="r"',
      "WWW-Authenticate: Digest realm=",
      "Use-Path: msrps://r.example:1/abcd;tcp",
      "Use-Path: msrps://r.example;tcp",
      "Use-Path: nonsense",
      "Expires: 1",
      "Expires: 999999999",
      "Expires: 0",
      "Expires: never",
      "Min-Expires: 60",
      "Max-Expires: 30",
      'Authentication-Info: rspauth="00"',
      "Authentication-Info: ,,,",
    ),
    fc.tuple(
      fc.constantFrom("Use-Path", "Expires", "WWW-Authenticate", "Authentication-Info"),
      fc.string({ maxLength: 40, unit: fc.constantFrom(...'abc:/;=", 0159msrp[]@'.split("")) }),
    ).map(([name, value]) => `${name}: ${value}`),
  ),
  { maxLength: 5 },
);
const answer = fc.record({
  status: fc.constantFrom("200 OK", "401 No", "403 No", "423 Out", "481 Gone", "500 Broken"),
  headers,
});

Deno.test("whatever relays answer: one outcome, six requests a relay at most, no exception", () => {
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 14 }), (answers) => {
      const bench = new RelayBench().ask({
        relays: [relayToAsk(INTRA), relayToAsk(EXTRA, { uriParameter: "probably-not" })],
      });
      let requests = 0;
      for (const { status, headers } of answers) {
        if (bench.transmitted.length === 0) break;
        bench.asked();
        requests++;
        bench.reply(status, headers);
      }
      assert(requests <= 12);
      if (bench.transmitted.length > 0) {
        bench.asked();
        bench.wait(30_000); // No answer is an answer.
      }
      const outcomes = bench.relayEvents().filter((it) =>
        it.type === "relay-refused" ? it.remaining === undefined : it.type === "relay-granted"
      );
      assertEquals(outcomes.length, 1);
    }),
    { numRuns: 500 },
  );
});

Deno.test("whatever time a relay grants, the refreshes have an end when it falls silent", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), (expires) => {
      const bench = new RelayBench().granted({}, expires);
      bench.relayEvents();
      let requests = 0;
      for (;;) {
        const { deadline } = bench.core;
        if (deadline === undefined) break;
        bench.wait(Math.max(0, deadline - bench.now));
        requests += bench.frames().length;
        assert(requests < 100, "silence must not be asked for ever");
      }
      assertEquals(bench.relayEvents().at(-1)?.type, "relay-expired");
    }),
    { numRuns: 200 },
  );
});
