import { assert, assertEquals, assertRejects } from "@std/assert";
import { SottoError, utf8 } from "../../../lib/base/mod.ts";
import { createExclusively, writeAtomically } from "../../../lib/storage/atomic_write.ts";
import { modeOf, TemporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("writeAtomically() makes folders and file private, and leaves nothing beside", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("a/b/file");
  await writeAtomically(path, utf8("one"));
  await writeAtomically(path, utf8("two"));
  assertEquals(await Deno.readTextFile(path), "two");
  assertEquals(await folder.names(), ["a", "a/b", "a/b/file"]);
  assertEquals(await modeOf(path), 0o600);
  assertEquals(await modeOf(folder.file("a")), 0o700);
  assertEquals(await modeOf(folder.file("a/b")), 0o700);
});

Deno.test("writeAtomically() narrows the permissions of what was there", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("file");
  await Deno.writeTextFile(path, "old", { mode: 0o644 });
  await writeAtomically(path, utf8("new"));
  assertEquals(await modeOf(path), 0o600);
});

Deno.test("writeAtomically() replaces what a link points at, and keeps the link", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.mkdir(folder.file("dotfiles"));
  await Deno.writeTextFile(folder.file("dotfiles/peers"), "old");
  await Deno.symlink("dotfiles/peers", folder.file("peers"));
  await writeAtomically(folder.file("peers"), utf8("new"));
  assert((await Deno.lstat(folder.file("peers"))).isSymlink);
  assertEquals(await Deno.readTextFile(folder.file("dotfiles/peers")), "new");
});

Deno.test("writeAtomically() leaves everything as it was when it is not confirmed", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("file");
  await Deno.writeTextFile(path, "old");
  const seen: string[] = [];
  const written = await writeAtomically(path, utf8("new"), {
    confirm: async () => {
      seen.push(await Deno.readTextFile(path));
      return false;
    },
  });
  assertEquals([written, await Deno.readTextFile(path), seen], [false, "old", ["old"]]);
  assertEquals(await folder.names(), ["file"]);
});

Deno.test("writeAtomically() steps over what a killed process left", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file(`.file.${Deno.pid}.0.tmp`), "half writ");
  await writeAtomically(folder.file("file"), utf8("whole"));
  assertEquals(await Deno.readTextFile(folder.file("file")), "whole");
});

Deno.test("writeAtomically() reports a place that cannot be written", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("file"), "");
  const error = await assertRejects(
    () => writeAtomically(folder.file("file/below"), utf8("x")),
    SottoError,
  );
  assertEquals(error.code, "storage/unwritable");
});

Deno.test("createExclusively() lets one of many be first, with all of its content", async () => {
  await using folder = await TemporaryFolder.make();
  const path = folder.file("file");
  const contents = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(10_000));
  const first = await Promise.all(contents.map((it) => createExclusively(path, utf8(it))));
  assertEquals(first.filter((it) => it).length, 1);
  assertEquals(await Deno.readTextFile(path), contents[first.indexOf(true)]);
  assertEquals(await folder.names(), ["file"]);
  assertEquals(await modeOf(path), 0o600);
});
