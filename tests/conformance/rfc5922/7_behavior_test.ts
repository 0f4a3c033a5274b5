/** RFC 5922 §7: which certificate speaks for a SIP domain (SIP-076). */
import { assertEquals } from "@std/assert";
import { type CertifiedNames, identityFault, sipIdentities } from "../../../lib/sip/mod.ts";

/** `uri:…`, `dns:…`, `ip:…`; nothing at all for a certificate without subjectAltName. */
function names(...alternative: string[]): CertifiedNames {
  const alternativeNames = alternative.map((it) => {
    const colon = it.indexOf(":");
    return { type: it.slice(0, colon) as "uri" | "dns" | "ip", value: it.slice(colon + 1) };
  });
  return { alternativeNames, commonName: "cn.example" };
}

const commonName = (text: string | undefined) => ({
  alternativeNames: undefined,
  commonName: text,
});

Deno.test("SIP-076 §7.1 a sip URI without user is an identity; sips, other schemes and users are none", () => {
  assertEquals(sipIdentities(names("uri:sip:example.com")), ["example.com"]);
  assertEquals(sipIdentities(names("uri:SIP:Example.COM;transport=tls")), ["example.com"]);
  assertEquals(sipIdentities(names("uri:sip:example.com:5061")), ["example.com"]);
  for (
    const it of ["sips:example.com", "https://example.com/", "sip:a@example.com", "sip:", "im:x"]
  ) {
    assertEquals([it, sipIdentities(names(`uri:${it}`))], [it, []]);
  }
});

Deno.test("SIP-076 §7.1 DNS names count if and only if there is no identity by URI", () => {
  assertEquals(sipIdentities(names("dns:a.example", "dns:b.example")), ["a.example", "b.example"]);
  assertEquals(sipIdentities(names("dns:a.example", "uri:sip:b.example")), ["b.example"]);
  assertEquals(sipIdentities(names("dns:a.example", "uri:sips:b.example")), ["a.example"]);
});

Deno.test("SIP-076 §7.1 the common name counts only where there is no subjectAltName, and as a DNS name", () => {
  assertEquals(sipIdentities(commonName("Sip.Example.com")), ["sip.example.com"]);
  for (
    const it of [undefined, "Example Corporation", "localhost", "192.0.2.1", "bob@example.com"]
  ) {
    assertEquals([it, sipIdentities(commonName(it))], [it, []]);
  }
  assertEquals(sipIdentities(names()), []);
  assertEquals(sipIdentities(names("ip:192.0.2.1")), []);
});

Deno.test("SIP-076 §7.2 names match whole and without case: no suffix, no wildcard", () => {
  assertEquals(identityFault(names("dns:Example.com"), "example.COM."), undefined);
  for (
    const [name, domain] of [
      ["example.com", "foo.example.com"],
      ["foo.example.com", "example.com"],
      ["*.example.com", "foo.example.com"],
      [".example.com", "foo.example.com"],
      ["example.com", "example.com.evil.example"],
    ] as const
  ) {
    const fault = identityFault(names(`dns:${name}`), domain);
    assertEquals(fault?.startsWith(`it speaks for ${name}, not for ${domain}`), true, fault);
  }
});

Deno.test("SIP-076 §7.3 no identity at all means that the server is not authenticated", () => {
  const fault = "it names no SIP domain, expected example.com";
  assertEquals(identityFault(names("uri:sip:bob@example.com"), "example.com"), fault);
  assertEquals(identityFault(commonName(undefined), "example.com"), fault);
});

Deno.test("SIP-076 an address may be vouched for as an address, never a name by an address", () => {
  assertEquals(identityFault(names("ip:2001:db8:0:0:0:0:0:1"), "2001:db8::1"), undefined);
  assertEquals(identityFault(names("ip:192.0.2.1", "uri:sip:a.example"), "192.0.2.1"), undefined);
  assertEquals(
    identityFault(names("ip:192.0.2.1"), "example.com"),
    "it speaks for 192.0.2.1, not for example.com",
  );
});
