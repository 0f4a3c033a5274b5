import { assert, assertEquals, assertRejects } from "@std/assert";
import { CliError } from "../../../../cli/output/cli_error.ts";
import { parseTarget } from "../../../../cli/session/addresses.ts";
import { CallRoom } from "../../../../cli/session/call_room.ts";
import { planFor } from "../../../../cli/session/plan.ts";
import { readFlags, testContext } from "../../../helpers/session_flags.ts";
import { modeOf, TemporaryFolder } from "../../../helpers/temporary_folder.ts";

/** A caller and an answerer in one process, each with a home of its own. */
async function talk(
  folder: TemporaryFolder,
  calling: readonly string[],
  answering: readonly string[],
): Promise<{ outcomes: string[]; stdout: string }> {
  const bob = testContext({ home: folder.file("bob") });
  const alice = testContext({ home: folder.file("alice") });
  const bobFlags = readFlags("answer", "--listen", "127.0.0.1:0;transport=tcp", ...answering);
  const aliceFlags = readFlags("call", ...calling);
  await using bobRoom = await CallRoom.open(bob, bobFlags, "answer");
  await using aliceRoom = await CallRoom.open(alice, aliceFlags, "call");
  const answered = (async () => {
    const outcomes: string[] = [];
    const plan = await planFor(bob, bobFlags, "answer", undefined);
    for await (const { result } of bobRoom.answer(plan, 1)) outcomes.push(result.outcome);
    return outcomes;
  })();
  const uri = bobRoom.uris[0]?.replace("sip:", "sip:bob@") ?? "";
  const { result } = await aliceRoom.call(
    parseTarget(uri),
    await planFor(alice, aliceFlags, "call", undefined),
  );
  return { outcomes: [result.outcome, ...await answered], stdout: alice.stdout.text };
}

Deno.test("CallRoom makes key, certificate and trust at first use, and converses", async () => {
  await using folder = await TemporaryFolder.make();
  const { outcomes, stdout } = await talk(
    folder,
    ["--otr", "require", "--send", "hello", "--expect", "hello"],
    ["--echo"],
  );
  assertEquals([outcomes, stdout], [["done", "done"], "bob@127.0.0.1: hello\n"]);
  for (const name of ["chat/private_key.dsa", "chat/trusted_peers", "tls/key.pem"]) {
    assertEquals(await modeOf(folder.file(`alice/${name}`)), 0o600, name);
  }
  // Nobody checked who calls: an answerer learns no fingerprint by itself.
  assert(!(await folder.names()).includes("bob/chat/trusted_peers"));
});

Deno.test("CallRoom tells the failed expectation of one side without failing the other", async () => {
  await using folder = await TemporaryFolder.make();
  const { outcomes } = await talk(
    folder,
    ["--send", "hello", "--expect", "goodbye", "--timeout", "1s"],
    ["--echo"],
  );
  assertEquals(outcomes, ["failed", "done"]);
});

Deno.test("CallRoom refuses flags that contradict each other, and addresses that are none, before it makes anything", async () => {
  await using folder = await TemporaryFolder.make();
  const context = testContext({ home: folder.file("home") });
  for (
    const [args, words] of [
      [["--tls-cert", "c.pem"], "--tls-cert and --tls-key go together"],
      [["--tls-cert", "/nowhere/c", "--tls-key", "/nowhere/k"], "--tls-cert: /nowhere/c"],
      [["--from", "bob"], "--from: expected user@domain"],
      [["--tls-ca", "/nowhere/ca"], "--tls-ca: /nowhere/ca"],
      [["--trace", "/nowhere/t.pcapng"], "--trace: /nowhere/t.pcapng"],
    ] as const
  ) {
    const error = await assertRejects(
      () => CallRoom.open(context, readFlags("call", ...args), "call"),
      CliError,
      words,
    );
    assertEquals(error.status, 2);
  }
  assertEquals(await folder.names(), []); // Nothing is made for a command that is not run.
});

Deno.test("CallRoom makes no key where OTR is switched off", async () => {
  await using folder = await TemporaryFolder.make();
  const context = testContext({ home: folder.file("home") });
  await using _room = await CallRoom.open(context, readFlags("call", "--otr", "off"), "call");
  assert(!(await folder.names()).includes("home/chat/private_key.dsa"));
});
