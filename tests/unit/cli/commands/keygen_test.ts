import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type RunOptions, type RunResult, runSotto } from "../../../helpers/program.ts";
import { modeOf, readFixture, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const BLINK = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
const ALICE = "257920d7dfe968024dd69758df19928efc166490";

async function withHome(
  run: (
    keygen: (args: string[], options?: RunOptions) => Promise<RunResult>,
    folder: TemporaryFolder,
  ) => Promise<void>,
): Promise<void> {
  await using folder = await TemporaryFolder.make();
  for (
    const [name, fixture] of [
      ["blink", "keys/blink.private_key.dsa"],
      ["alice", "otr/libotr-transcripts/alice.key"],
      ["bob", "otr/libotr-transcripts/bob.key"],
    ] as const
  ) await Deno.writeFile(folder.file(name), readFixture(fixture));
  const environment = { SOTTO_HOME: folder.file("home") };
  await run((args, options) => runSotto(["keygen", ...args], { environment, ...options }), folder);
}

Deno.test("keygen makes a key if there is none, and shows the fingerprint", () =>
  withHome(async (keygen, folder) => {
    const first = await keygen([]);
    assertMatch(first.stdout, /^([0-9A-F]{8} ){4}[0-9A-F]{8}\n$/);
    assertStringIncludes(first.stderr, "sotto: made a new key: ");
    const second = await keygen([]);
    assertEquals([second.stdout, second.stderr, second.status], [
      first.stdout,
      "sotto: the key was there already\n",
      0,
    ]);
    assertEquals(await modeOf(folder.file("home")), 0o700);
    assertEquals(await modeOf(folder.file("home/chat/private_key.dsa")), 0o600);
    const json = await keygen(["--json"]);
    assertEquals(JSON.parse(json.stdout), {
      type: "fingerprint",
      owner: "self",
      fingerprint: first.stdout.trim().replaceAll(" ", "").toLowerCase(),
      trust: "verified",
    });
  }));

Deno.test("keygen never replaces a key that cannot be read", () =>
  withHome(async (keygen, folder) => {
    await Deno.mkdir(folder.file("home/chat"), { recursive: true });
    const path = folder.file("home/chat/private_key.dsa");
    await Deno.writeTextFile(path, "damaged");
    const { status, stderr } = await keygen([]);
    assertEquals([status, await Deno.readTextFile(path)], [8, "damaged"]);
    assertStringIncludes(stderr, `sotto: error: ${path} holds no key that can be read`);
    assertEquals((await keygen(["--export", "-"])).status, 8);
  }));

Deno.test("keygen --regenerate keeps a copy, and never prompts without a terminal", () =>
  withHome(async (keygen, folder) => {
    await keygen(["--import", folder.file("blink")]);
    const { status, stdout, stderr } = await keygen(["--regenerate"]);
    assertEquals(status, 0);
    const backup = /the key before is kept: (.*)\n/.exec(stderr)?.[1] ?? "";
    assertMatch(backup, /private_key\.dsa\.\d{8}-\d{6}\.bak$/);
    assertEquals(await Deno.readFile(backup), readFixture("keys/blink.private_key.dsa"));
    assertEquals(stdout.toLowerCase().replaceAll(" ", "").trim() === BLINK, false);
  }));

Deno.test("keygen --regenerate asks at a terminal, and --yes does not", () =>
  withHome(async (keygen, folder) => {
    await keygen(["--import", folder.file("blink")]);
    const no = await keygen(["--regenerate"], { typed: "n\r" });
    assertEquals([no.status, no.stdout], [1, ""]);
    assertStringIncludes(no.terminal, "Replace your key?");
    const unasked = await keygen(["--regenerate", "--no-input"], { typed: "n\r" });
    assertEquals([unasked.status, unasked.terminal], [0, ""]);
    assertEquals((await keygen(["--regenerate", "--yes"], { typed: "n\r" })).status, 0);
  }));

Deno.test("keygen --import takes every format, and refuses to replace another key", () =>
  withHome(async (keygen, folder) => {
    const first = await keygen(["--import", folder.file("alice"), "--json"]);
    assertEquals([first.status, JSON.parse(first.stdout).fingerprint], [0, ALICE]);
    assertEquals((await keygen(["--import", folder.file("alice")])).status, 0);
    const other = await keygen(["--import", folder.file("blink")]);
    assertEquals([other.status, other.stdout], [8, ""]);
    assertStringIncludes(other.stderr, "sotto: hint: add --regenerate");
    const replaced = await keygen(["--import", folder.file("blink"), "--regenerate", "--json"]);
    assertEquals([replaced.status, JSON.parse(replaced.stdout).fingerprint], [0, BLINK]);
    await Deno.writeTextFile(folder.file("junk"), "junk");
    assertEquals((await keygen(["--import", folder.file("junk")])).status, 8);
    assertEquals((await keygen(["--import", folder.file("none")])).status, 2);
  }));

Deno.test("keygen --import chooses among the accounts of a libotr file", () =>
  withHome(async (keygen, folder) => {
    const [alice, bob] = [folder.file("alice"), folder.file("bob")].map((it) =>
      Deno.readTextFileSync(it)
    );
    const both = `${alice?.replace(/\)\n$/, "")}${bob?.replace("(privkeys\n", "")}`;
    await Deno.writeTextFile(folder.file("both"), both);
    const unsaid = await keygen(["--import", folder.file("both")]);
    assertEquals(unsaid.status, 2);
    assertStringIncludes(unsaid.stderr, "pass --account with one of alice (msrp), bob (msrp)");
    assertEquals((await keygen(["--import", folder.file("both"), "--account", "eve"])).status, 2);
    const said = await keygen(["--import", folder.file("both"), "--account", "alice", "--json"]);
    assertEquals(JSON.parse(said.stdout).fingerprint, ALICE);
    const typed = await keygen(["--import", folder.file("both")], { typed: "alice\r" });
    assertEquals(typed.status, 0);
  }));

Deno.test("keygen --export writes every format, private, and overwrites nothing", () =>
  withHome(async (keygen, folder) => {
    await keygen(["--import", folder.file("blink")]);
    const fixtures = { blink: "keys/blink.private_key.dsa", pkcs8: "storage/otr.key" };
    for (const [format, fixture] of Object.entries(fixtures)) {
      const path = folder.file(`out.${format}`);
      assertEquals((await keygen(["--export", path, "--format", format])).status, 0);
      assertEquals(await Deno.readFile(path), readFixture(fixture));
      assertEquals(await modeOf(path), 0o600);
      assertEquals((await keygen(["--export", path, "--format", format])).status, 8);
      assertEquals((await keygen(["--export", path, "--format", format, "--force"])).status, 0);
    }
    const account = ["--account", "me@example.com", "--protocol", "prpl-jabber"];
    const libotr = await keygen(["--export", "-", "--format", "libotr", ...account]);
    assertStringIncludes(libotr.stdout, '(name "me@example.com")\n(protocol prpl-jabber)\n');
  }));

Deno.test("keygen refuses options that contradict each other", () =>
  withHome(async (keygen) => {
    for (
      const args of [
        ["--export", "x", "--regenerate"],
        ["--export", "x", "--import", "y"],
        ["--format", "blink"],
        ["--force"],
        ["--format", "rsa", "--export", "x"],
      ]
    ) assertEquals((await keygen(args)).status, 2, args.join(" "));
  }));
