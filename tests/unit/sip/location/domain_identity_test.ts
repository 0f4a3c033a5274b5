import { assertEquals } from "@std/assert";
import { identityFault } from "../../../../lib/sip/location/domain_identity.ts";

function dns(...names: string[]) {
  return {
    alternativeNames: names.map((value) => ({ type: "dns", value }) as const),
    commonName: undefined,
  };
}

Deno.test("identityFault() says which names there are, escaped and not too many", () => {
  const many = Array.from({ length: 11 }, (_, at) => `${at}.example`);
  assertEquals(
    identityFault(dns(...many), "a.example"),
    `it speaks for ${many.slice(0, 8).join(", ")} and 3 more, not for a.example`,
  );
  assertEquals(
    identityFault(dns("x\u001b[2J"), "a.example"),
    "it speaks for x\\x1b[2j, not for a.example",
  );
});

Deno.test("identityFault() explains why a wildcard does not help", () => {
  assertEquals(
    identityFault(dns("*.example.com"), "a.example.com"),
    "it speaks for *.example.com, not for a.example.com; wildcards do not count for SIP (RFC 5922 §7.2)",
  );
});
