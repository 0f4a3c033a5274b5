/** `host` of the grammar: names, IPv4 and IPv6 addresses (RFC 3261 §25.1, RFC 5118). */

/** Letters, digits, hyphens and dots; underscores occur in laboratories and are harmless. */
const NAME =
  /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Whether `text` is an IPv4 address in dotted decimal. */
export function isIpv4(text: string): boolean {
  const match = IPV4.exec(text);
  return match !== null && match.slice(1).every((it) => Number(it) <= 255);
}

/**
 * Whether `text` (without brackets) is an IPv6 address. The extra colon that the grammar of
 * RFC 3261 asks for before an embedded IPv4 address is tolerated (RFC 5118 §4.10).
 */
export function isIpv6(text: string): boolean {
  if (!text.includes(":")) return false;
  const [address = ""] = text.replace(":::", "::").split("%");
  const halves = address.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    const parts = half === "" ? [] : half.split(":");
    for (const [at, part] of parts.entries()) {
      const isLast = index === halves.length - 1 && at === parts.length - 1;
      if (isLast && isIpv4(part)) groups += 2;
      else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups++;
      else return false;
    }
  }
  return halves.length === 2 ? groups <= 7 : groups === 8;
}

/** Whether `text` is a name, an IPv4 address or an IPv6 address without brackets. */
export function isHost(text: string): boolean {
  return text.length <= 255 && (NAME.test(text) || isIpv6(text));
}

/** Whether `text` is an address and needs no look-up. */
export function isAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

/** Whether both name the same host: the case of letters and the spelling of IPv6 do not matter. */
export function sameHost(a: string, b: string): boolean {
  return normalizeHost(a) === normalizeHost(b);
}

/** One spelling per host: lower case, IPv6 expanded, no final dot, IPv4-mapped as IPv4. */
export function normalizeHost(host: string): string {
  const text = host.toLowerCase().replace(/^\[|\]$/g, "");
  if (!isIpv6(text)) return text.replace(/\.$/, "");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = text.replace(":::", "::").split("::");
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const gap = Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return [...left, ...(tail === undefined ? [] : gap), ...right].join(":");
}

function groupsOf(half: string): string[] {
  if (half === "") return [];
  return half.split(":").flatMap((part) => {
    const match = IPV4.exec(part);
    if (match === null) return [part.replace(/^0+(?=.)/, "")];
    const [, a, b, c, d] = match.map(Number);
    return [(((a ?? 0) << 8) | (b ?? 0)).toString(16), (((c ?? 0) << 8) | (d ?? 0)).toString(16)];
  });
}

/** `host` or `host:port` as URIs and Via write it, with brackets around IPv6. */
export function writeHostPort(host: string, port?: number): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}

/**
 * Reads `host[:port]`, or `undefined` when it is not one.
 *
 * @returns The host without brackets, the port when one was written.
 */
export function parseHostPort(
  text: string,
): { readonly host: string; readonly port: number | undefined } | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^:\[\]]+))(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const [, ipv6, name, digits] = match;
  const host = ipv6 ?? name ?? "";
  if (ipv6 === undefined ? !NAME.test(host) || host.length > 255 : !isIpv6(host)) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && port > 65535) return undefined;
  return { host, port };
}
