/** Whatever DNS answers: locating ends, throws nothing, and keeps to its limits. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isAddress, locateServers, type LookUpAnswer, parseUri } from "../../../lib/sip/mod.ts";

const uint16 = fc.nat(65_535);
const name = fc.oneof(
  fc.constantFrom(".", "a.example", "_sip._udp.a.example", "192.0.2.1", "", "::1", "x".repeat(300)),
  fc.string(),
);
const answer: fc.Arbitrary<LookUpAnswer> = fc.record({
  naptr: fc.array(
    fc.record({
      order: uint16,
      preference: uint16,
      flags: fc.constantFrom("s", "S", "a", "u", ""),
      services: fc.oneof(fc.constantFrom("SIP+D2U", "SIP+D2T", "SIPS+D2T", "E2U+sip"), fc.string()),
      regexp: fc.constantFrom("", "", "!.*!x!"),
      replacement: name,
    }),
    { maxLength: 80 },
  ),
  srv: fc.array(fc.record({ priority: uint16, weight: uint16, port: uint16, target: name }), {
    maxLength: 80,
  }),
  addresses: fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { maxLength: 40 }),
}, { requiredKeys: [] });
const uri = fc.constantFrom(
  "sip:a.example",
  "sips:a.example",
  "sip:a.example:5070",
  "sip:a.example;transport=tcp",
  "sips:x@a.example;maddr=b.example",
  "sip:[::1];transport=tls",
  "tel:1",
);

Deno.test("locateServers() ends with addresses or with an error, whatever DNS says", () => {
  fc.assert(
    fc.property(
      uri,
      fc.array(answer, { maxLength: 40 }),
      fc.uint8Array({ minLength: 6, maxLength: 6 }),
      (
        text,
        answers,
        octets,
      ) => {
        const locating = locateServers(parseUri(text), { random: () => octets });
        let step = locating.next([]);
        let rounds = 0;
        while (!step.done) {
          assert(++rounds <= 8 && step.value.length <= 16, "asks without end");
          step = locating.next(
            step.value.map((_, at) => answers[(rounds + at) % answers.length] ?? {}),
          );
        }
        const { destinations, error } = step.value;
        assertEquals(destinations.length === 0, error !== undefined);
        assert(destinations.length <= 32);
        for (const { host, port, transport } of destinations) {
          assert(isAddress(host) && port > 0 && port <= 65_535, `${host}:${port}`);
          if (text.startsWith("sips")) assertEquals(transport, "tls");
        }
      },
    ),
    { numRuns: 300 },
  );
});
