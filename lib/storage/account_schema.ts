/** How the settings of an account are called in `config.toml`, and what each may be. */
import { utf8 } from "../base/bytes.ts";
import { Secret } from "../base/secret.ts";
import { type Account, type AccountSettings, isAccountName, isRelayText } from "./account.ts";
import { canonicalAor } from "./address_of_record.ts";
import {
  type Expectation,
  isBoolean,
  isInteger,
  isLine,
  isVersions,
  oneOf,
  type Settings,
} from "./config_settings.ts";

const isAddress: Expectation<string> = {
  words: "an address such as alice@example.com",
  read: (value) => {
    const aor = typeof value === "string" ? canonicalAor(value) : undefined;
    return aor?.includes("@") === true ? aor : undefined;
  },
};

const isRelay: Expectation<string> = {
  words: '"none", "auto" or "host[:port]"',
  read: (value) => typeof value === "string" && isRelayText(value) ? value : undefined,
};

const isProxy: Expectation<string> = {
  words: "a SIP URI such as sip:proxy.example.com;transport=tls",
  read: (value) => {
    const line = isLine("", 1024).read(value);
    return line !== undefined && /^sips?:\S+$/i.test(line) ? line : undefined;
  },
};

const isSecret: Expectation<Secret> = {
  words: "text",
  read: (value) => typeof value === "string" ? new Secret(utf8(value)) : undefined,
};

/** Name in the file and expected value of each setting. */
export type AccountSchema = {
  readonly [K in keyof AccountSettings]-?: readonly [
    string,
    Expectation<NonNullable<AccountSettings[K]>>,
  ];
};

/** How each setting is called in the file, and what it may be. The order is that of writing. */
export const ACCOUNT_SETTINGS: AccountSchema = {
  address: ["address", isAddress],
  displayName: ["display-name", isLine("a name", 256)],
  authUser: ["auth-user", isLine("a user name", 256)],
  password: ["password", isSecret],
  passwordFile: ["password-file", isLine("the name of a file")],
  digestMin: ["digest-min", oneOf("md5", "sha-256", "sha-512-256")],
  proxy: ["proxy", isProxy],
  transport: ["transport", oneOf("udp", "tcp", "tls")],
  register: ["register", isBoolean],
  // RFC 3261 §20.19 has 2**32-1; a binding of more than a day outlives what it is for.
  expires: ["expires", isInteger(60, 86_400)],
  relay: ["relay", isRelay],
  relayInsecure: ["relay-insecure", isBoolean],
  relayAuthUri: ["relay-auth-uri", oneOf("auto", "always", "never")],
  msrp: ["msrp", oneOf("tls", "tcp")],
  setup: ["setup", oneOf("active", "passive", "actpass")],
  tlsCert: ["tls-cert", isLine("the name of a file")],
  tlsKey: ["tls-key", isLine("the name of a file")],
  tlsCa: ["tls-ca", isLine("the name of a file")],
  otr: ["otr", oneOf("require", "prefer", "accept", "off")],
  otrVersions: ["otr-versions", isVersions],
  trust: ["trust", oneOf("verified", "known", "any")],
};

/** The settings that name files: read relative to the folder of the configuration. */
const FILES: ReadonlySet<string> = new Set(["passwordFile", "tlsCert", "tlsKey", "tlsCa"]);

/**
 * Reads every `[accounts.NAME]`.
 *
 * @param folder What file names are relative to.
 * @throws {SottoError} `storage/bad-config`, with the line.
 */
export function readAccounts(settings: Settings, folder: string): Account[] {
  return settings.tablesIn(["accounts"]).map((name) => {
    const path = ["accounts", name];
    if (!isAccountName(name)) {
      throw settings.error(path, "the name of an account has no spaces and up to 64 characters");
    }
    const found: Record<string, unknown> = { name };
    for (const [field, [key, expectation]] of Object.entries(ACCOUNT_SETTINGS)) {
      const value = settings.take<unknown>([...path, key], expectation);
      if (value === undefined) continue;
      found[field] = FILES.has(field) ? beside(folder, String(value)) : value;
    }
    if (found["address"] === undefined) {
      throw settings.error(path, `the account ${name} needs an address`);
    }
    if (found["password"] !== undefined && found["passwordFile"] !== undefined) {
      throw settings.error(
        [...path, "password-file"],
        "password and password-file exclude each other",
      );
    }
    if ((found["tlsCert"] === undefined) !== (found["tlsKey"] === undefined)) {
      throw settings.error(path, "tls-cert and tls-key go together: give both or neither");
    }
    // Every field has been read by its own expectation.
    return found as unknown as Account;
  });
}

function beside(folder: string, file: string): string {
  return /^([/\\]|[A-Za-z]:[/\\])/.test(file) ? file : `${folder}/${file}`;
}
