import { assertEquals, assertThrows } from "@std/assert";
import {
  formatIpAddress,
  parseIpAddress,
  toIpv6,
} from "../../../../lib/trace/capture/ip_address.ts";

Deno.test("parseIpAddress() reads dotted quads and refuses what only looks like one", () => {
  assertEquals(parseIpAddress("192.0.2.7"), Uint8Array.of(192, 0, 2, 7));
  for (const text of ["192.0.2", "192.0.2.256", "192.0.2.7.1", "a.b.c.d", "", "example.org"]) {
    assertEquals(parseIpAddress(text), undefined, text);
  }
});

Deno.test("parseIpAddress() reads every way to write IPv6", () => {
  const written = (text: string) => {
    const octets = parseIpAddress(text);
    return octets && formatIpAddress(octets);
  };
  assertEquals(written("::"), "::");
  assertEquals(written("::1"), "::1");
  assertEquals(written("[2001:DB8::1]"), "2001:db8::1");
  assertEquals(written("fe80::1%eth0"), "fe80::1");
  assertEquals(written("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  assertEquals(written("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8");
  assertEquals(written("64:ff9b::192.0.2.1"), "64:ff9b::c000:201");
  assertEquals(written("::ffff:192.0.2.1"), "192.0.2.1");
  for (
    const text of ["1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "::g", "::1.2.3"]
  ) {
    assertEquals(written(text), undefined, text);
  }
});

Deno.test("formatIpAddress() shortens only the longest run of zeros (RFC 5952)", () => {
  const octets = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1);
  assertEquals(formatIpAddress(octets), "2001:db8:0:1::1");
  assertThrows(() => formatIpAddress(new Uint8Array(5)), RangeError);
});

Deno.test("toIpv6() maps IPv4 and leaves IPv6 alone", () => {
  assertEquals([...toIpv6(Uint8Array.of(1, 2, 3, 4)).subarray(10)], [255, 255, 1, 2, 3, 4]);
  assertEquals(toIpv6(new Uint8Array(16)).length, 16);
});
