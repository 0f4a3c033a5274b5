import { assertEquals, assertStringIncludes } from "@std/assert";
import { runSotto } from "../../../helpers/program.ts";
import { readFixture, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const DIGITS = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
const GROUPS = "4AF9F2B1 DB4EE051 B2C07452 6602C0BC 0BB2CE3C";

async function withHome(
  run: (...args: string[]) => Promise<void> | void,
  trusted: string | Uint8Array = readFixture("storage/trusted_peers"),
): Promise<void> {
  await using folder = await TemporaryFolder.make();
  await Deno.mkdir(folder.file("chat"));
  await Deno.writeFile(
    folder.file("chat/private_key.dsa"),
    readFixture("keys/blink.private_key.dsa"),
    { mode: 0o600 },
  );
  const bytes = typeof trusted === "string" ? new TextEncoder().encode(trusted) : trusted;
  await Deno.writeFile(folder.file("chat/trusted_peers"), bytes);
  await run(folder.path);
}

Deno.test("fingerprint shows ours, in groups or as an object", () =>
  withHome(async (home) => {
    assertEquals(await runSotto(["fingerprint", "--home", home]), {
      status: 0,
      stdout: `${GROUPS}\n`,
      stderr: "",
      terminal: "",
    });
    const { stdout } = await runSotto(["fingerprint", "--home", home, "--json"]);
    assertEquals(
      stdout,
      `{"type":"fingerprint","owner":"self","fingerprint":"${DIGITS}","trust":"verified"}\n`,
    );
  }));

Deno.test("fingerprint PEER shows every known one with its trust", () =>
  withHome(async (home) => {
    const people = await runSotto(["fingerprint", "sip:bob@EXAMPLE.com", "--home", home]);
    assertEquals([people.status, people.stdout], [0, `${GROUPS}  verified\n`]);
    const { stdout } = await runSotto(["fingerprint", "bob@example.com", "--home", home, "--json"]);
    assertEquals(JSON.parse(stdout), {
      type: "fingerprint",
      owner: "bob@example.com",
      fingerprint: DIGITS,
      trust: "verified",
      how: "manual",
      line: 1,
    });
    assertEquals((await runSotto(["fingerprint", "zoe@example.com", "--home", home])).status, 1);
    assertEquals((await runSotto(["fingerprint", "@", "--home", home])).status, 2);
  }));

Deno.test("fingerprint warns of addresses that look alike", () =>
  withHome(async (home) => {
    const { stderr } = await runSotto(["fingerprint", "b0b@example.com", "--home", home]);
    assertStringIncludes(
      stderr,
      "sotto: warning: bob@example.com looks like b0b@example.com and is another address",
    );
  }));

Deno.test("fingerprint --all shows ours and everybody's", () =>
  withHome(async (home) => {
    const { stdout } = await runSotto(["fingerprint", "--all", "--home", home]);
    assertEquals(stdout.split("\n").slice(0, 2), [
      `self  ${GROUPS}`,
      `bob@example.com  ${GROUPS}  verified`,
    ]);
    const both = await runSotto(["fingerprint", "bob@example.com", "--all", "--home", home]);
    assertEquals(both.status, 2);
  }));
