/** The lab, told with real processes: everything that it prints can be called, and it ends cleanly. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { runSotto, type SottoProcess, startSotto } from "../helpers/sotto_process.ts";
import { TemporaryFolder } from "../helpers/temporary_folder.ts";

interface Listening {
  readonly sip: readonly string[];
  readonly msrp: readonly string[];
  readonly bots: { readonly echo: string; readonly focus: string };
}

async function opened(lab: SottoProcess): Promise<Listening> {
  return await lab.event((it) => it["type"] === "listening") as unknown as Listening;
}

Deno.test("sotto lab: echo, conference and accounts, without any server of the world", async () => {
  await using folder = await TemporaryFolder.make();
  const at = (home: string) => ({ folder: folder.path, home });
  await Deno.writeTextFile(folder.file("accounts.txt"), "alice:wonderland\nbob:builder\n");
  await Deno.writeTextFile(folder.file("alice.txt"), "wonderland\n");
  await Deno.writeTextFile(folder.file("bob.txt"), "builder\n");
  await Deno.writeTextFile(folder.file("words.txt"), "open sesame\n");
  await using lab = startSotto(
    at("lab"),
    ...["lab", "--json", "--domain", "lab.example", "--users", "accounts.txt"],
  );
  const { sip, msrp, bots } = await opened(lab);
  assertEquals(sip.map((it) => /transport=(\w+)/.exec(it)?.[1]), ["udp", "tcp", "tls"]);
  assertEquals(msrp.map((it) => it.split(":")[0]), ["msrps", "msrp"]);
  assertMatch(bots.echo, /^sip:echo@127\.0\.0\.1:\d+$/);
  assertMatch(bots.focus, /^sip:conference@127\.0\.0\.1:\d+$/);

  const echoed = await runSotto(
    at("alice"),
    ...["call", bots.echo, "--json", "--otr", "require", "--smp-secret-file", "words.txt"],
    ...["--send", "hello", "--expect", "^hello$"],
  );
  assertEquals(echoed.status, 0, echoed.stderr);
  assert(echoed.events.some((it) => it["type"] === "otr" && it["lock"] === "green"));
  assert(echoed.events.some((it) => it["type"] === "composing" && it["state"] === "active"));

  // A conference has no OTR, and says so before anything was sent.
  const refused = await runSotto(
    at("alice"),
    ...["call", bots.focus, "--otr", "require", "--send", "hello"],
  );
  assertEquals(refused.status, 7, refused.stderr);
  await Deno.writeTextFile(
    folder.file("room.txt"),
    "expect welcome\nnick Al\nexpect known as Al\nmsg nobody@example.com psst\n",
  );
  const met = await runSotto(
    at("alice"),
    ...["call", bots.focus, "--from", "alice@example.com", "--script", "room.txt"],
  );
  assertEquals(met.status, 1, met.stderr);
  assertMatch(met.stderr, /room\.txt:4: delivery failed 404/);

  // Two accounts, by way of the proxy; a wrong password gets nowhere.
  const proxy = `${sip[0]?.replace(";transport=udp", "") ?? ""};lr`;
  await using bob = startSotto(
    at("bob"),
    ...["answer", "--json", "--from", "bob@lab.example", "--proxy", proxy, "--register"],
    ...["--password-file", "bob.txt", "--listen", "127.0.0.1:0", "--echo"],
  );
  await bob.event((it) => it["type"] === "listening");
  const call = (password: string) =>
    runSotto(
      at("alice"),
      ...["call", "bob@lab.example", "--from", "alice@lab.example", "--proxy", proxy],
      ...["--password-file", password, "--otr", "require", "--send", "hi", "--expect", "^hi$"],
    );
  const reached = await call("alice.txt");
  assertEquals(reached.status, 0, reached.stderr);
  const turnedAway = await call("bob.txt");
  assertEquals(turnedAway.status, 4, turnedAway.stderr);

  assertEquals(await bob.stop(), 130);
  assertEquals(await lab.stop(), 130);
  const visits = lab.events.filter((it) => it["type"] === "bot").map((it) => it["what"]);
  assertEquals(visits.filter((it) => it === "joined").length, 3);
  assertEquals(visits.filter((it) => it === "left").length, 3);
});
