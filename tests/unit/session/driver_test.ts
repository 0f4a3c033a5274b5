import { assert, assertEquals, assertRejects } from "@std/assert";
import { ascii, latin1 } from "../../../lib/base/ascii.ts";
import type { Instant, Output, ProtocolCore } from "../../../lib/base/output.ts";
import { Driver, type PacedCore } from "../../../lib/session/driver.ts";
import { type ByteStream, memoryStreamPair } from "../../../lib/transport/mod.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";

/** Echoes what it receives, reports it, and says `bye` after ten silent seconds. */
class EchoCore implements ProtocolCore<string> {
  deadline: Instant | undefined;

  receive(bytes: Uint8Array, now: Instant): Output<string>[] {
    this.deadline = now + 10_000;
    const text = latin1(bytes);
    const outputs: Output<string>[] = [
      { type: "transmit", data: bytes },
      { type: "event", event: `heard ${text} at ${now}` },
    ];
    return text === "quit" ? [...outputs, { type: "close" }] : outputs;
  }

  receiveEnd(now: Instant): Output<string>[] {
    return [{ type: "event", event: `ended at ${now}` }];
  }

  handleTimeout(now: Instant): Output<string>[] {
    this.deadline = undefined;
    return [{ type: "transmit", data: ascii("bye") }, { type: "event", event: `silent at ${now}` }];
  }

  greet(): Output<string>[] {
    return [{ type: "transmit", data: ascii("hi") }, { type: "event", event: "greeted" }];
  }
}

async function write(stream: ByteStream, text: string): Promise<void> {
  const writer = stream.writable.getWriter();
  await writer.write(ascii(text));
  writer.releaseLock();
}

async function read(stream: ByteStream): Promise<string> {
  const reader = stream.readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return value === undefined ? "end" : latin1(value);
}

Deno.test("Driver carries octets, events and time in order, until the peer ends", async () => {
  const clock = new ManualClock();
  const [ours, theirs] = memoryStreamPair();
  const core = new EchoCore();
  await using driver = new Driver(core, ours, clock);
  const events: string[] = [];
  const reading = (async () => {
    for await (const event of driver.events()) events.push(event);
  })();

  await driver.perform(() => core.greet());
  assertEquals(await read(theirs), "hi");
  await clock.advance(5);
  await write(theirs, "one");
  assertEquals(await read(theirs), "one");
  await settle();
  await clock.advance(9_999);
  assertEquals(events, ["greeted", "heard one at 5"]);
  await clock.advance(1);
  assertEquals(await read(theirs), "bye");
  await theirs.close();
  await reading;
  assertEquals(events, ["greeted", "heard one at 5", "silent at 10005", "ended at 10005"]);
  assertEquals(driver.failure, undefined);
});

Deno.test("Driver.events() rejects with the signal's reason and leaves the core alone", async () => {
  const [ours, theirs] = memoryStreamPair();
  await using driver = new Driver(new EchoCore(), ours, new ManualClock());
  const stop = new AbortController();
  const reading = assertRejects(
    () => Array.fromAsync(driver.events({ signal: stop.signal })),
    RangeError,
    "enough",
  );
  stop.abort(new RangeError("enough"));
  await reading;
  await theirs.close();
});

Deno.test("Driver closes the stream when the core says so, after what was written", async () => {
  const [ours, theirs] = memoryStreamPair();
  await using driver = new Driver(new EchoCore(), ours, new ManualClock());
  const reading = Array.fromAsync(driver.events());
  await write(theirs, "quit");
  assertEquals(await read(theirs), "quit");
  assertEquals(await read(theirs), "end");
  await theirs.close();
  assertEquals((await reading)[0], "heard quit at 0");
});

Deno.test("Driver.perform() lets a caller's mistake through", async () => {
  const [ours, theirs] = memoryStreamPair();
  await using driver = new Driver(new EchoCore(), ours, new ManualClock());
  await assertRejects(
    () =>
      driver.perform(() => {
        throw new TypeError("not now");
      }),
    TypeError,
    "not now",
  );
  await theirs.close();
});

/** Has a thousand octets to say, a hundred at a time. */
class PacedEcho extends EchoCore implements PacedCore<string> {
  #left = 10;

  get hasMoreToTransmit(): boolean {
    return this.#left > 0;
  }

  handleWritable(): Output<string>[] {
    this.#left--;
    return [{ type: "transmit", data: new Uint8Array(100).fill(48 + this.#left) }];
  }
}

Deno.test("Driver feeds a paced core no faster than its stream takes", async () => {
  const [ours, theirs] = memoryStreamPair({ capacity: 150 });
  const core = new PacedEcho();
  await using driver = new Driver(core, ours, new ManualClock());
  const performed = driver.perform(() => []);
  await settle();
  assert(core.hasMoreToTransmit);
  let received = "";
  while (received.length < 1_000) received += await read(theirs);
  await performed;
  assertEquals(received[0], "9");
  assertEquals(received.at(-1), "0");
  assertEquals(core.hasMoreToTransmit, false);
  await theirs.close();
});
