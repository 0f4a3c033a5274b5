import { assertEquals, assertStringIncludes } from "@std/assert";
import { type RunOptions, type RunResult, runSotto } from "../../../helpers/program.ts";
import { modeOf, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

async function withHome(
  run: (
    account: (args: string[], options?: RunOptions) => Promise<RunResult>,
    folder: TemporaryFolder,
  ) => Promise<void>,
): Promise<void> {
  await using folder = await TemporaryFolder.make();
  const environment = { SOTTO_HOME: folder.path };
  await run(
    (args, options) =>
      runSotto(["account", ...args], {
        ...options,
        environment: { ...environment, ...options?.environment },
      }),
    folder,
  );
}

Deno.test("account add asks a person for the password, and shows it nowhere", () =>
  withHome(async (account, folder) => {
    const { stdout, stderr, terminal, status } = await account(["add", "w", "a@b"], {
      typed: "horse\r",
    });
    assertEquals(status, 0);
    assertStringIncludes(terminal, "Password of w (empty for none)");
    for (const shown of [stdout, stderr, terminal]) assertEquals(shown.includes("horse"), false);
    assertStringIncludes(await Deno.readTextFile(folder.file("config.toml")), 'password = "horse"');
    assertEquals(await modeOf(folder.file("config.toml")), 0o600);
  }));

Deno.test("account add takes the password from the environment, and none from nobody", () =>
  withHome(async (account, folder) => {
    await account(["add", "e", "a@b"], { environment: { SOTTO_PASSWORD: "env" } });
    await account(["add", "n", "a@b"]);
    await account(["add", "t", "a@b"], { typed: "\r" });
    const text = await Deno.readTextFile(folder.file("config.toml"));
    assertEquals(text.match(/^password = .*$/gm), ['password = "env"']);
  }));

Deno.test("account add keeps files of certificates by their whole names", () =>
  withHome(async (account) => {
    const { stdout } = await account([
      ...["add", "c", "a@b", "--tls-cert", "c.pem", "--tls-key", "/k.pem", "--json"],
    ]);
    const shown = JSON.parse(stdout);
    assertEquals([shown.tlsCert, shown.tlsKey], [`${Deno.cwd()}/c.pem`, "/k.pem"]);
  }));

Deno.test("account add refuses what does not fit, by the flag's name, and writes nothing", () =>
  withHome(async (account, folder) => {
    await Deno.writeFile(folder.file("octets"), Uint8Array.of(0xff));
    for (
      const [args, words] of [
        [["--expires", "5"], "--expires: expected 60 to 86400 seconds"],
        [["--transport", "sctp"], "--transport: expected one of udp, tcp, tls"],
        [["--proxy", "a b"], "--proxy: expected the URI of a server"],
        [["--otr-versions", "4"], "--otr-versions: expected 2, 3"],
        [["--tls-cert", "c"], "--tls-cert and --tls-key go together"],
        [["--display-name", "a\nb"], "--display-name: expected one line"],
        [["--password", "a", "--password-file", "b"], "two ways to say one thing"],
        [["--password-file", "/nowhere/p"], "--password-file: no file"],
        [["--password-file", folder.file("octets")], "--password-file: the password is not UTF-8"],
      ] as const
    ) {
      const { status, stderr } = await account(["add", "x", "a@b", ...args]);
      assertStringIncludes(stderr, words);
      assertEquals(status, 2, words);
    }
    assertEquals((await folder.names()).includes("config.toml"), false);
  }));

Deno.test("account default says which account counts, and takes it back", () =>
  withHome(async (account) => {
    await account(["add", "a", "a@b"]);
    await account(["add", "b", "b@b"]);
    const which = await account(["show"]);
    assertStringIncludes(which.stderr, "which account? none is the default\n");
    assertStringIncludes(which.stderr, "there is a, b");
    assertEquals(which.status, 2);
    assertEquals((await account(["default", "b"])).stdout, "the default is b\n");
    assertStringIncludes((await account(["show"])).stdout, "name            b\n");
    assertEquals((await account(["default", "c"])).status, 1);
    assertEquals((await account(["default"])).stdout, "no account is the default\n");
    await account(["remove", "a"]);
    assertStringIncludes((await account(["show"])).stdout, "name            b\n"); // The only one.
  }));

Deno.test("account warns when others can read the password", () =>
  withHome(async (account, folder) => {
    await account(["add", "a", "a@b", "--password", "x"]);
    await Deno.chmod(folder.file("config.toml"), 0o644);
    assertStringIncludes((await account(["list"])).stderr, "has a password: others can get at it");
  }));
