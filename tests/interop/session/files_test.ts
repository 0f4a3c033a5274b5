/** Files between real processes: over TLS and TCP, killed in the middle, and continued. */
import { assert, assertEquals } from "@std/assert";
import { livePeerTest } from "../../helpers/live_peer.ts";
import {
  Answerer,
  type JsonEvent,
  PROGRAM_PATH,
  runSotto,
  type SottoResult,
  startSotto,
} from "../../helpers/sotto_process.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";
import { patternAt } from "../../helpers/pattern_file.ts";

const MIB = 2 ** 20;

function assertStatus({ status, stdout, stderr }: SottoResult, expected: number): void {
  assertEquals(status, expected, `${stdout}\n${stderr}`);
}

/** A folder with files of these sizes, named after them, and an empty folder `in`. */
async function workshop(...sizes: readonly number[]): Promise<TemporaryFolder> {
  const folder = await TemporaryFolder.make();
  await Deno.mkdir(folder.file("in"));
  for (const size of sizes) await Deno.writeFile(folder.file(`${size}`), patternAt(0, size));
  return folder;
}

async function sizeOf(path: string): Promise<number> {
  return (await Deno.stat(path).catch(() => undefined))?.size ?? 0;
}

/** Waits until the unfinished file in `in` has at least so many octets; says how many. */
async function untilPart(folder: TemporaryFolder, least: number): Promise<number> {
  for (;;) {
    const part = (await folder.names("in/")).find((it) => it.endsWith(".part"));
    const size = part === undefined ? 0 : await sizeOf(folder.file(part));
    if (size >= least) return size;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function files(events: readonly JsonEvent[], state: string): JsonEvent[] {
  return events.filter((it) => it["type"] === "file" && it["state"] === state);
}

for (const transport of ["tls", "tcp"] as const) {
  Deno.test(`files of 0 octets, 1 octet and 10 MiB between two processes, MSRP over ${transport}`, async () => {
    const sizes = [0, 1, 10 * MIB];
    await using folder = await workshop(...sizes);
    await using bob = await Answerer.start(
      { folder: folder.path, home: "bob" },
      ...["--listen", "127.0.0.1:0;transport=tcp", "--once", "--receive-dir", "in"],
    );
    const call = await runSotto(
      { folder: folder.path, home: "alice" },
      ...["call", await bob.target("bob", "tcp"), "--json", "--msrp", transport],
      ...sizes.flatMap((it) => ["--send-file", `${it}`]),
    );
    assertStatus(call, 0);
    assertStatus(await bob.result(), 0);
    for (const size of sizes) {
      assertEquals(await Deno.readFile(folder.file(`in/${size}`)), patternAt(0, size));
    }
    assertEquals(files(call.events, "done").map((it) => it["transferred"]), sizes);
  });
}

Deno.test("a file is continued after its sender was killed, and after its receiver was", async () => {
  const size = 96 * MIB;
  await using folder = await workshop(size);
  const alice = { folder: folder.path, home: "alice" };
  const answering = ["--listen", "127.0.0.1:0;transport=tcp", "--receive-dir", "in"];
  let first: number;
  let second: number;
  {
    const bob = await Answerer.start({ folder: folder.path, home: "bob" }, ...answering);
    const target = await bob.target("bob", "tcp");
    {
      const call = startSotto(alice, "call", target, "--json", "--send-file", `${size}`);
      first = await untilPart(folder, 4 * MIB);
      call.signal("SIGKILL");
      await call.wait();
      const failed = await bob.event((it) => it["state"] === "failed");
      assertEquals(failed["type"], "file");
    }
    {
      const call = startSotto(alice, "call", target, "--json", "--send-file", `${size}`);
      const progress = await call.event((it) => it["state"] === "progress");
      assert(Number(progress["transferred"]) >= first, "it goes on where it broke off");
      second = await untilPart(folder, Number(progress["transferred"]) + 4 * MIB);
      bob.signal("SIGKILL");
      await bob.wait();
      const { status } = await call.result();
      assert(status === 3 || status === 1, `the sender notices: ${status}`);
    }
  }
  await using bob = await Answerer.start(
    { folder: folder.path, home: "bob" },
    ...answering,
    "--once",
  );
  const call = await runSotto(
    alice,
    ...["call", await bob.target("bob", "tcp"), "--json", "--send-file", `${size}`],
  );
  assertStatus(call, 0);
  assertStatus(await bob.result(), 0);
  const [progress] = files(call.events, "progress");
  assert(Number(progress?.["transferred"]) >= second - MIB, "and again");
  assertEquals(await folder.names("in/"), [`in/${size}`]);
  assertEquals(await Deno.readFile(folder.file(`in/${size}`)), patternAt(0, size));
});

Deno.test("a file and a conversation in one call, in the order given", async () => {
  await using folder = await workshop(3 * MIB);
  await using bob = await Answerer.start(
    { folder: folder.path, home: "bob" },
    ...["--listen", "127.0.0.1:0;transport=tcp", "--once", "--receive-dir", "in", "--echo"],
  );
  const call = await runSotto(
    { folder: folder.path, home: "alice" },
    ...["call", await bob.target("bob", "tcp"), "--json", "--send", "before", "--expect", "before"],
    ...["--send-file", `${3 * MIB}`, "--send", "after", "--expect", "after"],
  );
  assertStatus(call, 0);
  assertStatus(await bob.result(), 0);
  const order = call.events.flatMap((it) =>
    it["type"] === "delivery" || (it["type"] === "file" && it["state"] === "done")
      ? [it["type"]]
      : []
  );
  assertEquals(order, ["delivery", "file", "delivery"]);
});

Deno.test("a receiver that takes no such size refuses it, and says so", async () => {
  await using folder = await workshop(2 * MIB);
  await using bob = await Answerer.start(
    { folder: folder.path, home: "bob" },
    ...["--listen", "127.0.0.1:0;transport=tcp", "--once", "--receive-dir", "in"],
    ...["--receive-max", "1M"],
  );
  const call = await runSotto(
    { folder: folder.path, home: "alice" },
    ...["call", await bob.target("bob", "tcp"), "--json", "--send-file", `${2 * MIB}`],
  );
  assertStatus(call, 4);
  await bob.result();
  assertEquals(await folder.names("in/"), []);
});

livePeerTest("tshark reads a file over TCP as one message in chunks", {
  needs: ["tshark"],
}, async () => {
  const size = 200_000;
  await using folder = await workshop(size);
  await using bob = await Answerer.start(
    { folder: folder.path, home: "bob" },
    ...["--listen", "127.0.0.1:0;transport=tcp", "--once", "--receive-dir", "in"],
  );
  const call = await runSotto(
    { folder: folder.path, home: "alice" },
    ...["call", await bob.target("bob", "tcp"), "--json", "--msrp", "tcp", "--trace", "t.pcapng"],
    ...["--send-file", `${size}`],
  );
  assertStatus(call, 0);
  const fields = ["msrp.method", "msrp.byte.range", "msrp.cnt.flg", "msrp.content.type"];
  const { code, stdout, stderr } = await new Deno.Command("tshark", {
    args: [
      ...["-r", folder.file("t.pcapng"), "-Y", "msrp", "-T", "fields", "-E", "separator=|"],
      ...["-o", "tcp.desegment_tcp_streams:TRUE"],
      ...fields.flatMap((it) => ["-e", it]),
    ],
    env: { PATH: PROGRAM_PATH },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const rows = new TextDecoder().decode(stdout).trim().split("\n");
  const sends = rows.filter((it) => it.startsWith("SEND|"));
  assertEquals(sends[0]?.split("|")[1], "1-0/0", "the binding");
  assertEquals(
    sends.slice(1).map((it) => it.split("|")[1]),
    ["1-*/200000", "65537-*/200000", "131073-*/200000", "196609-*/200000"],
  );
  assertEquals(rows.filter((it) => it.startsWith("REPORT|")).length, 1);
});
