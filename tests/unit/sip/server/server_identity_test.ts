import { assertEquals } from "@std/assert";
import { parseSipUri } from "../../../../lib/sip/mod.ts";
import {
  ServerIdentity,
  transportNamed,
  transportOf,
  userOf,
} from "../../../../lib/sip/server/server_identity.ts";

const identity = new ServerIdentity({
  domains: ["Example.com", "127.0.0.1"],
  places: () => [
    { transport: "udp", local: { host: "192.0.2.100", port: 5060 } },
    { transport: "tls", local: { host: "192.0.2.100", port: 5061 } },
    { transport: "tcp", local: { host: "0.0.0.0", port: 15060 } },
    { transport: "udp", local: { host: "2001:db8::1", port: 5060 } },
  ],
  isOwnAddress: (host) => host === "198.51.100.1",
});

Deno.test("ServerIdentity.owns() its domains at its ports, and its own addresses", () => {
  for (
    const [uri, expected] of [
      ["sip:a@example.com", true],
      ["sip:a@EXAMPLE.COM.:15060", true],
      ["sip:a@example.com:9", false],
      ["sip:a@127.0.0.1", true],
      ["sip:a@127.0.0.1:15060", true],
      ["sip:a@127.0.0.1:40000", false],
      ["sip:192.0.2.100", true],
      ["sips:192.0.2.100", true],
      ["sip:a@192.0.2.100:5070", false],
      ["sip:a@198.51.100.1:15060", true],
      ["sip:a@198.51.100.2:15060", false],
      ["sip:a@[2001:DB8:0::1]", true],
      ["sip:a@elsewhere.example", false],
    ] as const
  ) assertEquals(identity.owns(parseSipUri(uri)), expected, uri);
});

Deno.test("ServerIdentity.isHere() knows its sockets, and its names where they have a port of its own", () => {
  assertEquals(identity.isHere("192.0.2.100", undefined, undefined), true);
  assertEquals(identity.isHere("192.0.2.100", undefined, "tls"), true);
  assertEquals(identity.isHere("192.0.2.100", 5070, undefined), false);
  assertEquals(identity.isHere("example.com", undefined, undefined), true);
  assertEquals(identity.isHere("example.com", 5070, undefined), false);
  // An address of the domain may be somebody else's socket on the same machine.
  assertEquals(identity.isHere("127.0.0.1", 5070, undefined), false);
});

Deno.test("ServerIdentity is met at localhost where it listens on loopback, or everywhere", () => {
  const at = (host: string) =>
    new ServerIdentity({
      domains: [],
      places: () => [{ transport: "tls", local: { host, port: 5061 } }],
      isOwnAddress: () => false,
    });
  for (const host of ["127.0.0.1", "::1", "0.0.0.0", "::"]) {
    assertEquals(at(host).isHere("localhost", undefined, "tls"), true, host);
    assertEquals(at(host).owns(parseSipUri("sips:a@LOCALHOST")), true, host);
    assertEquals(at(host).isHere("localhost", 5070, "tls"), false, host);
  }
  assertEquals(at("192.0.2.1").isHere("localhost", 5061, "tls"), false);
});

Deno.test("userOf() and transportOf() read a URI in canonical form", () => {
  assertEquals(userOf(parseSipUri("sip:%61lice;x@example.com")), "alice;x");
  assertEquals(userOf(parseSipUri("sip:example.com")), undefined);
  assertEquals(transportOf(parseSipUri("sip:a@b;transport=TCP")), "tcp");
  assertEquals(transportOf(parseSipUri("sips:a@b;transport=tcp")), "tls");
  assertEquals(transportOf(parseSipUri("sip:a@b;transport=ws")), undefined);
  assertEquals([transportNamed("TLS"), transportNamed("SCTP")], ["tls", undefined]);
});
