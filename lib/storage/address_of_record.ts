/**
 * The key of trust: a SIP address as `user@domain`, in the one spelling that is compared
 * (RFC 3261 §10, §19.1.4, without what may be in a URI but is no part of the address).
 */
import { utf8 } from "../base/bytes.ts";

/**
 * The canonical spelling of `address`, which may be a URI or bare: without scheme, password,
 * port, parameters and headers; escapes of unreserved characters decoded, other octets escaped
 * in upper case; the host in lower case, its labels as A-labels. `undefined` when it names nobody.
 *
 * The user part is otherwise left alone: it is compared octet by octet.
 */
export function canonicalAor(address: string): string | undefined {
  const match = ADDRESS.exec(address.trim().replace(/^sips?:/i, ""));
  if (match === null) return undefined;
  const [, user, host = ""] = match;
  const domain = canonicalHost(host);
  if (domain === undefined || user === "") return undefined;
  return user === undefined ? domain : `${canonicalUser(user)}@${domain}`;
}

/** User, password, host, port, parameters and headers. */
const ADDRESS =
  /^(?:([^@:]*)(?::[^@]*)?@)?(\[[0-9A-Fa-f:.]+\]|[^@:;?\s\[\]]+)(?::\d*)?(?:[;?].*)?$/;

/** RFC 3261 §25.1, `unreserved`. */
const UNRESERVED = /^[A-Za-z0-9\-_.!~*'()]$/;

function canonicalUser(user: string): string {
  return user
    .replace(
      /[\s\u0080-\u{10ffff}]/gu,
      (it) => [...utf8(it)].map((octet) => escapeOctet(octet)).join(""),
    )
    .replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => {
      const character = String.fromCharCode(Number.parseInt(digits, 16));
      return UNRESERVED.test(character) ? character : `%${digits.toUpperCase()}`;
    });
}

function escapeOctet(octet: number): string {
  return `%${octet.toString(16).toUpperCase().padStart(2, "0")}`;
}

function canonicalHost(host: string): string | undefined {
  if (/^[\x21-\x7e]+$/.test(host)) return host.toLowerCase();
  // Only names beyond ASCII go through the URL parser, which would also rewrite numbers.
  const url = URL.parse(`http://${host}/`);
  return url === null ? undefined : url.hostname;
}

/**
 * A spelling in which addresses that look alike coincide: for warnings, never for matching.
 * Knows case, accents, compatibility forms and the commonest look-alike letters.
 */
export function skeletonOf(aor: string): string {
  const decoded = aor.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes; // Not UTF-8: it looks like nothing else.
    }
  });
  const labels = decoded.split(/(?<=[@.])|(?=[@.])/).map((label) =>
    label.startsWith("xn--") ? decodePunycode(label.slice(4)) ?? label : label
  );
  return labels.join("").normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/./gsu, (it) => LOOK_ALIKES.get(it) ?? it)
    .replaceAll("rn", "m").replaceAll("vv", "w");
}

const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  [
    ["0οоօ", "o"],
    ["1iíıіӏ|", "l"],
    ["аα", "a"],
    ["еҽ", "e"],
    ["рρ", "p"],
    ["сϲ", "c"],
    ["ухγ", "y"],
    ["х", "x"],
    ["ѕ", "s"],
    ["ԁ", "d"],
    ["һ", "h"],
    ["ј", "j"],
    ["кκ", "k"],
    ["мт", "m"],
    ["ո", "n"],
    ["υս", "u"],
    ["ν", "v"],
    ["ԝ", "w"],
    ["ßβ", "b"],
    ["-‐‑–_", "-"],
  ].flatMap(([from = "", to = ""]) => [...from].map((it): [string, string] => [it, to])),
);

/** RFC 3492 §6.2. `undefined` when it is none. */
function decodePunycode(text: string): string | undefined {
  const delimiter = text.lastIndexOf("-");
  const output = [...text.slice(0, Math.max(0, delimiter))].map((it) => it.charCodeAt(0));
  let code = 128;
  let bias = 72;
  let index = 0;
  for (let at = delimiter + 1; at < text.length;) {
    const before = index;
    let weight = 1;
    for (let k = 36;; k += 36) {
      const digit = punycodeDigit(text.charCodeAt(at++));
      if (digit === undefined) return undefined;
      index += digit * weight;
      const threshold = Math.min(26, Math.max(1, k - bias));
      if (digit < threshold) break;
      weight *= 36 - threshold;
    }
    const length = output.length + 1;
    bias = adaptBias(index - before, length, before === 0);
    code += Math.floor(index / length);
    index %= length;
    if (code > 0x10ffff) return undefined;
    output.splice(index++, 0, code);
  }
  return String.fromCodePoint(...output);
}

function punycodeDigit(character: number): number | undefined {
  if (character >= 0x61 && character <= 0x7a) return character - 0x61;
  if (character >= 0x30 && character <= 0x39) return character - 0x30 + 26;
  return undefined;
}

function adaptBias(delta: number, length: number, isFirst: boolean): number {
  let left = isFirst ? Math.floor(delta / 700) : delta >> 1;
  left += Math.floor(left / length);
  let k = 0;
  for (; left > 455; k += 36) left = Math.floor(left / 35);
  return k + Math.floor((36 * left) / (left + 38));
}
