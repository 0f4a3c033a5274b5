/** IPv4 and IPv6 addresses as text and as octets (RFC 4291 §2.2, RFC 5952). */

/**
 * Octets of an address: 4 or 16 of them, or `undefined` when `text` is no numeric address.
 * Brackets and a zone (`%eth0`) are dropped; an IPv4-mapped IPv6 address becomes IPv4.
 */
export function parseIpAddress(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bare = text.replace(/^\[(.*)\]$/, "$1").replace(/%.*$/, "");
  return bare.includes(":") ? parseIpv6(bare) : parseIpv4(bare);
}

/**
 * Text of 4 or 16 octets; IPv6 in the canonical form of RFC 5952, without brackets.
 * @throws {RangeError} for any other length.
 */
export function formatIpAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join(".");
  if (octets.length !== 16) {
    throw new RangeError(`expected 4 or 16 octets of an IP address, found ${octets.length}`);
  }
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push((octets[at] ?? 0) << 8 | (octets[at + 1] ?? 0));
  const zeros = longestZeros(groups);
  const show = (part: number[]) => part.map((it) => it.toString(16)).join(":");
  if (zeros.length < 2) return show(groups);
  const after = groups.slice(zeros.start + zeros.length);
  return `${show(groups.slice(0, zeros.start))}::${show(after)}`;
}

/** The 16 octets `::ffff:a.b.c.d` of an IPv4 address; 16 octets stay as they are. */
export function toIpv6(octets: Uint8Array): Uint8Array {
  if (octets.length === 16) return octets;
  const mapped = new Uint8Array(16);
  mapped.fill(0xff, 10, 12);
  mapped.set(octets, 12);
  return mapped;
}

function parseIpv4(text: string): Uint8Array<ArrayBuffer> | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const octets = new Uint8Array(4);
  for (const [at, part] of parts.entries()) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined;
    octets[at] = Number(part);
  }
  return octets;
}

function parseIpv6(text: string): Uint8Array<ArrayBuffer> | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const before = parseGroups(halves[0] ?? "");
  const after = halves.length === 2 ? parseGroups(halves[1] ?? "") : [];
  if (before === undefined || after === undefined) return undefined;
  const missing = 8 - before.length - after.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const octets = new Uint8Array(16);
  for (const [at, group] of [...before, ...Array(missing).fill(0), ...after].entries()) {
    octets[2 * at] = group >>> 8;
    octets[2 * at + 1] = group;
  }
  const isMapped = octets[10] === 0xff && octets[11] === 0xff &&
    octets.subarray(0, 10).every((it) => it === 0);
  return isMapped ? octets.slice(12) : octets;
}

function parseGroups(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    if (part.includes(".") && at === parts.length - 1) {
      const [a = 0, b = 0, c = 0, d = 0] = parseIpv4(part) ?? [];
      if (parseIpv4(part) === undefined) return undefined;
      groups.push(a << 8 | b, c << 8 | d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else return undefined;
  }
  return groups;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
