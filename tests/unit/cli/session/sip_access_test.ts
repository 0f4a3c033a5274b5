import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { chooseAccount, resolveAccess } from "../../../../cli/session/sip_access.ts";
import type { SipAccess } from "../../../../cli/session/sip_access.ts";
import { decodeUtf8Lossy } from "../../../../lib/base/mod.ts";
import { writeUri } from "../../../../lib/sip/mod.ts";
import { parseConfig } from "../../../../lib/storage/mod.ts";
import { readFlags, testContext } from "../../../helpers/session_flags.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const CONFIG = parseConfig(
  `default-account = "work"
[accounts.work]
address = "alice@example.com"
display-name = "Alice"
password = "of the file"
digest-min = "sha-256"
proxy = "sip:p.example.com;transport=tls"
transport = "tls"
register = true
expires = 300
relay = "r1 r2:2856"
relay-insecure = true
relay-auth-uri = "never"
[accounts.home]
address = "al%69ce@example.org"
auth-user = "a li"
[accounts.other]
address = "alice@example.net"
[accounts.twin]
address = "alice@example.net"
`,
  "c",
).config;

async function resolve(...args: readonly string[]): Promise<SipAccess> {
  return await resolveAccess(testContext({ typed: "typed\r" }), readFlags("call", ...args), CONFIG);
}

Deno.test("chooseAccount() takes the name, the address, --from, then the default", () => {
  const chosen = (...args: readonly string[]) =>
    chooseAccount(readFlags("call", ...args), CONFIG)?.name;
  assertEquals(chosen(), "work");
  assertEquals(chosen("--account", "home"), "home");
  assertEquals(chosen("--account", "sip:alice@example.org"), "home");
  assertEquals(chosen("--from", "alice@example.org"), "home");
  assertEquals(chosen("--from", "alice@example.net"), undefined); // There are two.
  assertEquals(chosen("--from", "carol@example.org"), undefined);
  assertEquals(chosen("--from", "carol@example.org", "--account", "work"), "work");
  assertEquals(chooseAccount(readFlags("call"), { accounts: CONFIG.accounts }), undefined);
});

Deno.test("chooseAccount() names the accounts where the one that is meant is none of them", () => {
  for (const name of ["alice", "alice@example.net"]) {
    const error = assertThrows(
      () => chooseAccount(readFlags("call", "--account", name), CONFIG),
      CliError,
      `there is no account ${name}`,
    );
    assertEquals([error.status, error.hint], [2, "there is work, home, other, twin"]);
  }
});

Deno.test("resolveAccess() takes everything from the account", async () => {
  const context = testContext();
  const { self, proxy, credentials, account, ...rest } = await resolveAccess(
    context,
    readFlags("call"),
    CONFIG,
  );
  assertEquals([self.aor, proxy && writeUri(proxy), account?.name], [
    "alice@example.com",
    "sip:p.example.com;transport=tls",
    "work",
  ]);
  assertEquals(credentials?.username, "alice");
  assertEquals(credentials?.password.expose(decodeUtf8Lossy), "of the file");
  assertEquals(rest, {
    displayName: "Alice",
    transport: "tls",
    digestMin: "sha-256",
    registration: { expires: 300 },
    relay: { hosts: ["r1", "r2:2856"], insecure: true, authUri: "never" },
  });
  assertStringIncludes(context.stderr.text, "RFC 4976 forbids it");
});

Deno.test("resolveAccess() lets flags speak before the account", async () => {
  const access = await resolve(
    ...["--proxy", "q", "--transport", "udp", "--digest-min", "md5", "--relay", "none"],
    ...["--auth-user", "bob", "--password", "of the flag"],
  );
  assertEquals(
    [access.proxy && writeUri(access.proxy), access.transport, access.digestMin, access.relay],
    ["sip:q", "udp", "md5", undefined],
  );
  assertEquals(
    [access.credentials?.username, access.credentials?.password.expose(decodeUtf8Lossy)],
    ["bob", "of the flag"],
  );
});

Deno.test("resolveAccess() asks no proxy and no registrar with --direct", async () => {
  const direct = await resolve("--direct");
  assertEquals([direct.proxy, direct.registration], [undefined, undefined]);
  assertEquals((await resolve("--direct", "--register")).registration, { expires: 300 });
});

Deno.test("resolveAccess() reads the password from file, flag, environment, configuration, person", async () => {
  await using folder = await TemporaryFolder.make();
  const file = folder.file("p");
  await Deno.writeTextFile(file, "A\u030a of a file\n"); // Normalized: RFC 7616 §4.
  const environment = { SOTTO_PASSWORD: "of the environment" };
  const of = async (access: Promise<SipAccess>): Promise<string | undefined> =>
    (await access).credentials?.password.expose(decodeUtf8Lossy);
  assertEquals(await of(resolve("--password-file", file)), "\u00c5 of a file");
  assertEquals(await of(resolve()), "of the file");
  const context = testContext({ environment });
  const { access, ...flags } = readFlags("call");
  const inherited = { ...access, environmentPassword: "of the environment" };
  assertEquals(
    await of(resolveAccess(context, { ...flags, access: inherited }, CONFIG)),
    "of the environment",
  );
  const typed = await resolve("--account", "home");
  assertEquals(
    [typed.credentials?.username, typed.credentials?.password.expose(decodeUtf8Lossy)],
    ["a li", "typed"],
  );
  assertEquals((await resolve("--account", "other")).credentials, undefined);
});

Deno.test("resolveAccess() is nobody without an account, and registers nobody", async () => {
  const none = { accounts: [] };
  const access = await resolveAccess(testContext(), readFlags("call"), none);
  assertEquals([access.self.aor, access.credentials, access.registration], [
    "anonymous@anonymous.invalid",
    undefined,
    undefined,
  ]);
  const error = await assertRejects(
    () => resolveAccess(testContext(), readFlags("call", "--register"), none),
    CliError,
    "--register: who?",
  );
  assertEquals(error.status, 2);
});

Deno.test("resolveAccess() refuses to ask where nobody is, and names the flag", async () => {
  const flags = readFlags("call", "--account", "home");
  await assertRejects(
    () => resolveAccess(testContext(), flags, CONFIG),
    CliError,
    "--password-file",
  );
});

Deno.test("resolveAccess() has the user of the address without its escapes", async () => {
  const { config } = parseConfig('[accounts.a]\naddress = "a%20b@c"\npassword = "x"\n', "c");
  const access = await resolveAccess(testContext(), readFlags("call", "--account", "a"), config);
  assertEquals([access.self.aor, access.credentials?.username], ["a%20b@c", "a b"]);
});
