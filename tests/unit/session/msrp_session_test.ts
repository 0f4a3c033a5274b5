import { assert, assertEquals, assertRejects } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { MsrpLink } from "../../../lib/session/msrp_link.ts";
import type { MsrpSession } from "../../../lib/session/msrp_session.ts";
import { memoryStreamPair } from "../../../lib/transport/mod.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";
import { frame, OURS, sessionConfig, THEIRS } from "../../helpers/msrp_peer.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

interface Pair extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly ours: MsrpSession;
  readonly theirs: MsrpSession;
}

async function pair(): Promise<Pair> {
  const clock = new ManualClock();
  const [one, other] = memoryStreamPair();
  const claimed = Promise.withResolvers<MsrpSession>();
  const theirConfig = sessionConfig({
    localPath: [parseMsrpUri(THEIRS)],
    remotePath: [parseMsrpUri(OURS)],
    reports: "manual",
  });
  const active = new MsrpLink(one, { clock, random: seededRandom(1) });
  const passive = new MsrpLink(other, {
    clock,
    random: seededRandom(2),
    claimSession: () => theirConfig,
    onClaimed: claimed.resolve,
  });
  const ours = await active.bind(sessionConfig());
  return {
    clock,
    ours,
    theirs: await claimed.promise,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([active.close(), passive.close()]);
    },
  };
}

const HELLO = { contentType: "text/plain", body: utf8("hello"), successReport: true };

Deno.test("MsrpSession.events reports a message when its reader asks for the next one", async () => {
  await using it = await pair();
  const sent = it.ours.send(HELLO);
  let isDelivered = false;
  void sent.then(() => isDelivered = true);
  const events = it.theirs.events[Symbol.asyncIterator]();
  for (;;) {
    const { value } = await events.next();
    if (value?.type === "message-received") break;
  }
  await it.ours.drain(it.clock, 1_000);
  assertEquals(isDelivered, false, "the reader may still say something else");
  void events.next();
  assertEquals((await sent).status, "delivered");
});

Deno.test("MsrpSession.send() settles by what was asked for", async () => {
  await using it = await pair();
  void (async () => {
    for await (const _ of it.theirs.events);
  })();
  const quiet = { ...HELLO, successReport: false };
  assertEquals((await it.ours.send(quiet)).status, "sent");
  assertEquals((await it.ours.send({ ...quiet, failureReport: "no" })).status, "sent");
  const failed = await it.ours.send({ ...quiet, contentType: "image/png" });
  assertEquals([failed.status, failed.code, failed.cause], ["failed", 415, "response"]);
  const error = await assertRejects(
    () => it.ours.send({ ...quiet, contentType: "image/png" }),
    SottoError,
  );
  assertEquals(error.code, "msrp/type-not-accepted");
});

Deno.test("MsrpSession stops reading its connection when nobody reads its events", async () => {
  await using it = await pair();
  const quiet = { ...HELLO, successReport: false };
  let answered = 0;
  const sent = Array.from({ length: 200 }, async () => {
    await it.ours.send(quiet);
    answered++;
  });
  await sent[30];
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  assert(answered < 200, `${answered} were answered although nobody read one`);
  const events = it.theirs.events[Symbol.asyncIterator]();
  for (let count = 0; count < 200;) {
    const { value } = await events.next();
    if (value?.type === "message-received") count++;
  }
  await Promise.all(sent);
});

Deno.test("MsrpSession.drain() gives up in time when the peer answers nothing", async () => {
  const clock = new ManualClock();
  const [one, other] = memoryStreamPair();
  const link = new MsrpLink(one, { clock, random: seededRandom(1) });
  const binding = link.bind(sessionConfig());
  const reader = other.readable.getReader();
  const writer = other.writable.getWriter();
  const { value } = await reader.read();
  const [, transactionId = ""] = new TextDecoder().decode(value).split(" ");
  await writer.write(utf8(frame("200 OK", { transactionId })));
  const session = await binding;
  const sent = session.send(HELLO);
  await reader.read();
  let isDrained = false;
  const draining = session.drain(clock, 500).then(() => isDrained = true);
  await clock.advance(499);
  assertEquals(isDrained, false);
  await clock.advance(1);
  await draining;
  await session.close();
  assertEquals((await sent).status, "unconfirmed", "it left, and nobody knows more");
});

Deno.test("MsrpSession.abort() gives up a message that has not left", async () => {
  await using it = await pair();
  const body = new Uint8Array(5_000_000);
  const sent = it.ours.send({ ...HELLO, body, messageId: "large678" });
  it.ours.abort("large678");
  assertEquals(await sent, {
    messageId: "large678",
    status: "failed",
    cause: "aborted",
    code: 0,
    comment: "Given Up",
  });
});

Deno.test("MsrpSession.end() settles everything, and ends the events", async () => {
  await using it = await pair();
  const sent = it.ours.send(HELLO);
  await it.ours.close();
  assert(["failed", "unconfirmed"].includes((await sent).status));
  for await (const event of it.ours.events) assert(event.type !== "message-received");
  it.ours.report("any", 200);
  it.ours.abort("any");
  await assertRejects(() => it.ours.send(HELLO), SottoError);
});
