import { assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../../lib/base/errors.ts";
import { OutgoingFile } from "../../../../lib/storage/transfer/outgoing_file.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

Deno.test("OutgoingFile.open() knows name, type, size and hashes", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("notes.txt"), "abc");
  const progress: number[] = [];
  await using file = await OutgoingFile.open(folder.file("notes.txt"), {
    onProgress: (hashed) => progress.push(hashed),
  });
  assertEquals([file.name, file.type, file.size], ["notes.txt", "text/plain", 3]);
  assertEquals(file.hashes[0]?.value, "a9993e364706816aba3e25717850c26c9cd0d89d");
  assertEquals(progress, [3]);
  assertEquals(typeof file.modified, "number");
});

Deno.test("OutgoingFile.read() answers from anywhere, also when asked twice at once", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("a"), "hello world");
  await using file = await OutgoingFile.open(folder.file("a"));
  const [world, hello] = await Promise.all([file.read(6, 5), file.read(0, 5)]);
  assertEquals(new TextDecoder().decode(world), "world");
  assertEquals(new TextDecoder().decode(hello), "hello");
  assertEquals((await file.read(11, 0)).length, 0);
});

Deno.test("OutgoingFile.read() says when the file became shorter", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("a"), "hello world");
  await using file = await OutgoingFile.open(folder.file("a"));
  await Deno.truncate(folder.file("a"), 3);
  const error = await assertRejects(() => file.read(0, 5), SottoError);
  assertEquals(error.code, "storage/file-changed");
  assertEquals((await file.read(0, 3)).length, 3, "one failure does not spoil the next read");
});

Deno.test("OutgoingFile.open() refuses folders, devices and what is not there", async () => {
  await using folder = await TemporaryFolder.make();
  for (
    const [path, words] of [
      [folder.path, "is a folder"],
      [folder.file("none"), "there is no file"],
      ["/dev/null", "is not a regular file"],
    ] as const
  ) {
    const error = await assertRejects(() => OutgoingFile.open(path), SottoError, words);
    assertEquals(error.code, "storage/unreadable");
  }
});

Deno.test("OutgoingFile.open() gives up when told to", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("a"), "abc");
  const reason = new Error("enough");
  const error = await assertRejects(() =>
    OutgoingFile.open(folder.file("a"), { signal: AbortSignal.abort(reason) })
  );
  assertEquals(error, reason);
});
