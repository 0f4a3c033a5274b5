import { assertEquals, assertRejects } from "@std/assert";
import { FileHasher } from "../../../../lib/storage/transfer/file_hash.ts";
import { HashFollower } from "../../../../lib/storage/transfer/hash_follower.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const OCTETS = Uint8Array.from({ length: 3_000_000 }, (_, at) => at * 31 >> 2 & 0xff);
const ALGORITHMS = ["sha-1"];

function digestsOf(bytes: Uint8Array): unknown {
  const hasher = new FileHasher(ALGORITHMS);
  hasher.update(bytes);
  return hasher.digests();
}

Deno.test("HashFollower needs no disk while octets pass in order", async () => {
  const follower = new HashFollower("/nowhere", ALGORITHMS, 0);
  for (let at = 0; at < OCTETS.length; at += 500_000) {
    follower.written(at, OCTETS.subarray(at, at + 500_000), at + 500_000);
  }
  assertEquals(await follower.digests(OCTETS.length), digestsOf(OCTETS));
  await follower.close();
});

Deno.test("HashFollower reads what was there before while more is written", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("part");
  await Deno.writeFile(path, OCTETS.subarray(0, 2_500_000));
  const follower = new HashFollower(path, ALGORITHMS, 2_500_000);
  await Deno.writeFile(path, OCTETS.subarray(2_500_000), { append: true });
  follower.written(2_500_000, OCTETS.subarray(2_500_000), OCTETS.length);
  assertEquals(await follower.digests(OCTETS.length), digestsOf(OCTETS));
  await follower.close();
});

Deno.test("HashFollower believes the disk where octets came out of order or twice", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("part");
  await Deno.writeFile(path, OCTETS);
  const follower = new HashFollower(path, ALGORITHMS, 0);
  follower.written(0, new Uint8Array(1000), 1000);
  follower.written(2000, new Uint8Array(1000), 1000);
  follower.written(500, OCTETS.subarray(500, 2000), 3000);
  assertEquals(await follower.digests(OCTETS.length), digestsOf(OCTETS));
  await follower.close();
});

Deno.test("HashFollower starts anew, and hashes no more than the file has", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("part");
  await Deno.writeFile(path, OCTETS);
  const follower = new HashFollower(path, ALGORITHMS, OCTETS.length);
  await follower.restart();
  follower.written(0, OCTETS.subarray(0, 100), 100);
  assertEquals(await follower.digests(60), digestsOf(OCTETS.subarray(0, 60)));
  await follower.close();
});

Deno.test("HashFollower says that the file is gone", async () => {
  const follower = new HashFollower("/nowhere", ALGORITHMS, 5);
  await assertRejects(() => follower.digests(5), Deno.errors.NotFound);
  await follower.close();
});
