/** Names and addresses. */
import { assert, assertEquals } from "@std/assert";
import {
  isAddress,
  isHost,
  isIpv4,
  isIpv6,
  normalizeHost,
  parseHostPort,
  sameHost,
  writeHostPort,
} from "../../../../lib/sip/message/host.ts";

Deno.test("isIpv6() knows every form of RFC 4291, and the one with a colon too many", () => {
  for (
    const good of [
      "::",
      "::1",
      "1::",
      "2001:db8::1",
      "1:2:3:4:5:6:7:8",
      "::ffff:192.0.2.1",
      "2001:db8:::192.0.2.1",
      "1:2:3:4:5:6:192.0.2.1",
      "fe80::1%eth0",
    ]
  ) assert(isIpv6(good), good);
  for (
    const bad of [
      "",
      ":",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "1::2::3",
      "12345::",
      "g::",
      "::192.0.2.256",
      "192.0.2.1::",
      "1:2:3:4:5:6:7::8",
    ]
  ) assert(!isIpv6(bad), bad);
});

Deno.test("isIpv4() wants four numbers below 256", () => {
  assert(isIpv4("0.0.0.0") && isIpv4("255.255.255.255"));
  assert(!isIpv4("256.0.0.1") && !isIpv4("1.2.3") && !isIpv4("1.2.3.4.5"));
});

Deno.test("isHost() and isAddress() tell names from addresses", () => {
  assert(isHost("a.example.com") && isHost("a.example.com.") && isHost("lab_1"));
  assert(!isHost("-a.example") && !isHost("a..b") && !isHost("") && !isHost("a b"));
  assert(isAddress("192.0.2.1") && isAddress("::1") && !isAddress("example.com"));
});

Deno.test("sameHost() ignores case, zeros and the final dot", () => {
  assert(sameHost("A.Example.com", "a.example.com."));
  assert(sameHost("2001:db8::1", "[2001:0DB8:0:0:0:0:0:1]"));
  assert(sameHost("::ffff:192.0.2.1", "192.0.2.1"));
  assert(!sameHost("2001:db8::1", "2001:db8::2"));
  assertEquals(normalizeHost("1::192.0.2.1"), "1:0:0:0:0:0:c000:201");
});

Deno.test("parseHostPort() and writeHostPort() put brackets around IPv6", () => {
  assertEquals(parseHostPort("[::1]:5060"), { host: "::1", port: 5060 });
  assertEquals(parseHostPort("example.com"), { host: "example.com", port: undefined });
  for (const bad of ["::1", "[::1", "[example.com]", "a:", "a:b", "a:65536", "a:1:2", ""]) {
    assertEquals(parseHostPort(bad), undefined, bad);
  }
  assertEquals(writeHostPort("::1", 5060), "[::1]:5060");
  assertEquals(writeHostPort("example.com"), "example.com");
});
