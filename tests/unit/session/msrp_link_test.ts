import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { type MsrpEvent, parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { MsrpLink, type MsrpLinkOptions } from "../../../lib/session/msrp_link.ts";
import type { MsrpSession } from "../../../lib/session/msrp_session.ts";
import { memoryStreamPair } from "../../../lib/transport/mod.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";
import { frame, OURS, sendFrame, sessionConfig, THEIRS } from "../../helpers/msrp_peer.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

/** A link, and the raw other end. */
class Bench implements AsyncDisposable {
  readonly link: MsrpLink;
  readonly clock = new ManualClock();
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(more: Partial<MsrpLinkOptions> = {}) {
    const [ours, theirs] = memoryStreamPair();
    this.link = new MsrpLink(ours, { clock: this.clock, random: seededRandom(1), ...more });
    this.#writer = theirs.writable.getWriter();
    this.#reader = theirs.readable.getReader();
  }

  async say(text: string): Promise<void> {
    await this.#writer.write(fromLatin1(text));
  }

  async hear(): Promise<string> {
    const { value, done } = await this.#reader.read();
    return done ? "end" : latin1(value);
  }

  async hangUp(): Promise<void> {
    await this.#writer.close();
  }

  /** Binds our session with the peer's consent. */
  async bound(): Promise<MsrpSession> {
    const binding = this.link.bind(sessionConfig());
    const [, transactionId = ""] = (await this.hear()).split(" ");
    await this.say(frame("200 OK", { transactionId }));
    return await binding;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.link.close();
  }
}

Deno.test("MsrpLink.bind() gives a session once the peer agreed", async () => {
  await using bench = new Bench();
  const session = await bench.bound();
  assertEquals([session.id, session.isOpen, bench.link.isInUse], ["ours5678", true, true]);
  assertEquals(session.localPath, [parseMsrpUri(OURS)]);
  assertEquals(session.remotePath, [parseMsrpUri(THEIRS)]);
});

Deno.test("MsrpLink.bind() rejects with what the peer answered, or with its silence", async () => {
  await using bench = new Bench();
  const refused = assertRejects(() => bench.link.bind(sessionConfig()), SottoError, "506");
  const [, transactionId = ""] = (await bench.hear()).split(" ");
  await bench.say(frame("506 Taken", { transactionId }));
  assertEquals((await refused).code, "session/msrp-refused");

  await using silent = new Bench();
  const late = assertRejects(() => silent.link.bind(sessionConfig()), SottoError, "408");
  await silent.hear();
  await silent.clock.advance(30_000);
  await late;

  await using gone = new Bench();
  const closed = assertRejects(() => gone.link.bind(sessionConfig()), SottoError);
  await gone.hear();
  await gone.hangUp();
  assertEquals((await closed).code, "session/msrp-closed");
});

Deno.test("MsrpLink puts a session on that is claimed by the peer's first request", async () => {
  const claimed = Promise.withResolvers<MsrpSession>();
  await using bench = new Bench({
    claimSession: () => sessionConfig(),
    onClaimed: (session) => claimed.resolve(session),
  });
  await bench.say(sendFrame("first words"));
  assert((await bench.hear()).startsWith("MSRP tid12345 200 OK"));
  const session = await claimed.promise;
  await bench.link.firstBound;
  const types: MsrpEvent["type"][] = [];
  for await (const event of session.events) {
    types.push(event.type);
    if (event.type === "message-received") break;
  }
  assertEquals(types, ["session-bound", "message-received"]);
});

Deno.test("MsrpLink tells of strangers, and why the framing broke", async () => {
  const strangers: MsrpLink[] = [];
  await using bench = new Bench({ onStranger: (link) => strangers.push(link) });
  await bench.say(sendFrame("x"));
  assert((await bench.hear()).startsWith("MSRP tid12345 481 "));
  await bench.say("junk");
  await bench.link.ended;
  assertEquals(strangers, [bench.link, bench.link]);

  await using used = new Bench();
  const session = await used.bound();
  const reading = (async () => {
    for await (const _ of session.events);
  })();
  await used.say("junk");
  await reading;
  assertEquals(session.failure?.code, "msrp/bad-start-line");
});

Deno.test("MsrpLink.remove() closes the connection with its last session", async () => {
  await using bench = new Bench();
  const session = await bench.bound();
  await session.close();
  await session.close();
  assertEquals([session.isOpen, bench.link.isOpen, bench.link.isInUse], [false, false, false]);
  assertEquals(session.failure, undefined);
  assertEquals(await bench.hear(), "end");
});
