import { assertEquals } from "@std/assert";
import { modeOf, TemporaryFolder } from "../helpers/temporary_folder.ts";

const SOTTO = new URL("../../bin/sotto", import.meta.url).pathname;

async function run(home: string, ...args: string[]): Promise<[number, string]> {
  const { code, stdout } = await new Deno.Command(SOTTO, {
    args: ["--home", home, ...args],
    stderr: "null",
  }).output();
  return [code, new TextDecoder().decode(stdout)];
}

Deno.test("eight processes on an empty home at once end with one key", async () => {
  await using folder = await TemporaryFolder.make();
  const home = folder.file("home");
  const runs = await Promise.all(
    Array.from({ length: 8 }, (_, at) => run(home, at % 2 === 0 ? "keygen" : "fingerprint")),
  );
  assertEquals(new Set(runs.map(([code, fingerprint]) => `${code} ${fingerprint}`)).size, 1);
  assertEquals(runs[0]?.[0], 0);
  assertEquals(await run(home, "fingerprint"), runs[0]);
  assertEquals(await folder.names("home/"), [
    "home/chat",
    "home/chat/.private_key.dsa.lock",
    "home/chat/private_key.dsa",
  ]);
  assertEquals(await modeOf(`${home}/chat/private_key.dsa`), 0o600);
});

Deno.test("eight processes add eight peers to one file", async () => {
  await using folder = await TemporaryFolder.make();
  const fingerprint = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
  const peers = Array.from({ length: 8 }, (_, at) => `peer${at}@example.com`);
  const runs = await Promise.all(
    peers.map((peer) => run(folder.path, "peers", "add", peer, fingerprint)),
  );
  assertEquals(runs.map(([code]) => code), peers.map(() => 0));
  const [, list] = await run(folder.path, "peers", "list", "--json");
  const listed = list.trimEnd().split("\n").map((line) => JSON.parse(line).peer);
  assertEquals(listed.sort(), peers);
});
