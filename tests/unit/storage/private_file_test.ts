import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SottoError } from "../../../lib/base/mod.ts";
import {
  ensureFolder,
  exposureOf,
  folderOf,
  readWholeFile,
} from "../../../lib/storage/private_file.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("readWholeFile() tells a missing file from one that cannot be read", async () => {
  await using folder = await TemporaryFolder.make();
  assertEquals(await readWholeFile(folder.file("none")), undefined);
  assertEquals(await readWholeFile(folder.file("none/below")), undefined);
  const error = await assertRejects(() => readWholeFile(folder.path), SottoError);
  assertEquals(error.code, "storage/unreadable");
});

Deno.test("readWholeFile() reads up to its limit and not beyond", async () => {
  await using folder = await TemporaryFolder.make();
  const content = Uint8Array.from({ length: 20_000 }, (_, index) => index);
  await Deno.writeFile(folder.file("file"), content);
  assertEquals(await readWholeFile(folder.file("file"), { limit: 20_000 }), content);
  await assertRejects(() => readWholeFile(folder.file("file"), { limit: 19_999 }), SottoError);
});

Deno.test("exposureOf() says what others could do", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("file");
  await Deno.writeTextFile(path, "", { mode: 0o600 });
  assertEquals(await exposureOf(path), undefined);
  await Deno.chmod(path, 0o640);
  assertStringIncludes(await exposureOf(path) ?? "", "mode 0640");
  assertEquals(await exposureOf(folder.file("none")), undefined);
});

Deno.test("ensureFolder() is content with a folder that is there", async () => {
  await using folder = await TemporaryFolder.make();
  await ensureFolder(folder.path);
  await Deno.writeTextFile(folder.file("file"), "");
  const error = await assertRejects(() => ensureFolder(folder.file("file")), SottoError);
  assertEquals(error.code, "storage/unwritable");
});

Deno.test("folderOf() knows names without a folder, and the root", () => {
  assertEquals([folderOf("a/b"), folderOf("a"), folderOf("/a")], ["a", ".", "/"]);
});
