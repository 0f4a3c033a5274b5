import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/mod.ts";
import { loadOrCreateInstanceId, makeInstanceId } from "../../../lib/storage/instance_id.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";
import { modeOf, TemporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("makeInstanceId() is a random UUID as a URN", () => {
  assertEquals(
    makeInstanceId(() => new Uint8Array(16)),
    "urn:uuid:00000000-0000-4000-8000-000000000000",
  );
  assertEquals(
    makeInstanceId(() => new Uint8Array(16).fill(0xff)),
    "urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff",
  );
});

Deno.test("loadOrCreateInstanceId() makes one and keeps it, however many ask", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("home/sip_instance");
  const all = await Promise.all(
    [1, 2, 3, 4].map((seed) => loadOrCreateInstanceId(path, seededRandom(seed))),
  );
  assertEquals(new Set(all).size, 1);
  assertMatch(all[0] ?? "", /^urn:uuid:[0-9a-f-]{36}$/);
  assertEquals(await modeOf(path), 0o600);
  assertEquals(await loadOrCreateInstanceId(path, seededRandom(9)), all[0]);
});

Deno.test("loadOrCreateInstanceId() replaces no file that it does not understand", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("sip_instance");
  await Deno.writeTextFile(path, "hello\n");
  await assertRejects(() => loadOrCreateInstanceId(path, seededRandom(1)), SottoError, "urn:uuid");
  assertEquals(await Deno.readTextFile(path), "hello\n");
});
