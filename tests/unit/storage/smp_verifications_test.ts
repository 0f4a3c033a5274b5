import { assertEquals } from "@std/assert";
import { SmpVerifications } from "../../../lib/storage/smp_verifications.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

const A = "4af9f2b1db4ee051b2c074526602c0bc0bb2ce3c";
const BOB = { aor: "bob@example.com", fingerprint: A };
const CAROL = { aor: "carol@example.com", fingerprint: A };

Deno.test("SmpVerifications keeps what is still verified, and passes over what it cannot read", async () => {
  await using folder = await TemporaryFolder.make();
  const set = new SmpVerifications(folder.file("smp_verified"));
  await set.reload();
  assertEquals(set.has(BOB), false);
  await set.update([BOB], BOB);
  await set.update([BOB, CAROL], CAROL);
  await Deno.writeTextFile(set.path, `nonsense\n${await Deno.readTextFile(set.path)}`);
  const again = new SmpVerifications(set.path);
  await again.reload();
  assertEquals([again.has(BOB), again.has(CAROL)], [true, true]);
  await again.update([CAROL]);
  assertEquals([again.has(BOB), again.has(CAROL)], [false, true]);
  assertEquals(await Deno.readTextFile(set.path), `carol@example.com\t${A}\n`);
});

Deno.test("SmpVerifications writes nothing when nothing changes", async () => {
  await using folder = await TemporaryFolder.make();
  const set = new SmpVerifications(folder.file("smp_verified"));
  await set.update([BOB]);
  assertEquals(await folder.names(), []);
});
