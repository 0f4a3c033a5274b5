/** Whether a certificate speaks for a SIP domain (RFC 5922 §7.1, §7.2). */

import { escapeText } from "../../base/escape.ts";
import { isAddress, isHost, normalizeHost, parseHostPort } from "../message/host.ts";

/** The names in a certificate whose chain was verified. */
export interface CertifiedNames {
  /** `undefined` when there is no subjectAltName at all. */
  readonly alternativeNames:
    | readonly { readonly type: "dns" | "uri" | "ip" | "other"; readonly value: string }[]
    | undefined;
  readonly commonName: string | undefined;
}

/**
 * The SIP domain identities of a certificate, in lower case. URIs of scheme `sip` without a user
 * are; where there is none of them, DNS names are; and where there is no subjectAltName at
 * all, a common name that looks like a domain is (§7.1).
 */
export function sipIdentities({ alternativeNames, commonName }: CertifiedNames): string[] {
  if (alternativeNames === undefined) {
    const isDomain = commonName !== undefined && isHost(commonName) && commonName.includes(".") &&
      !isAddress(commonName);
    return isDomain ? [normalizeHost(commonName)] : [];
  }
  const values = (type: string) =>
    alternativeNames.filter((it) => it.type === type).map((it) => it.value);
  const uris = values("uri").flatMap(domainOfUri);
  return uris.length > 0 ? uris : values("dns").map((it) => normalizeHost(it));
}

/**
 * What is wrong with the names of a certificate for `domain`, the host of the URI before any
 * DNS; `undefined` when it speaks for it. Names match whole: no suffixes, no wildcards (§7.2).
 *
 * @param domain A name, or an address: then an iPAddress counts as well (SPEC NOTE sip-19).
 */
export function identityFault(names: CertifiedNames, domain: string): string | undefined {
  const wanted = normalizeHost(domain);
  const identities = sipIdentities(names);
  const addresses = (names.alternativeNames ?? []).filter((it) => it.type === "ip")
    .map((it) => normalizeHost(it.value));
  if (identities.includes(wanted)) return undefined;
  if (isAddress(wanted) && addresses.includes(wanted)) return undefined;
  const all = [...identities, ...addresses];
  if (all.length === 0) return `it names no SIP domain, expected ${escapeText(domain, 100)}`;
  const shown = all.slice(0, MOST_SHOWN).map((it) => escapeText(it, 100)).join(", ");
  const more = all.length > MOST_SHOWN ? ` and ${all.length - MOST_SHOWN} more` : "";
  const isWild = identities.some((it) => it.startsWith("*.") || it.startsWith("."));
  const hint = isWild ? "; wildcards do not count for SIP (RFC 5922 §7.2)" : "";
  return `it speaks for ${shown}${more}, not for ${escapeText(domain, 100)}${hint}`;
}

/** `sip:example.com` is a domain; `sips:…`, and everything with a user, is none. */
function domainOfUri(uri: string): string[] {
  const rest = /^sip:([^@]*)$/i.exec(uri)?.[1];
  const host = parseHostPort((rest ?? "").split(/[;?]/)[0] ?? "")?.host;
  return host === undefined ? [] : [normalizeHost(host)];
}

/** Names in one error message. */
const MOST_SHOWN = 8;
