import { assertEquals, assertRejects } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import { SottoError } from "../../../../lib/base/errors.ts";
import { FileHasher } from "../../../../lib/storage/transfer/file_hash.ts";
import {
  type FileToReceive,
  ReceivedFile,
} from "../../../../lib/storage/transfer/received_file.ts";
import { TemporaryFolder } from "../../../helpers/temporary_folder.ts";

const TEXT = "hello world";

function wanted(text = TEXT, name = "a.txt"): FileToReceive {
  const hasher = new FileHasher();
  hasher.update(utf8(text));
  return { name, size: text.length, hashes: hasher.digests() };
}

async function receive(
  folder: TemporaryFolder,
  what: FileToReceive = wanted(),
  text = TEXT,
): Promise<string> {
  const file = await ReceivedFile.open(folder.path, what);
  await file.write(0, utf8(text));
  return await file.finish(text.length);
}

Deno.test("ReceivedFile gets its name when it is whole, and only then", async () => {
  await using folder = await TemporaryFolder.make();
  const file = await ReceivedFile.open(folder.path, wanted());
  assertEquals([file.offset, (await folder.names()).map((it) => it.endsWith(".part"))], [0, [
    true,
  ]]);
  assertEquals(((await Deno.stat(file.partPath)).mode ?? 0) & 0o777, 0o600);
  await file.write(0, utf8("hello "));
  await file.write(6, utf8("world"));
  assertEquals(await file.finish(11), folder.file("a.txt"));
  assertEquals(await folder.names(), ["a.txt"]);
  assertEquals(await Deno.readTextFile(folder.file("a.txt")), TEXT);
  assertEquals(((await Deno.stat(folder.file("a.txt"))).mode ?? 0) & 0o777, 0o600);
});

Deno.test("ReceivedFile overwrites nothing: numbers are for that", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.writeTextFile(folder.file("a.txt"), "precious");
  await Deno.symlink("/nowhere", folder.file("a-1.txt"));
  await Deno.mkdir(folder.file("a-2.txt"));
  assertEquals(await receive(folder), folder.file("a-3.txt"));
  assertEquals(await Deno.readTextFile(folder.file("a.txt")), "precious");
});

Deno.test("ReceivedFile stays in its folder whatever the file is called", async () => {
  await using folder = await TemporaryFolder.make();
  await Deno.mkdir(folder.file("in"));
  const file = await ReceivedFile.open(folder.file("in"), wanted(TEXT, "../../etc/passwd"));
  await file.write(0, utf8(TEXT));
  assertEquals(await file.finish(11), folder.file("in/passwd"));
  assertEquals(await folder.names(), ["in", "in/passwd"]);
});

Deno.test("ReceivedFile goes on where an earlier attempt ended, and checks all of it", async () => {
  await using folder = await TemporaryFolder.make();
  const first = await ReceivedFile.open(folder.path, wanted());
  await first.write(0, utf8("hello "));
  await first.suspend();
  const second = await ReceivedFile.open(folder.path, wanted());
  assertEquals(second.offset, 6);
  await second.write(6, utf8("world"));
  await second.finish(11);
  assertEquals(await Deno.readTextFile(folder.file("a.txt")), TEXT);
});

Deno.test("ReceivedFile begins anew when its sender does", async () => {
  await using folder = await TemporaryFolder.make();
  const first = await ReceivedFile.open(folder.path, wanted());
  await first.write(0, utf8("HELLO "));
  await first.suspend();
  assertEquals(await receive(folder), folder.file("a.txt"));
  assertEquals(await Deno.readTextFile(folder.file("a.txt")), TEXT);
});

Deno.test("ReceivedFile keeps what came in one piece, and nothing behind a hole", async () => {
  await using folder = await TemporaryFolder.make();
  const first = await ReceivedFile.open(folder.path, wanted());
  await first.write(0, utf8("hel"));
  await first.write(6, utf8("world"));
  await first.suspend();
  assertEquals(await Deno.readTextFile(first.partPath), "hel");
  const empty = await ReceivedFile.open(folder.path, wanted("other text"));
  await empty.write(5, utf8("x"));
  await empty.suspend();
  assertEquals(await folder.names(), [first.partPath.slice(folder.path.length + 1)]);
});

Deno.test("ReceivedFile takes octets in any order, the last ones winning", async () => {
  await using folder = await TemporaryFolder.make();
  const file = await ReceivedFile.open(folder.path, wanted());
  await file.write(4, utf8("XXXXXXX"));
  await file.write(0, utf8("hello "));
  await file.write(6, utf8("world"));
  await file.finish(11);
  assertEquals(await Deno.readTextFile(folder.file("a.txt")), TEXT);
});

Deno.test("ReceivedFile leaves one octet to come of a part that is whole already", async () => {
  await using folder = await TemporaryFolder.make();
  const first = await ReceivedFile.open(folder.path, wanted());
  await first.write(0, utf8(TEXT));
  await first.suspend();
  const second = await ReceivedFile.open(folder.path, wanted());
  assertEquals(second.offset, 10);
  await second.write(10, utf8("d"));
  await second.finish(11);
  assertEquals(await folder.names(), ["a.txt"]);
});

Deno.test("ReceivedFile lets two attempts at one file not write the same part", async () => {
  await using folder = await TemporaryFolder.make();
  const first = await ReceivedFile.open(folder.path, wanted());
  await first.write(0, utf8("hello "));
  const second = await ReceivedFile.open(folder.path, wanted());
  assertEquals(second.offset, 0);
  await second.write(0, utf8(TEXT));
  await second.finish(11);
  await first.write(6, utf8("world"));
  assertEquals(await first.finish(11), folder.file("a-1.txt"));
});

Deno.test("ReceivedFile follows no link that lies where its part would", async () => {
  await using folder = await TemporaryFolder.make();
  const probe = await ReceivedFile.open(folder.path, wanted());
  await probe.suspend();
  await Deno.writeTextFile(folder.file("target"), "precious");
  await Deno.symlink(folder.file("target"), probe.partPath);
  await receive(folder);
  assertEquals(await Deno.readTextFile(folder.file("target")), "precious");
});

Deno.test("ReceivedFile keeps a file with the wrong hash where nobody goes on with it", async () => {
  await using folder = await TemporaryFolder.make();
  const error = await assertRejects(() => receive(folder, wanted(), "hello_world"), SottoError);
  assertEquals(error.code, "storage/wrong-hash");
  assertEquals(await folder.names(), ["a.txt.wrong.part"]);
  const again = await ReceivedFile.open(folder.path, wanted());
  assertEquals(again.offset, 0);
  await again.suspend();
});

Deno.test("ReceivedFile says when the size is not the one that was promised", async () => {
  await using folder = await TemporaryFolder.make();
  const error = await assertRejects(() => receive(folder, wanted(), "hello"), SottoError);
  assertEquals(error.code, "storage/wrong-size");
});

Deno.test("ReceivedFile takes a file of which nothing was said, and one of no octets", async () => {
  await using folder = await TemporaryFolder.make();
  assertEquals(await receive(folder, { hashes: [] }), folder.file("file"));
  assertEquals(await receive(folder, wanted("", "empty"), ""), folder.file("empty"));
  assertEquals(
    await receive(folder, { name: "b", hashes: [{ algorithm: "md5", value: "00" }] }),
    folder.file("b"),
  );
});

Deno.test("ReceivedFile says that a folder cannot be written", async () => {
  const error = await assertRejects(() => ReceivedFile.open("/nowhere", wanted()), SottoError);
  assertEquals(error.code, "storage/unwritable");
});

Deno.test("ReceivedFile says that it could not write, and where", async () => {
  await using folder = await TemporaryFolder.make();
  const file = await ReceivedFile.open(folder.path, wanted());
  await file.suspend();
  const error = await assertRejects(
    () => file.write(0, utf8("x")),
    SottoError,
    `${file.partPath} cannot be written`,
  );
  assertEquals(error.code, "storage/unwritable");
});
