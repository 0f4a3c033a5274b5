import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { parseMsrpUri } from "../../../lib/msrp/mod.ts";
import { MsrpPort, type MsrpPortOptions } from "../../../lib/session/msrp_port.ts";
import { type ByteStream, type Listener, memoryStreamPair } from "../../../lib/transport/mod.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";
import { OURS, sendFrame, sessionConfig } from "../../helpers/msrp_peer.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

/** A listener whose connections the test makes. */
class FakeListener implements Listener {
  readonly local = { host: "127.0.0.1", port: 7654 };
  readonly #waiting: ByteStream[] = [];
  #wake = Promise.withResolvers<void>();
  isClosed = false;

  connect(): ByteStream {
    const [ours, theirs] = memoryStreamPair();
    this.#waiting.push(ours);
    this.#wake.resolve();
    return theirs;
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.#wake.resolve();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ByteStream> {
    while (!this.isClosed) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else {
        this.#wake = Promise.withResolvers<void>();
        await this.#wake.promise;
      }
    }
  }
}

function port(more: Partial<MsrpPortOptions> = {}): {
  listener: FakeListener;
  port: MsrpPort;
  clock: ManualClock;
  isOver: () => boolean;
} {
  const listener = new FakeListener();
  const clock = new ManualClock();
  let isOver = false;
  const made = new MsrpPort(listener, {
    clock,
    random: seededRandom(1),
    isShared: false,
    onLink: () => {},
    onClosed: () => isOver = true,
    ...more,
  });
  return { listener, port: made, clock, isOver: () => isOver };
}

async function say(stream: ByteStream, text: string): Promise<void> {
  const writer = stream.writable.getWriter();
  await writer.write(fromLatin1(text));
  writer.releaseLock();
}

async function hear(stream: ByteStream): Promise<string> {
  const reader = stream.readable.getReader();
  const { value, done } = await reader.read();
  reader.releaseLock();
  return done ? "end" : latin1(value);
}

const uri = parseMsrpUri(OURS);
const never = new AbortController().signal;

Deno.test("MsrpPort.accept() waits for the connection that names its session, and then closes", async () => {
  const it = port();
  const accepting = it.port.accept(uri, sessionConfig(), [], never);
  const stream = it.listener.connect();
  await say(stream, sendFrame("hi"));
  const session = await accepting;
  assert((await hear(stream)).includes(" 200 OK"));
  assertEquals([session.isOpen, it.listener.isClosed], [true, true]);
  await session.close();
  await it.port.release();
  assert(it.isOver());
});

Deno.test("MsrpPort closes a connection that says nothing for 30 seconds", async () => {
  const it = port();
  const stop = new AbortController();
  const accepting = assertRejects(() => it.port.accept(uri, sessionConfig(), [], stop.signal));
  const silent = it.listener.connect();
  const heard = hear(silent);
  for (let turn = 0; turn < 4; turn++) await it.clock.advance(10_000);
  assertEquals(await heard, "end");
  stop.abort(new Error("enough"));
  await accepting;
  await it.port.close();
});

Deno.test("MsrpPort takes only so many connections that have not named a session", async () => {
  const it = port({ strangerLimit: 2 });
  const stop = new AbortController();
  const accepting = assertRejects(() => it.port.accept(uri, sessionConfig(), [], stop.signal));
  const [first, second, third] = [1, 2, 3].map(() => it.listener.connect());
  assert(first !== undefined && second !== undefined && third !== undefined);
  assertEquals(await hear(third), "end", "the third one is cut at once");
  stop.abort(new Error("enough"));
  await accepting;
  await it.port.close();
  for (const stream of [first, second]) await stream.close();
});

Deno.test("MsrpPort.close() ends the wait of everybody, release() that of the last", async () => {
  const it = port({ isShared: true });
  assertEquals(it.port.share(), it.port);
  await it.port.release();
  assertEquals(it.isOver(), false);
  const rejected = assertRejects(
    () => it.port.accept(uri, sessionConfig(), [], never),
    SottoError,
  );
  await it.port.release();
  assertEquals((await rejected).code, "session/msrp-closed");
  assertEquals([it.isOver(), it.listener.isClosed], [true, true]);
  assertEquals(it.port.local.port, 7654);
});

Deno.test("MsrpPort.accept() gives the signal's own reason", async () => {
  const it = port();
  const reason = new Error("no more");
  const thrown = await assertRejects(
    () => it.port.accept(uri, sessionConfig(), [], AbortSignal.abort(reason)),
  );
  assertEquals(thrown, reason);
  await it.port.close();
});
