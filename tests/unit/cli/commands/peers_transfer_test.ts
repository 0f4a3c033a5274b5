import { assertEquals, assertStringIncludes } from "@std/assert";
import { runSotto } from "../../../helpers/program.ts";
import { readFixture, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const A = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
const GROUPS = "4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C";
const OTHER = "257920D7 DFE96802 4DD69758 DF19928E FC166490";

async function makeHome(trusted: string): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.make();
  await Deno.mkdir(folder.file("chat"));
  await Deno.writeTextFile(folder.file("chat/trusted_peers"), trusted);
  return folder;
}

Deno.test("peers import adds and verifies, and never takes trust away", async () => {
  await using folder = await makeHome(
    `bob@example.com\t${GROUPS}\tverified\ncarol@example.com\t${GROUPS}\t\n`,
  );
  await Deno.writeTextFile(
    folder.file("otr.fingerprints"),
    `bob@example.com\tme\tprpl-jabber\t${A}\t\ncarol@example.com\tme\tprpl-jabber\t${A}\tsmp\n` +
      `Dave@Example.com\tme\tprpl-jabber\t${A}\tverified\nrubbish\n`,
  );
  const args = ["peers", "import", folder.file("otr.fingerprints"), "--home", folder.path];
  const before = await Deno.readTextFile(folder.file("chat/trusted_peers"));
  const dry = await runSotto([...args, "--dry-run"]);
  assertEquals(await Deno.readTextFile(folder.file("chat/trusted_peers")), before);
  const { status, stdout, stderr } = await runSotto(args);
  assertEquals([status, stdout], [0, dry.stdout]);
  assertStringIncludes(stderr, "otr.fingerprints:4: expected user, account");
  assertStringIncludes(stderr, "added or verified 2 of 3 fingerprints");
  assertEquals(
    await Deno.readTextFile(folder.file("chat/trusted_peers")),
    `bob@example.com\t${GROUPS}\tverified\ncarol@example.com\t${GROUPS}\tverified\n` +
      `Dave@example.com\t${GROUPS}\tverified\n`,
  );
});

Deno.test("peers import of sipsimple's pickle needs an address for what is not known", async () => {
  await using folder = await makeHome(`bob@example.com\t${GROUPS}\t\n`);
  await Deno.writeFile(folder.file("otr.trusted"), readFixture("storage/otr.trusted.python3"));
  const args = ["peers", "import", folder.file("otr.trusted"), "--home", folder.path];
  const { status, stdout, stderr } = await runSotto(args);
  assertEquals([status, stdout], [1, `bob@example.com  ${GROUPS}  verified\n`]);
  assertStringIncludes(stderr, `${OTHER}: the file does not say whose it is`);
  const named = await runSotto([...args, "--peer", "zoe@example.com"]);
  assertEquals(named.status, 0);
  assertStringIncludes(named.stdout, `zoe@example.com  ${OTHER}  verified\n`);
});

Deno.test("peers import refuses what it does not know, with status 8", async () => {
  await using folder = await makeHome("");
  await Deno.writeTextFile(folder.file("junk"), "junk\n");
  const args = ["peers", "import", folder.file("junk"), "--home", folder.path];
  assertEquals((await runSotto(args)).status, 8);
  await Deno.writeTextFile(folder.file("junk"), "cos\nsystem\n(S'OTRTrustedPeerSet'\ntR.");
  assertEquals((await runSotto(args)).status, 8);
  assertEquals((await runSotto(["peers", "import", "none", "--home", folder.path])).status, 2);
});

Deno.test("peers export writes what each program reads, to stdout or a file", async () => {
  await using folder = await makeHome(`# me\nbob@example.com\t${A}\tsmp\nbroken\n`);
  const home = ["--home", folder.path];
  const blink = await runSotto(["peers", "export", ...home]);
  assertEquals(blink.stdout, `bob@example.com\t${GROUPS}\tverified\n`);
  const libotr = ["peers", "export", "--format", "libotr", ...home];
  assertEquals((await runSotto(libotr)).status, 2);
  assertEquals(
    (await runSotto([...libotr, "--account", "me"])).stdout,
    `bob@example.com\tme\tprpl-jabber\t${A}\tsmp\n`,
  );
  const json = await runSotto(["peers", "export", folder.file("out"), "--format=json", ...home]);
  assertEquals([json.status, json.stdout], [0, ""]);
  assertEquals(
    await Deno.readTextFile(folder.file("out")),
    `{"type":"peer","peer":"bob@example.com","fingerprint":"${A}","trust":"verified","how":"smp","line":2}\n`,
  );
  assertEquals((await runSotto(["peers", "export", folder.file("out"), ...home])).status, 8);
});

Deno.test("peers export warns when Blink would cut the file", async () => {
  const rows = Array.from({ length: 120 }, (_, at) => `peer${at}@example.com\t${A}\tverified\n`);
  await using folder = await makeHome(rows.join(""));
  const { status, stderr } = await runSotto(["peers", "export", "--home", folder.path]);
  assertEquals(status, 0);
  assertStringIncludes(stderr, "Blink of 2013 cuts a file of more than 8192 octets");
});
