import { assert, assertEquals, assertRejects } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { type MsrpEvent, parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { sendFile } from "../../../lib/session/file_sender.ts";
import { MsrpLink } from "../../../lib/session/msrp_link.ts";
import type { MsrpSession } from "../../../lib/session/msrp_session.ts";
import { type MsrpMedia, msrpMediaOf, parseSessionDescription } from "../../../lib/sdp/mod.ts";
import { memoryStreamPair } from "../../../lib/transport/mod.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";
import { OURS, sessionConfig, THEIRS } from "../../helpers/msrp_peer.ts";
import { PatternFile } from "../../helpers/pattern_file.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

interface Pair extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly ours: MsrpSession;
  readonly theirs: MsrpSession;
}

async function pair(acceptTypes: readonly string[], fileOffset?: number): Promise<Pair> {
  const clock = new ManualClock();
  const [one, other] = memoryStreamPair();
  const claimed = Promise.withResolvers<MsrpSession>();
  const active = new MsrpLink(one, { clock, random: seededRandom(1) });
  const passive = new MsrpLink(other, {
    clock,
    random: seededRandom(2),
    claimSession: () =>
      sessionConfig({
        localPath: [parseMsrpUri(THEIRS)],
        remotePath: [parseMsrpUri(OURS)],
        acceptTypes,
        reports: "manual",
        streamsIncoming: true,
        fileOffset,
      }),
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

function media(acceptTypes: string, wrapped = ""): MsrpMedia {
  const [found] = msrpMediaOf(parseSessionDescription(
    [
      "v=0",
      "o=- 1 1 IN IP4 192.0.2.1",
      "s=-",
      "t=0 0",
      "c=IN IP4 192.0.2.1",
      "m=message 4000 TCP/MSRP *",
      "a=path:msrp://192.0.2.1:4000/abc;tcp",
      `a=accept-types:${acceptTypes}`,
      ...(wrapped === "" ? [] : [`a=accept-wrapped-types:${wrapped}`]),
    ].join("\r\n"),
  ));
  if (found === undefined) throw new Error("expected a medium");
  return found;
}

/** Everything that arrives, reported on when it is whole. */
async function take(session: MsrpSession): Promise<MsrpEvent[]> {
  const events: MsrpEvent[] = [];
  for await (const event of session.events) {
    events.push(event);
    if (event.type === "message-ended") session.report(event.messageId, 200);
  }
  return events;
}

function textOf(events: readonly MsrpEvent[]): string {
  const octets = events.flatMap((it) => it.type === "message-octets" ? [...it.bytes] : []);
  return new TextDecoder().decode(Uint8Array.from(octets));
}

const TEXT = {
  name: "a.txt",
  type: "text/plain",
  size: 5,
  hashes: [],
  read: (position: number, length: number) =>
    Promise.resolve(utf8("hello").slice(position, position + length)),
  close: () => Promise.resolve(),
};

Deno.test("sendFile() sends one message and waits for the report", async () => {
  await using both = await pair(["*"]);
  const taking = take(both.theirs);
  const told: number[] = [];
  const delivery = await sendFile(TEXT, {
    session: both.ours,
    media: media("*"),
    knowsOffset: false,
    clock: both.clock,
    timeout: 1000,
    onProgress: (it) => told.push(it),
  });
  assertEquals(delivery.status, "delivered");
  const events = await taking;
  const began = events.find((it) => it.type === "message-began");
  assert(began?.type === "message-began");
  assertEquals([began.contentType, began.total, textOf(events)], ["text/plain", 5, "hello"]);
  assertEquals(told[0], 0);
});

Deno.test("sendFile() wraps in CPIM for a receiver that takes nothing else", async () => {
  await using both = await pair(["message/cpim"]);
  const taking = take(both.theirs);
  await sendFile(TEXT, {
    session: both.ours,
    media: media("message/cpim", "*"),
    knowsOffset: true,
    clock: both.clock,
    timeout: 1000,
    onProgress: () => {},
  });
  const text = textOf(await taking);
  assert(text.endsWith("\r\n\r\nContent-Type: text/plain\r\n\r\nhello"), text);
});

Deno.test("sendFile() starts where the receiver stands", async () => {
  await using both = await pair(["*"], 3);
  const taking = take(both.theirs);
  await sendFile(TEXT, {
    session: both.ours,
    media: media("*"),
    knowsOffset: true,
    clock: both.clock,
    timeout: 1000,
    onProgress: () => {},
  });
  const events = await taking;
  assertEquals(textOf(events), "lo");
  const ended = events.find((it) => it.type === "message-ended");
  assertEquals(ended?.type === "message-ended" && ended.length, 5);
});

Deno.test("sendFile() sends nothing to a receiver that does not take the type", async () => {
  await using both = await pair(["*"]);
  const error = await assertRejects(() =>
    sendFile(TEXT, {
      session: both.ours,
      media: media("image/*"),
      knowsOffset: false,
      clock: both.clock,
      timeout: 1000,
      onProgress: () => {},
    }), SottoError);
  assertEquals(error.code, "msrp/type-not-accepted");
});

Deno.test("sendFile() does not wait for ever for a report", async () => {
  await using both = await pair(["*"]);
  void (async () => {
    for await (const _ of both.theirs.events); // Takes everything, and reports nothing.
  })();
  const sending = sendFile(new PatternFile("a", 10), {
    session: both.ours,
    media: media("*"),
    knowsOffset: false,
    clock: both.clock,
    timeout: 1000,
    onProgress: () => {},
  });
  const failing = assertRejects(() => sending, SottoError, "no report");
  for (let turn = 0; turn < 4; turn++) await both.clock.advance(20_000);
  await failing;
});
