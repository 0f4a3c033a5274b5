/** Our own addresses as a peer would see them. */
import { assertEquals } from "@std/assert";
import {
  type InterfaceAddress,
  localAddressTowards,
} from "../../../lib/transport/local_address.ts";

const OURS: readonly InterfaceAddress[] = [
  { family: "IPv4", address: "127.0.0.1", cidr: "127.0.0.1/8" },
  { family: "IPv4", address: "192.0.2.7", cidr: "192.0.2.7/24" },
  { family: "IPv4", address: "198.51.100.9", cidr: "198.51.100.9/22" },
  { family: "IPv6", address: "fe80::1", cidr: "fe80::1/64" },
  { family: "IPv6", address: "2001:db8::7", cidr: "2001:db8::7/64" },
];

Deno.test("localAddressTowards() answers loopback with loopback and asks nobody", () => {
  const never = () => {
    throw new Error("asked");
  };
  assertEquals(localAddressTowards("127.0.0.5", never), "127.0.0.1");
  assertEquals(localAddressTowards("::1", never), "::1");
});

Deno.test("localAddressTowards() prefers the interface in the peer's subnet", () => {
  assertEquals(localAddressTowards("198.51.103.1", () => OURS), "198.51.100.9");
  assertEquals(localAddressTowards("fe80::2", () => OURS), "fe80::1");
});

Deno.test("localAddressTowards() takes the first routable address for everybody else", () => {
  assertEquals(localAddressTowards("203.0.113.1", () => OURS), "192.0.2.7");
  assertEquals(localAddressTowards("2001:db8:1::1", () => OURS), "2001:db8::7");
});

Deno.test("localAddressTowards() has no answer in a family that the machine lacks", () => {
  assertEquals(localAddressTowards("2001:db8::1", () => OURS.slice(0, 2)), undefined);
});
