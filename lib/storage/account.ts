/** An account as `config.toml` has it: `[accounts.NAME]`. Schema in docs/config.md. */
import type { Secret } from "../base/secret.ts";

/** One account. What is `undefined` was not said. */
export interface Account extends AccountSettings {
  /** What `--account` is given. */
  readonly name: string;
}

/** What an account is made of. */
export interface AccountSettings {
  /** Address of record, `user@domain` in canonical spelling. */
  readonly address: string;
  readonly displayName?: string | undefined;
  /** The user name of the digest; the user part of the address where it is not said. */
  readonly authUser?: string | undefined;
  /** Handed out as a secret: it is in no log and no listing. */
  readonly password?: Secret | undefined;
  /** A file that holds the password instead; absolute, or relative to the working folder. */
  readonly passwordFile?: string | undefined;
  /** The least digest algorithm that is answered (RFC 8760). */
  readonly digestMin?: "md5" | "sha-256" | "sha-512-256" | undefined;
  /** URI of the outbound proxy (RFC 3261 §8.1.2). */
  readonly proxy?: string | undefined;
  readonly transport?: "udp" | "tcp" | "tls" | undefined;
  /** Whether session commands register by themselves. */
  readonly register?: boolean | undefined;
  /** Seconds that a registration is asked for. */
  readonly expires?: number | undefined;
  /** `none`, `auto` (found by SRV), or `host[:port]`; several in a row with spaces between. */
  readonly relay?: string | undefined;
  /** AUTH to a relay over plain TCP, which RFC 4976 §9.1 forbids. */
  readonly relayInsecure?: boolean | undefined;
  /** Whether `uri=` goes into the Authorization of a relay's AUTH. */
  readonly relayAuthUri?: "auto" | "always" | "never" | undefined;
  readonly msrp?: "tls" | "tcp" | undefined;
  readonly setup?: "active" | "passive" | "actpass" | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly tlsCa?: string | undefined;
  readonly otr?: "require" | "prefer" | "accept" | "off" | undefined;
  readonly otrVersions?: readonly (2 | 3)[] | undefined;
  readonly trust?: "verified" | "known" | "any" | undefined;
}

/** Longest name of an account, in characters. */
const LONGEST_NAME = 64;

/** Whether `name` can be that of an account: printable, without spaces, up to 64 characters. */
export function isAccountName(name: string): boolean {
  return /^[^\s\p{C}]+$/u.test(name) && name.length <= LONGEST_NAME;
}

/**
 * `host[:port]` with an IPv6 address in brackets, or the words `auto` and `none`. The first of
 * several may be reached over a WebSocket: `host[:port][/path];ws`, as MSRP URIs write it.
 */
export function isRelayText(text: string): boolean {
  if (text === "auto" || text === "none") return true;
  const hosts = text.split(/ +/);
  return hosts.length <= MOST_RELAYS && hosts.every((it, at) => {
    const plain = at === 0 ? it.replace(WEB_SOCKET, "") : it;
    const port = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?$/.exec(plain);
    return port !== null && Number(port[1] ?? 1) >= 1 && Number(port[1] ?? 1) <= 65_535;
  });
}

/** RFC 7977 §5.2.1: the transport of a URI; the path is that of HTTP. */
const WEB_SOCKET = /(?:\/[A-Za-z0-9._~%!$&'()*+=:@/-]*)?;ws$/;

/** Relays in a row, at most. */
const MOST_RELAYS = 8;
