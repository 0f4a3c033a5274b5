import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/mod.ts";
import { lockFile } from "../../../lib/storage/file_lock.ts";
import { modeOf, TemporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("lockFile() lets one holder in at a time", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("chat/peers");
  let inside = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 5 }, async () => {
    using _lock = await lockFile(path);
    most = Math.max(most, ++inside);
    await Deno.stat(folder.path);
    inside--;
  }));
  assertEquals(most, 1);
  assertEquals(await folder.names(), ["chat", "chat/.peers.lock"]);
  assertEquals(await modeOf(folder.file("chat/.peers.lock")), 0o600);
});

Deno.test("lockFile() gives up after the stated wait", async () => {
  await using folder = await TemporaryFolder.make();
  using _held = await lockFile(folder.file("peers"));
  const error = await assertRejects(
    () => lockFile(folder.file("peers"), { waitMs: 10 }),
    SottoError,
  );
  assertEquals(error.code, "storage/lock-timeout");
});
