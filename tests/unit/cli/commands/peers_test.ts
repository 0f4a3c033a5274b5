import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type RunOptions, type RunResult, runSotto } from "../../../helpers/program.ts";
import { readFixture, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const DIGITS = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
const GROUPS = "4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C";
const OTHER = "257920D7 DFE96802 4DD69758 DF19928E FC166490";

type Peers = (args: string[], options?: RunOptions) => Promise<RunResult>;

async function withPeers(
  content: string | Uint8Array | undefined,
  run: (peers: Peers, read: () => Promise<string>, path: string) => Promise<void>,
): Promise<void> {
  await using folder = await TemporaryFolder.make();
  await Deno.mkdir(folder.file("chat"));
  const path = folder.file("chat/trusted_peers");
  if (content !== undefined) {
    await Deno.writeFile(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  await Deno.writeFile(
    folder.file("chat/private_key.dsa"),
    readFixture("keys/alice.private_key.dsa"),
    { mode: 0o600 },
  );
  const environment = { SOTTO_HOME: folder.path };
  await run(
    (args, options) => runSotto(["peers", ...args], { environment, ...options }),
    () => Deno.readTextFile(path),
    path,
  );
}

Deno.test("peers list prints the contract's objects with --json", () =>
  withPeers(readFixture("storage/trusted_peers"), async (peers) => {
    const { stdout, stderr, status } = await peers(["list", "--json"]);
    assertEquals([status, stderr], [0, ""]);
    assertEquals(stdout.split("\n").slice(0, 3), [
      `{"type":"peer","peer":"bob@example.com","fingerprint":"${DIGITS}","trust":"verified","how":"manual","line":1}`,
      `{"type":"peer","peer":"f2a1c7d08e3b4a5f@192.0.2.10","fingerprint":"${DIGITS}","trust":"verified","how":"smp","line":2}`,
      `{"type":"peer","peer":"c0ffee00c0ffee00@192.0.2.10","fingerprint":"${DIGITS}","trust":"unverified","how":"","line":3}`,
    ]);
    const verified = await peers(["list", "--verified", "--json"]);
    assertEquals(verified.stdout.trimEnd().split("\n").length, 2);
  }));

Deno.test("peers list warns of malformed lines and goes on", () =>
  withPeers(readFixture("storage/worn_trusted_peers"), async (peers, _read, path) => {
    const { stdout, stderr, status } = await peers(["list"]);
    assertEquals([status, stdout.trimEnd().split("\n").length], [0, 8]);
    assertStringIncludes(
      stderr,
      `sotto: warning: ${path}:8: expected a fingerprint of 40 hexadecimal digits, found 'not a fingerprint'\n`,
    );
  }));

Deno.test("peers add records, once, and --verified verifies", () =>
  withPeers(undefined, async (peers, read) => {
    const { stdout } = await peers(["add", "sip:bob@Example.com", ...GROUPS.split(" ")]);
    assertEquals(stdout, `bob@example.com  ${GROUPS}  unverified\n`);
    await peers(["add", "bob@example.com", DIGITS]);
    assertEquals(await read(), `bob@example.com\t${GROUPS}\t\n`);
    await peers(["add", "bob@example.com", DIGITS, "--verified"]);
    assertEquals(await read(), `bob@example.com\t${GROUPS}\tverified\n`);
    assertEquals((await peers(["add", "bob@example.com", "beef"])).status, 2);
    assertEquals((await peers(["add", "bob@example.com"])).status, 2);
  }));

Deno.test("peers show knows one peer, and fails for others", () =>
  withPeers(readFixture("storage/trusted_peers"), async (peers) => {
    assertEquals(
      (await peers(["show", "bob@example.com"])).stdout,
      `bob@example.com  ${GROUPS}  verified\n`,
    );
    const { status, stderr } = await peers(["show", "Bob@example.com"]);
    assertEquals(status, 1);
    assertStringIncludes(stderr, "bob@example.com looks like Bob@example.com");
  }));

Deno.test("peers trust shows both fingerprints and asks on the terminal", () =>
  withPeers(`bob@example.com\t${GROUPS}\t\n`, async (peers, read) => {
    const no = await peers(["trust", "bob@example.com"], { typed: "no\r" });
    assertEquals([no.status, no.stdout, await read()], [1, "", `bob@example.com\t${GROUPS}\t\n`]);
    assertMatch(no.terminal, /yours {3}([0-9A-F]{8} ){4}[0-9A-F]{8}\r\n/);
    assertStringIncludes(no.terminal, `theirs  ${GROUPS}\r\n`);
    const yes = await peers(["trust", "bob@example.com"], { typed: "y\r" });
    assertEquals([yes.status, await read()], [0, `bob@example.com\t${GROUPS}\tverified\n`]);
  }));

Deno.test("peers trust needs --yes where nobody can be asked", () =>
  withPeers(`bob@example.com\t${GROUPS}\t\n`, async (peers, read) => {
    const { status, stderr } = await peers(["trust", "bob@example.com"]);
    assertEquals(status, 2);
    assertStringIncludes(stderr, "pass --yes instead");
    const forbidden = await peers(["trust", "bob@example.com", "--no-input"], { typed: "y\r" });
    assertEquals(forbidden.status, 2);
    assertEquals((await peers(["trust", "bob@example.com", "--yes"])).status, 0);
    assertEquals(await read(), `bob@example.com\t${GROUPS}\tverified\n`);
  }));

Deno.test("peers trust wants to know which of several, and takes a new one", () =>
  withPeers(`bob@example.com\t${GROUPS}\tverified\n`, async (peers, read) => {
    // A change that a session refused: not recorded, so the person names it.
    assertEquals((await peers(["trust", "bob@example.com", OTHER, "--yes"])).status, 0);
    assertEquals(
      await read(),
      `bob@example.com\t${GROUPS}\tverified\nbob@example.com\t${OTHER}\tverified\n`,
    );
    const { status, stderr } = await peers(["trust", "bob@example.com", "--yes"]);
    assertEquals(status, 2);
    assertStringIncludes(stderr, `has several fingerprints: ${GROUPS}, ${OTHER}`);
    assertEquals((await peers(["trust", "zoe@example.com", "--yes"])).status, 1);
  }));

Deno.test("peers untrust keeps the fingerprint known", () =>
  withPeers(
    `bob@example.com\t${GROUPS}\tverified\nbob@example.com\t${OTHER}\tsmp\n`,
    async (peers, read) => {
      assertEquals((await peers(["untrust", "bob@example.com", OTHER])).status, 0);
      assertEquals(
        await read(),
        `bob@example.com\t${GROUPS}\tverified\nbob@example.com\t${OTHER}\t\n`,
      );
      assertEquals((await peers(["untrust", "bob@example.com"])).status, 0);
      assertEquals(await read(), `bob@example.com\t${GROUPS}\t\nbob@example.com\t${OTHER}\t\n`);
      assertEquals((await peers(["untrust", "zoe@example.com"])).status, 1);
    },
  ));

Deno.test("peers remove forgets, and says what", () =>
  withPeers(`# friends\nbob@example.com\t${GROUPS}\tverified\n`, async (peers, read) => {
    assertEquals((await peers(["remove", "bob@example.com", OTHER])).status, 1);
    const { stdout } = await peers(["remove", "bob@example.com", "--json"]);
    assertEquals(JSON.parse(stdout), {
      type: "removed",
      peer: "bob@example.com",
      fingerprint: DIGITS,
      trust: "verified",
    });
    assertEquals(await read(), "# friends\n");
  }));

Deno.test("peers changes one row of a worn file and leaves every other octet", () =>
  withPeers(readFixture("storage/worn_trusted_peers"), async (peers, _read, path) => {
    assertEquals((await peers(["remove", "dave@example.com"])).status, 0);
    const before = new TextDecoder("latin1").decode(readFixture("storage/worn_trusted_peers"));
    const after = new TextDecoder("latin1").decode(await Deno.readFile(path));
    assertEquals(after, before.replace(/^dave@example\.com.*\n/m, ""));
  }));
