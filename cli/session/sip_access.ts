/**
 * How we get to the network: who we are, with which credentials, through which proxy and relay.
 * Flags, then the environment, then the account in `config.toml`, then defaults.
 */
import { escapeText, Secret, utf8 } from "../../lib/base/mod.ts";
import type { SipUri } from "../../lib/sip/mod.ts";
import { type Account, canonicalAor, type Config } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import type { AccessFlags, DigestMinimum } from "../options/access.ts";
import { serverUri } from "../options/checks.ts";
import { plainSecret, readSecret } from "../options/secret.ts";
import { usageError } from "../output/cli_error.ts";
import { parseIdentity, type Party } from "./addresses.ts";

/** What the network needs to know of us. */
export interface SipAccess {
  /** The account in use, if one is. */
  readonly account: Account | undefined;
  /** Who we are; nobody in particular without an account and `--from`. */
  readonly self: Party;
  readonly displayName: string | undefined;
  /** The outbound proxy (RFC 3261 §8.1.2). */
  readonly proxy: SipUri | undefined;
  readonly transport: "udp" | "tcp" | "tls" | undefined;
  /** `undefined` where no password is known: a challenge is then a refusal. */
  readonly credentials: SipCredentials | undefined;
  readonly digestMin: DigestMinimum;
  /** `undefined` where nobody asked for it. */
  readonly registration: { readonly expires: number } | undefined;
  readonly relay: RelayChoice | undefined;
}

/** A user name with its password, as lib/auth takes it. */
export interface SipCredentials {
  readonly username: string;
  readonly password: Secret;
}

/** Through which relay MSRP goes. */
export interface RelayChoice {
  /** `auto`: found by SRV of our domain; else `host[:port]`, in the order of the way out. */
  readonly hosts: "auto" | readonly string[];
  readonly insecure: boolean;
  readonly authUri: "auto" | "always" | "never";
}

/** Seconds that a registration is asked for: what most registrars grant. */
export const DEFAULT_EXPIRES = 600;

/** What is asked: the parts of the flags that matter here. */
export interface AccessRequest {
  readonly access: AccessFlags;
  readonly from?: string | undefined;
  readonly transport?: "udp" | "tcp" | "tls" | undefined;
}

/**
 * The account that is meant: by name or address, by `--from`, or the default; `undefined` for none.
 * @throws {CliError} status 2 when there is no such account.
 */
export function chooseAccount(
  { access, from }: AccessRequest,
  config: Pick<Config, "accounts" | "defaultAccount">,
): Account | undefined {
  const { accounts, defaultAccount } = config;
  if (access.account !== undefined) return namedAccount(access.account, accounts);
  if (from === undefined) return accounts.find(({ name }) => name === defaultAccount);
  const aor = canonicalAor(from);
  const own = accounts.filter(({ address }) => address === aor);
  // Several accounts of one address differ in how they get there: that has to be said.
  return own.find(({ name }) => name === defaultAccount) ?? (own.length === 1 ? own[0] : undefined);
}

function namedAccount(wanted: string, accounts: readonly Account[]): Account {
  const aor = canonicalAor(wanted);
  const byAddress = accounts.filter(({ address }) => address === aor);
  const found = accounts.find(({ name }) => name === wanted) ??
    (byAddress.length === 1 ? byAddress[0] : undefined);
  if (found !== undefined) return found;
  const names = accounts.map(({ name }) => escapeText(name)).join(", ");
  throw usageError(
    `there is no account ${escapeText(wanted)}`,
    names === "" ? "sotto account add makes one" : `there is ${names}`,
  );
}

/**
 * Everything of {@link SipAccess}. Reads the password; warns of what is insecure.
 * @throws {CliError} status 2 for what does not fit.
 */
export async function resolveAccess(
  context: CommandContext,
  request: AccessRequest,
  config: Pick<Config, "accounts" | "defaultAccount">,
): Promise<SipAccess> {
  const { access } = request;
  const account = chooseAccount(request, config);
  const self = parseIdentity(request.from ?? account?.address);
  const expires = account?.expires ?? DEFAULT_EXPIRES;
  // Whoever asks no proxy asks no registrar either, unless they say so.
  const registers = access.register || (account?.register === true && !access.direct);
  if (registers && request.from === undefined && account === undefined) {
    throw usageError("--register: who? name an --account, or yourself with --from");
  }
  return {
    account,
    self,
    displayName: account?.displayName,
    proxy: proxyOf(access, account),
    transport: request.transport ?? account?.transport,
    credentials: await credentialsOf(context, access, account, self),
    digestMin: access.digestMin ?? account?.digestMin ?? "md5",
    registration: registers ? { expires } : undefined,
    relay: relayOf(context, access, account),
  };
}

function proxyOf(access: AccessFlags, account: Account | undefined): SipUri | undefined {
  if (access.direct) return undefined;
  if (access.proxy !== undefined) return access.proxy;
  return account?.proxy === undefined
    ? undefined
    : serverUri(`proxy of the account ${escapeText(account.name)}`, account.proxy);
}

async function credentialsOf(
  context: CommandContext,
  access: AccessFlags,
  account: Account | undefined,
  self: Party,
): Promise<SipCredentials | undefined> {
  const named = access.authUser ?? account?.authUser;
  const username = named ?? userOf(self.aor);
  const password = await passwordOf(context, access, account);
  if (password !== undefined) return { username, password };
  // Only a person who said that there is a user to prove is asked for the proof.
  if (named === undefined) return undefined;
  const typed = await context.prompt.secret(`Password of ${escapeText(named)}`, {
    flag: "--password-file",
  });
  return { username, password: secretOf(utf8(typed)) };
}

async function passwordOf(
  context: CommandContext,
  access: AccessFlags,
  account: Account | undefined,
): Promise<Secret | undefined> {
  if (access.passwordFile !== undefined) {
    return secretOf(await readSecret("--password-file", access.passwordFile));
  }
  if (access.password !== undefined) {
    return secretOf(plainSecret(context, access.password, "--password-file"));
  }
  if (access.environmentPassword !== undefined) return secretOf(utf8(access.environmentPassword));
  if (account?.passwordFile !== undefined) {
    const flag = `password-file of the account ${escapeText(account.name)}`;
    return secretOf(await readSecret(flag, account.passwordFile));
  }
  return account?.password?.expose((octets) => secretOf(octets));
}

/** RFC 7616 §4: the hash is of UTF-8 in normalization form C. */
function secretOf(octets: Uint8Array): Secret {
  const text = new TextDecoder().decode(octets);
  return new Secret(utf8(text.normalize("NFC")));
}

function userOf(aor: string): string {
  const user = aor.slice(0, aor.lastIndexOf("@"));
  try {
    return decodeURIComponent(user);
  } catch {
    return user; // Escapes that are no UTF-8: as they are written.
  }
}

function relayOf(
  context: CommandContext,
  access: AccessFlags,
  account: Account | undefined,
): RelayChoice | undefined {
  const text = access.relay ?? account?.relay ?? "none";
  if (text === "none") return undefined;
  const insecure = access.relayInsecure || account?.relayInsecure === true;
  if (insecure) {
    context.printer.warning(
      "logging in at the relay without TLS: RFC 4976 forbids it, and whoever listens can try " +
        "passwords on what they hear",
    );
  }
  return {
    hosts: text === "auto" ? "auto" : text.split(/ +/),
    insecure,
    authUri: account?.relayAuthUri ?? "auto",
  };
}
