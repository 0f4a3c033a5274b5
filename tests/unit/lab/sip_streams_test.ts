/** Which connections stay, in simulated time and over streams in memory. */
import { assertEquals, assertRejects } from "@std/assert";
import { ascii } from "../../../lib/base/ascii.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { SipStreams, type StreamLimits } from "../../../lib/lab/sip_streams.ts";
import { listenTcp, memoryStreamPair } from "../../../lib/transport/mod.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";

function set(limits: StreamLimits = {}) {
  const clock = new ManualClock();
  let count = 0;
  const framed: string[] = [];
  const ended: number[] = [];
  const needed = new Set<number>();
  const streams = new SipStreams({
    clock,
    tls: {},
    limits,
    nextNumber: () => ++count,
    handler: {
      receiveFramed: (it, { flow }) => void framed.push(`${flow.connection} ${it.type}`),
      receiveEnd: (connection) => void ended.push(connection),
      isNeeded: (connection) => needed.has(connection),
    },
  });
  /** A peer connects; what it writes with. */
  const connect = () => {
    const [ours, theirs] = memoryStreamPair();
    streams.accept(ours, "tcp");
    const writer = theirs.writable.getWriter();
    return { write: (text: string) => writer.write(ascii(text)), close: () => theirs.close() };
  };
  const pass = async (milliseconds: number) => {
    await clock.advance(milliseconds);
    streams.sweep(clock.now());
    await settle();
  };
  return { streams, framed, ended, needed, connect, pass };
}

const MESSAGE = "OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n";

Deno.test("SipStreams ends a connection that dribbles, however steadily", async () => {
  const { streams, framed, ended, connect, pass } = set({ messageTime: 20_000 });
  const dribbler = connect();
  const talker = connect();
  await settle();
  for (let second = 0; second < 19; second++) {
    await dribbler.write(MESSAGE[second] ?? "");
    await talker.write(MESSAGE);
    await pass(1_000);
  }
  assertEquals(ended, []);
  await pass(1_000);
  await pass(1_000);
  assertEquals(ended, [1]);
  assertEquals(framed.filter((it) => it === "2 message").length, 19);
  await Promise.all([streams.close(), dribbler.close(), talker.close()]);
});

Deno.test("SipStreams ends a silent connection, unless somebody is reached over it", async () => {
  const { streams, ended, needed, connect, pass } = set({ idleTime: 60_000 });
  const peers = [connect(), connect(), connect()];
  needed.add(2);
  await pass(50_000);
  await peers[2]?.write("\r\n\r\n");
  await pass(10_000);
  assertEquals(ended, [1]);
  await pass(60_000);
  assertEquals([ended, streams.size], [[1, 3], 1]);
  await Promise.all([streams.close(), ...peers.map((it) => it.close())]);
});

Deno.test("SipStreams always has room for one more: the most useless makes place", async () => {
  const { streams, ended, needed, connect, pass } = set({ connections: 3 });
  const peers = [connect(), connect(), connect()];
  await settle();
  await peers[0]?.write(MESSAGE);
  needed.add(2);
  await pass(1_000);
  peers.push(connect()); // The third never said anything.
  await settle();
  assertEquals(ended, [3]);
  await peers[3]?.write(MESSAGE);
  await pass(1_000);
  peers.push(connect()); // The first spoke longest ago.
  await settle();
  assertEquals([ended, streams.size], [[3, 1], 3]);
  for (let more = 0; more < 100; more++) peers.push(connect());
  await settle();
  assertEquals(streams.size, 3);
  assertEquals(ended.includes(2), false);
  // When everybody is needed, nobody makes place.
  for (let number = 0; number < 200; number++) needed.add(number);
  const before = ended.length;
  peers.push(connect());
  await settle();
  assertEquals([ended.length, streams.size], [before, 3]);
  await Promise.all([streams.close(), ...peers.map((it) => it.close())]);
});

Deno.test("SipStreams.send() takes the named connection, else the one that ends there, else makes one", async () => {
  const { streams, connect } = set();
  await using listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  const accepted = listener[Symbol.asyncIterator]();
  const links: number[] = [];
  const note = (it: number) => void links.push(it);
  const to = { transport: "tcp", ...listener.local } as const;
  const peer = connect();
  await streams.send(ascii("a"), { ...to, connection: 1 }, note).catch(() => {});
  await streams.send(ascii("b"), { ...to, connection: 99 }, note);
  await streams.send(ascii("c"), to, note);
  assertEquals(links, [1, 2, 2]);
  const { value } = await accepted.next();
  await value?.close();
  await Promise.all([streams.close(), peer.close()]);
});

Deno.test("SipStreams.send() says that nobody listens", async () => {
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  const { local } = listener;
  await listener.close();
  const { streams } = set();
  const error = await assertRejects(
    () => streams.send(ascii("x"), { transport: "tcp", ...local }, () => {}),
    SottoError,
  );
  assertEquals(error.code, "transport/refused");
  await streams.close();
});
