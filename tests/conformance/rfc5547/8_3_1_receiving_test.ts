/** RFC 5547 §8.3.1, §10: what a receiver does with a file, from the offer to the disk. */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import type { FileEvent, FileSource } from "../../../lib/session/mod.ts";
import { FileHasher, ReceivedFile } from "../../../lib/storage/mod.ts";
import { SessionPair } from "../../helpers/chat_session_setup.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

/** A file of this text, which may lie about itself. */
function source(text: string, lies: Partial<FileSource> = {}): FileSource {
  const hasher = new FileHasher();
  hasher.update(utf8(text));
  return {
    name: "a.txt",
    type: "text/plain",
    size: text.length,
    hashes: hasher.digests(),
    read: (position, length) => Promise.resolve(utf8(text).slice(position, position + length)),
    close: () => Promise.resolve(),
    ...lies,
  };
}

/** What the receiver was told at last, and what lies in its folder. */
async function push(file: FileSource): Promise<{ last: FileEvent; names: string[]; sent: string }> {
  await using folder = await TemporaryFolder.make();
  const reception = {
    maxSize: 1_000,
    accept: (offered: Parameters<typeof ReceivedFile.open>[1]) =>
      ReceivedFile.open(folder.path, offered),
  };
  await using both = await SessionPair.open(
    { encryption: "off", media: { files: { outgoing: [file] }, filesOnly: true } },
    { encryption: "off", media: { files: { outgoing: [], reception } } },
  );
  await both.settled();
  const { status } = await both.alice.session.sendFile(0);
  const last = await both.bob.until((it) =>
    it.type === "file" && (it.state === "done" || it.state === "failed")
  );
  assert(last.type === "file");
  return { last, names: await folder.names(), sent: status };
}

Deno.test("MSRP-186 a file whose hash is as promised gets its name, and its sender a report", async () => {
  const { last, names, sent } = await push(source("hello"));
  assertEquals([last.state, names, sent], ["done", ["a.txt"], "delivered"]);
});

for (const algorithm of ["sha-1", "sha-256"]) {
  Deno.test(`MSRP-186 a wrong ${algorithm} is told to the user and to the sender`, async () => {
    const hashes = source("hello").hashes.map((it) =>
      it.algorithm === algorithm ? { ...it, value: it.value.replace(/^../, "00") } : it
    );
    const { last, names, sent } = await push(source("hello", { hashes }));
    assertEquals([last.state, names, sent], ["failed", ["a.txt.wrong.part"], "failed"]);
    assert(last.reason?.includes(`the ${algorithm} of what came is not the one`), last.reason);
  });
}

Deno.test("MSRP-186 a hash of an algorithm that nobody knows is no reason to refuse", async () => {
  const hashes = [{ algorithm: "whirlpool", value: "00" }];
  assertEquals((await push(source("hello", { hashes }))).last.state, "done");
});

Deno.test("MSRP-187 a name that leads elsewhere is made one of ours", async () => {
  for (
    const [name, ours] of [
      ["../../../../etc/passwd", "passwd"],
      ["..", "file"],
      [".ssh", "ssh"],
      ["CON", "_CON"],
      ["a\u202etxt.exe", "atxt.exe"],
      ["new\nline", "newline"],
    ] as const
  ) {
    const { names, last } = await push(source("x", { name }));
    assertEquals(names, [ours]);
    assertEquals(last.name, name, "what was offered is told as it was");
  }
});
