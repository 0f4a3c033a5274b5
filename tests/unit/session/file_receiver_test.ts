import { assertEquals, assertRejects } from "@std/assert";
import { concatBytes, utf8 } from "../../../lib/base/bytes.ts";
import { fromLatin1 } from "../../../lib/base/ascii.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { type MsrpSessionConfig, parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { receiveFile } from "../../../lib/session/file_receiver.ts";
import { MsrpLink } from "../../../lib/session/msrp_link.ts";
import type { MsrpSession } from "../../../lib/session/msrp_session.ts";
import { FileHasher, ReceivedFile } from "../../../lib/storage/mod.ts";
import { memoryStreamPair } from "../../../lib/transport/mod.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";
import { frame, OURS, readFrames, sendFrame, THEIRS } from "../../helpers/msrp_peer.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";
import { TemporaryFolder } from "../../helpers/temporary_folder.ts";

/** A receiver with a real folder, and a sender that writes its frames by hand. */
class Hostile implements AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly session: MsrpSession;
  readonly #link: MsrpLink;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #said: Promise<Uint8Array>;

  private constructor(
    folder: TemporaryFolder,
    session: MsrpSession,
    link: MsrpLink,
    writer: WritableStreamDefaultWriter<Uint8Array>,
    said: Promise<Uint8Array>,
  ) {
    this.folder = folder;
    this.session = session;
    this.#link = link;
    this.#writer = writer;
    this.#said = said;
  }

  static async meet(config: Partial<MsrpSessionConfig> = {}): Promise<Hostile> {
    const [near, far] = memoryStreamPair();
    const bound = Promise.withResolvers<MsrpSession>();
    const link = new MsrpLink(near, {
      clock: new ManualClock(),
      random: seededRandom(1),
      claimSession: () => ({
        localPath: [parseMsrpUri(OURS)],
        remotePath: [parseMsrpUri(THEIRS)],
        acceptTypes: ["*"],
        reports: "manual",
        streamsIncoming: true,
        ...config,
      }),
      onClaimed: bound.resolve,
    });
    const writer = far.writable.getWriter();
    const said = Array.fromAsync(far.readable).then((it) => concatBytes(...it), () => utf8(""));
    await writer.write(utf8(frame("SEND", { headers: ["Message-ID: bind1234"] })));
    return new Hostile(await TemporaryFolder.make(), await bound.promise, link, writer, said);
  }

  async say(...frames: readonly string[]): Promise<void> {
    for (const it of frames) await this.#writer.write(fromLatin1(it));
  }

  /** The receiver's status codes, and those of its reports. */
  async answers(): Promise<string[]> {
    await this.#writer.close().catch(() => {});
    await this.#link.close();
    return readFrames(await this.#said).map(({ startLine, headers }) =>
      startLine.kind === "response"
        ? String(startLine.code)
        : headers.find((it) => it.name === "Status")?.value ?? ""
    ).slice(1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.answers();
    await this.folder[Symbol.asyncDispose]();
  }
}

function promised(text: string, size = text.length, name = "a.txt") {
  const hasher = new FileHasher();
  hasher.update(utf8(text));
  return { name, size, hashes: hasher.digests() };
}

function receiving(session: MsrpSession) {
  return { session, base: 0, onProgress: () => {} };
}

Deno.test("receiveFile() reports success when the file is where it belongs", async () => {
  await using peer = await Hostile.meet({ maxSize: 11 });
  const sink = await ReceivedFile.open(peer.folder.path, promised("hello world"));
  await peer.say(
    sendFrame("hello ", { range: "1-*/11", flag: "+", headers: ["Success-Report: yes"] }),
    sendFrame("world", { range: "7-11/11", headers: ["Success-Report: yes"] }),
  );
  assertEquals(await receiveFile(sink, receiving(peer.session)), peer.folder.file("a.txt"));
  assertEquals(await peer.answers(), ["200", "200", "000 200 OK"]);
});

Deno.test("receiveFile() keeps a name of ours whatever the sender calls the file", async () => {
  await using peer = await Hostile.meet();
  const sink = await ReceivedFile.open(
    peer.folder.path,
    promised("x", 1, "../../../../../../etc/passwd"),
  );
  await peer.say(sendFrame("x"));
  assertEquals(await receiveFile(sink, receiving(peer.session)), peer.folder.file("passwd"));
});

Deno.test("receiveFile() says that the hash is a lie, and keeps the file apart", async () => {
  await using peer = await Hostile.meet();
  const sink = await ReceivedFile.open(peer.folder.path, promised("hello world"));
  await peer.say(sendFrame("HELLO WORLD", { headers: ["Success-Report: yes"] }));
  const error = await assertRejects(() => receiveFile(sink, receiving(peer.session)), SottoError);
  assertEquals(error.code, "storage/wrong-hash");
  assertEquals(await peer.answers(), ["200", "000 400 not the file that was promised"]);
  assertEquals(await peer.folder.names(), ["a.txt.wrong.part"]);
});

Deno.test("receiveFile() takes 4 GiB for as much as came", async () => {
  await using peer = await Hostile.meet({ maxSize: 2 ** 32 });
  const sink = await ReceivedFile.open(peer.folder.path, promised("x", 2 ** 32));
  await peer.say(sendFrame("x", { range: `1-*/${2 ** 32}` }));
  const error = await assertRejects(() => receiveFile(sink, receiving(peer.session)), SottoError);
  assertEquals(error.code, "storage/wrong-size");
});

Deno.test("receiveFile() waits for the rest of 4 GiB without holding room for it", async () => {
  await using peer = await Hostile.meet({ maxSize: 2 ** 32 });
  const sink = await ReceivedFile.open(peer.folder.path, promised("x", 2 ** 32));
  const received = receiveFile(sink, receiving(peer.session));
  await peer.say(sendFrame("x", { range: `1-*/${2 ** 32}`, flag: "+" }));
  await Promise.all([assertRejects(() => received, SottoError), peer.answers()]);
  const [part] = await peer.folder.names();
  assertEquals((await Deno.stat(peer.folder.file(part ?? ""))).size, 1, "one octet came");
});

Deno.test("receiveFile() answers 413 where more comes than was promised", async () => {
  await using peer = await Hostile.meet({ maxSize: 5 });
  const sink = await ReceivedFile.open(peer.folder.path, promised("hello"));
  await peer.say(
    sendFrame("hello", { range: "1-*/*", flag: "+" }),
    sendFrame(" world", { range: "6-*/*", flag: "+" }),
    sendFrame("!", { range: "12-*/*" }),
  );
  const error = await assertRejects(() => receiveFile(sink, receiving(peer.session)), SottoError);
  assertEquals(error.code, "session/file-incomplete");
  assertEquals(await peer.answers(), ["200", "413", "413"]);
});

Deno.test("receiveFile() takes one message, and refuses a second one", async () => {
  await using peer = await Hostile.meet();
  const sink = await ReceivedFile.open(peer.folder.path, promised("hello"));
  const received = receiveFile(sink, receiving(peer.session));
  await peer.say(
    sendFrame("hel", { range: "1-*/5", flag: "+" }),
    sendFrame("EVIL", { id: "another1", range: "1-*/4", flag: "+" }),
    sendFrame("lo", { range: "4-5/5" }),
  );
  assertEquals(await Deno.readTextFile(await received), "hello");
  await peer.say(sendFrame("", { id: "another1", range: "5-5/5" }));
  assertEquals(await peer.answers(), ["200", "200", "200", "413"]);
});

Deno.test("receiveFile() lives through a flood of tiny chunks", async () => {
  await using peer = await Hostile.meet({ maxSize: 2 ** 32 });
  const sink = await ReceivedFile.open(peer.folder.path, promised("x", 2 ** 32));
  const received = receiveFile(sink, receiving(peer.session));
  const refused = assertRejects(() => received, SottoError, "after 65600 octets");
  let count = 0;
  const batch = (): string => {
    let text = "";
    for (let at = 0; at < 1000; at++) {
      text += sendFrame("x", {
        range: `${++count}-*/${2 ** 32}`,
        flag: "+",
        headers: ["Failure-Report: no"],
      });
    }
    return text;
  };
  while (count < 70_000) await peer.say(batch());
  await refused;
  const [part] = await peer.folder.names();
  assertEquals((await Deno.stat(peer.folder.file(part ?? ""))).size, 65_600);
});

Deno.test("receiveFile() tells of a sender that gives up, and keeps what came", async () => {
  await using peer = await Hostile.meet();
  const sink = await ReceivedFile.open(peer.folder.path, promised("hello world"));
  await peer.say(
    sendFrame("hello ", { range: "1-*/11", flag: "+" }),
    sendFrame("wo", { range: "7-*/11", flag: "#" }),
  );
  await assertRejects(
    () => receiveFile(sink, receiving(peer.session)),
    SottoError,
    "its sender gave up, after 8 octets",
  );
  assertEquals(await Deno.readTextFile(sink.partPath), "hello wo");
});

Deno.test("receiveFile() tells of a connection that is cut", async () => {
  await using peer = await Hostile.meet();
  const sink = await ReceivedFile.open(peer.folder.path, promised("hello world"));
  const received = receiveFile(sink, receiving(peer.session));
  await peer.say(sendFrame("hello ", { range: "1-*/11", flag: "+" }).slice(0, -20));
  await Promise.all([assertRejects(() => received, SottoError), peer.answers()]);
});
