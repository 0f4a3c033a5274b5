import { assert, assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import type { MediaSettings } from "../../../lib/session/chat_media.ts";
import type { FileEvent } from "../../../lib/session/file_offer.ts";
import { SessionPair, type Told } from "../../helpers/chat_session_setup.ts";
import { PatternFile, PatternReception, PatternSink } from "../../helpers/pattern_file.ts";

const MIB = 2 ** 20;

/** Alice offers the files; bob takes them as `reception` says. */
async function pair(
  outgoing: readonly PatternFile[],
  reception: PatternReception | undefined,
  alice: Partial<MediaSettings> = {},
): Promise<SessionPair> {
  const sessions = await SessionPair.open(
    { encryption: "off", media: { ...alice, files: { outgoing } } },
    { encryption: "off", media: { files: { outgoing: [], reception } } },
  );
  await sessions.settled();
  return sessions;
}

/** States of the file events of one side, without progress. */
function states(told: Told): string[] {
  return told.only("file").filter((it) => it.state !== "progress")
    .map((it) => `${it.name} ${it.state}`);
}

async function until(told: Told, state: FileEvent["state"]): Promise<FileEvent> {
  const found = await told.until((it) => it.type === "file" && it.state === state);
  assert(found.type === "file");
  return found;
}

Deno.test("FileMedia moves a file beside a chat, each over a session of its own", async () => {
  const reception = new PatternReception();
  await using both = await pair([new PatternFile("a.bin", 3 * MIB)], reception);
  const sending = both.alice.session.sendFile(0);
  assertEquals((await both.alice.session.send("meanwhile")).status, "delivered");
  assertEquals(await sending, { status: "delivered" });
  assertEquals((await until(both.bob, "done")).path, "memory:a.bin");
  assertEquals(reception.sinks.map((it) => [it.written, it.finishedAt]), [[3 * MIB, 3 * MIB]]);
  assertEquals(states(both.alice), ["a.bin offered", "a.bin accepted", "a.bin done"]);
  assertEquals(states(both.bob), ["a.bin offered", "a.bin accepted", "a.bin done"]);
  assertEquals(both.bob.received, [["meanwhile", ""]]);
});

Deno.test("FileMedia moves files of a call that has nothing else, in the order they are sent", async () => {
  const reception = new PatternReception();
  const files = [
    new PatternFile("one", 1),
    new PatternFile("none", 0),
    new PatternFile("more", MIB),
  ];
  await using both = await pair(files, reception, { filesOnly: true });
  for (const at of [2, 0, 1]) {
    assertEquals(await both.alice.session.sendFile(at), { status: "delivered" });
  }
  assertEquals(reception.sinks.map((it) => it.finishedAt), [1, 0, MIB]);
  await assertRejects(() => both.alice.session.send("hello"), SottoError, "not open");
  await both.alice.session.hangUp();
  assertEquals((await both.bob.session.ended).by, "remote");
});

Deno.test("FileMedia offers no files where none are taken, and the chat goes on", async () => {
  await using both = await pair([new PatternFile("a", 5)], undefined);
  assertEquals(await both.alice.session.sendFile(0), {
    status: "failed",
    cause: "response",
    reason: "the other side does not take the file",
  });
  assertEquals(states(both.bob), ["a offered", "a refused"]);
  assertEquals((await both.alice.session.send("still here")).status, "delivered");
});

Deno.test("FileMedia refuses a call that is nothing but files where none are taken", async () => {
  await using both = await pair([new PatternFile("a", 5)], undefined, { filesOnly: true });
  const error = await assertRejects(() => both.alice.session.settled, SottoError);
  assertEquals(error.code, "session/rejected");
  assert(error.message.includes("File refused: files are not taken"), error.message);
});

Deno.test("FileMedia says why in the response where the only file is too large", async () => {
  const files = [new PatternFile("large", 11)];
  await using both = await pair(files, new PatternReception(10), { filesOnly: true });
  const error = await assertRejects(() => both.alice.session.settled, SottoError);
  assert(error.message.includes("11 octets, and at most 10 are taken"), error.message);
});

Deno.test("FileMedia refuses what is too large by its description, and takes the other file", async () => {
  const files = [new PatternFile("large", 11), new PatternFile("small", 10)];
  await using both = await pair(files, new PatternReception(10), { filesOnly: true });
  assertEquals((await both.alice.session.sendFile(0)).status, "failed");
  assertEquals(await both.alice.session.sendFile(1), { status: "delivered" });
  const refused = both.bob.only("file").find((it) => it.state === "refused");
  assertEquals(refused?.reason, "11 octets, and at most 10 are taken");
});

Deno.test("FileMedia goes on where the receiver stands", async () => {
  const file = new PatternFile("a", 3 * MIB);
  const reception = new PatternReception(Infinity, (it) => new PatternSink(it, 2 * MIB));
  await using both = await pair([file], reception, { filesOnly: true });
  assertEquals(await both.alice.session.sendFile(0), { status: "delivered" });
  assertEquals([file.first, reception.sinks[0]?.written], [2 * MIB, 3 * MIB]);
});

Deno.test("FileMedia stops the sender when the disk is full, by 413 and by port 0", async () => {
  const reception = new PatternReception(Infinity, (it) => {
    const sink = new PatternSink(it);
    sink.fullAt = MIB;
    return sink;
  });
  const file = new PatternFile("a", 64 * MIB);
  await using both = await pair([file], reception);
  const outcome = await both.alice.session.sendFile(0);
  // Which of the two comes first is the network's affair.
  assertEquals([outcome.status, outcome.cause], ["failed", "response"]);
  assertEquals((await until(both.bob, "failed")).reason, "the disk is full");
  assert(file.furthest < 32 * MIB, `${file.furthest} octets were read for nothing`);
  assertEquals(reception.sinks[0]?.isSuspended, true);
  assertEquals((await both.alice.session.send("still here")).status, "delivered");
});

Deno.test("FileMedia lets a slow disk slow the sender, and holds little meanwhile", async () => {
  const gate = Promise.withResolvers<void>();
  const reception = new PatternReception(Infinity, (it) => {
    const sink = new PatternSink(it);
    sink.gate = gate.promise;
    return sink;
  });
  const file = new PatternFile("a", 64 * MIB);
  await using both = await pair([file], reception, { filesOnly: true });
  const sending = both.alice.session.sendFile(0);
  // It stands still: nothing is read for a while, however long that while is.
  for (let before = -1; before !== file.furthest;) {
    before = file.furthest;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  assert(file.furthest > 0 && file.furthest < 16 * MIB, `${file.furthest} octets are under way`);
  gate.resolve();
  assertEquals(await sending, { status: "delivered" });
});

Deno.test("FileMedia gives up a file that cannot be read on, and tells the receiver", async () => {
  const file = new PatternFile("a", 64 * MIB);
  file.brokenAt = 5 * MIB;
  const reception = new PatternReception();
  await using both = await pair([file], reception);
  const outcome = await both.alice.session.sendFile(0);
  assertEquals([outcome.status, outcome.reason], ["failed", "the disk is broken"]);
  await until(both.bob, "failed");
  assertEquals([reception.sinks[0]?.isSuspended, reception.sinks[0]?.finishedAt], [
    true,
    undefined,
  ]);
});

Deno.test("FileMedia lets go of everything when the sender hangs up in the middle", async () => {
  const gate = Promise.withResolvers<void>();
  const reception = new PatternReception(Infinity, (it) => {
    const sink = new PatternSink(it);
    sink.gate = gate.promise;
    return sink;
  });
  const file = new PatternFile("a", 64 * MIB);
  await using both = await pair([file], reception, { filesOnly: true });
  const sending = both.alice.session.sendFile(0);
  await both.alice.until((it) => it.type === "file" && it.state === "progress");
  const ending = both.alice.session.hangUp();
  gate.resolve();
  await ending;
  assertEquals((await sending).status, "failed");
  await both.bob.session.ended;
  assertEquals([reception.sinks[0]?.isSuspended, file.isClosed], [true, true]);
  assertEquals(states(both.bob).at(-1), "a failed");
});

Deno.test("FileMedia takes no word for it that there is a file to send", async () => {
  await using both = await pair([], undefined);
  await assertRejects(() => both.alice.session.sendFile(0), RangeError);
});
