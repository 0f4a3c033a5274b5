import { assertEquals, assertThrows } from "@std/assert";
import { decodeUtf8, SottoError } from "../../../lib/base/mod.ts";
import { ACCOUNT_SETTINGS } from "../../../lib/storage/account_schema.ts";
import { parseConfig } from "../../../lib/storage/config_file.ts";

const FULL = `[accounts."alice@work"]
address = "sip:Alice@EXAMPLE.com"
display-name = "Alice"
auth-user = "al"
password = "p w"
digest-min = "sha-256"
proxy = "sip:proxy.example.com;transport=tls"
transport = "tls"
register = true
expires = 600
relay = "relay.example.com:2855"
relay-insecure = true
relay-auth-uri = "never"
msrp = "tcp"
setup = "active"
tls-cert = "tls/c.pem"
tls-key = "/k.pem"
tls-ca = "ca.pem"
otr = "require"
otr-versions = [3]
trust = "verified"
`;

Deno.test("readAccounts() reads every setting of an account", () => {
  const { config, warnings } = parseConfig(FULL, "h/config.toml");
  const [account] = config.accounts;
  assertEquals(warnings, []);
  const { password, ...rest } = account ?? { password: undefined };
  assertEquals(password?.expose((it) => decodeUtf8(it)), "p w");
  assertEquals(JSON.stringify({ password }), '{"password":"[secret]"}');
  assertEquals(rest, {
    name: "alice@work",
    address: "Alice@example.com",
    displayName: "Alice",
    authUser: "al",
    digestMin: "sha-256",
    proxy: "sip:proxy.example.com;transport=tls",
    transport: "tls",
    register: true,
    expires: 600,
    relay: "relay.example.com:2855",
    relayInsecure: true,
    relayAuthUri: "never",
    msrp: "tcp",
    setup: "active",
    tlsCert: "h/tls/c.pem",
    tlsKey: "/k.pem",
    tlsCa: "h/ca.pem",
    otr: "require",
    otrVersions: [3],
    trust: "verified",
  });
});

Deno.test("readAccounts() is complete: the document above uses every setting but the other way to say a password", () => {
  const names = Object.values(ACCOUNT_SETTINGS).map(([key]) => key);
  assertEquals(names.filter((it) => !FULL.includes(`\n${it} = `)), ["password-file"]);
});

Deno.test("readAccounts() names the line of each mistake", () => {
  const base = '[accounts.a]\naddress = "a@b"\n';
  for (
    const [text, message] of [
      ["[accounts.a]\n", "c:1: the account a needs an address"],
      ['[accounts.a]\naddress = "b"\n', "c:2: accounts.a.address: expected an address"],
      ['[accounts."a b"]\naddress = "a@b"\n', "c:1: the name of an account has no spaces"],
      ["accounts = 1\n", "c:1: expected a table [accounts]"],
      ["[accounts]\na = 1\n", "c:2: expected a table [accounts.a]"],
      [`${base}relay = "a:b"\n`, "c:3: accounts.a.relay: expected"],
      [`${base}proxy = "proxy.example.com"\n`, "c:3: accounts.a.proxy: expected a SIP URI"],
      [`${base}expires = 10\n`, "c:3: accounts.a.expires: expected a whole number from 60"],
      [`${base}digest-min = "sha-1"\n`, "c:3: accounts.a.digest-min: expected"],
      [`${base}password = "x"\npassword-file = "y"\n`, "c:4: password and password-file exclude"],
      [`${base}tls-cert = "x"\n`, "c:1: tls-cert and tls-key go together"],
      [`default-account = "b"\n${base}`, "c:1: default-account: there is no [accounts.b]"],
    ] as const
  ) {
    const error = assertThrows(() => parseConfig(text, "c"), SottoError, message);
    assertEquals(error.code, "storage/bad-config");
  }
});

Deno.test("readAccounts() never shows a password that is none", () => {
  const text = '[accounts.a]\naddress = "a@b"\npassword = 12345\n';
  const error = assertThrows(() => parseConfig(text, "c"), SottoError);
  assertEquals(error.message, "c:3: accounts.a.password: expected text");
});
