/** Which of our addresses a peer can reach us at, without asking it. */

import { plainHost } from "./network_error.ts";

/** What is asked of the system's list of interfaces. */
export interface InterfaceAddress {
  readonly family: "IPv4" | "IPv6";
  readonly address: string;
  readonly cidr: string;
}

/**
 * The address under which a peer at `remote` most likely sees us: loopback for loopback, one
 * in the same subnet, or the first that is neither loopback nor link-local. A guess: routing
 * tables are not consulted. `undefined` when the machine has no address of that family.
 *
 * @param remote An address, not a name.
 * @param interfaces What the machine has; the system is asked by default.
 */
export function localAddressTowards(
  remote: string,
  interfaces: () => readonly InterfaceAddress[] = () => Deno.networkInterfaces(),
): string | undefined {
  const address = plainHost(remote);
  const family = address.includes(":") ? "IPv6" : "IPv4";
  if (family === "IPv4" && address.startsWith("127.")) return "127.0.0.1";
  if (address === "::1") return "::1";
  const ours = interfaces().filter((it) => it.family === family && !isLoopback(it.address));
  const near = ours.find((it) => isInSubnet(address, it.cidr));
  return (near ?? ours.find((it) => !isLinkLocal(it.address)) ?? ours[0])?.address;
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

function isLinkLocal(address: string): boolean {
  return address.startsWith("169.254.") || /^fe[89ab]/i.test(address);
}

function isInSubnet(address: string, cidr: string): boolean {
  const [network = "", length = "0"] = cidr.split("/");
  const ours = bitsOf(network);
  const theirs = bitsOf(address);
  const significant = Number(length);
  return ours.slice(0, significant) === theirs.slice(0, significant);
}

/** The address as a string of binary digits. */
function bitsOf(address: string): string {
  if (!address.includes(":")) {
    return address.split(".").map((it) => Number(it).toString(2).padStart(8, "0")).join("");
  }
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const groups = (half: string) => half === "" ? [] : half.split(":");
  const left = groups(head);
  const right = groups(tail ?? "");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array<string>(gap).fill("0"), ...right]
    .map((it) => Number.parseInt(it, 16).toString(2).padStart(16, "0")).join("");
}
