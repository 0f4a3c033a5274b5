import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { parseFault } from "../../../lib/lab/fault.ts";
import { faultyNetwork } from "../../../lib/lab/faulty_network.ts";
import { PathRewriter } from "../../../lib/lab/path_rewriter.ts";
import {
  type ByteStream,
  type Datagram,
  type DatagramSocket,
  memoryStreamPair,
} from "../../../lib/transport/mod.ts";
import { ManualClock, settle } from "../../helpers/manual_clock.ts";
import { frame, sendFrame } from "../../helpers/msrp_peer.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

interface Ends {
  readonly clock: ManualClock;
  readonly near: ByteStream;
  readonly far: ByteStream;
}

/** A stream whose near end has the fault. */
function ends(fault: string, protocol: "sip" | "msrp" = "msrp", seed = 1): Ends {
  const clock = new ManualClock();
  const network = faultyNetwork(parseFault(fault), { clock, random: seededRandom(seed) });
  const [near, far] = memoryStreamPair();
  return { clock, near: network[protocol].stream?.(near) ?? near, far };
}

/** What comes out of a stream, piece by piece. */
function pieces(stream: ByteStream): string[] {
  const seen: string[] = [];
  void stream.readable.pipeTo(
    new WritableStream({ write: (bytes) => void seen.push(latin1(bytes)) }),
  ).then(() => seen.push("end"), () => seen.push("cut"));
  return seen;
}

Deno.test("faultyNetwork() delays both directions, whatever is under way", async () => {
  const { clock, near, far } = ends("delay=200ms");
  const [atNear, atFar] = [pieces(near), pieces(far)];
  const [fromNear, fromFar] = [near.writable.getWriter(), far.writable.getWriter()];
  await fromNear.write(fromLatin1("a"));
  await fromNear.write(fromLatin1("b"));
  await fromFar.write(fromLatin1("c"));
  await clock.advance(199);
  assertEquals([atNear, atFar], [[], []]);
  await clock.advance(1);
  assertEquals([atNear, atFar], [["c"], ["a", "b"]]);
  await fromNear.write(fromLatin1("last"));
  const closing = near.close();
  await clock.advance(200);
  await closing;
  await settle();
  assertEquals(atFar, ["a", "b", "last", "end"], "what was under way still arrives");
  await far.close();
});

Deno.test("faultyNetwork() splits streams", async () => {
  const { near, far } = ends("split");
  const atFar = pieces(far);
  await near.writable.getWriter().write(fromLatin1("MSRP"));
  await settle();
  assertEquals(atFar, ["M", "S", "R", "P"]);
  await near.close();
  await far.close();
});

Deno.test("faultyNetwork() loses frames of MSRP by the dice, the same for the same seed", async () => {
  const run = async (seed: number): Promise<string> => {
    const { near, far } = ends("drop=50%", "msrp", seed);
    const atFar = pieces(far);
    const writer = near.writable.getWriter();
    for (let count = 10; count < 60; count++) {
      await writer.write(fromLatin1(sendFrame("x", { transactionId: `tid000${count}` })));
    }
    await settle();
    await near.close();
    await far.close();
    return [...atFar.join("").matchAll(/MSRP tid000(\d+) SEND/g)].map((it) => it[1]).join(" ");
  };
  const once = await run(1);
  assertEquals(await run(1), once);
  assert(await run(2) !== once);
  const count = once.split(" ").length;
  assert(count > 10 && count < 40, `${count} of 50`);
});

Deno.test("faultyNetwork() cuts a stream after so many frames of both directions", async () => {
  const { near, far } = ends("close-after=3");
  const [atNear, atFar] = [pieces(near), pieces(far)];
  const writer = near.writable.getWriter();
  await writer.write(fromLatin1(sendFrame("one")));
  await far.writable.getWriter().write(fromLatin1(frame("200 OK")));
  await settle();
  assertEquals([atNear.length, atFar.length], [1, 1]);
  await writer.write(fromLatin1(sendFrame("two")));
  await settle();
  assertEquals(atFar.length, 3, "the last frame, and the end");
  assert(["end", "cut"].includes(atNear.at(-1) ?? ""));
  await assertRejects(() => writer.write(fromLatin1("more")));
  await far.close();
});

Deno.test("faultyNetwork() counts messages of SIP, and loses none of a stream", async () => {
  const { near, far } = ends("close-after=2,drop=100%", "sip");
  const atFar = pieces(far);
  const writer = near.writable.getWriter();
  const message = "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n";
  await writer.write(fromLatin1(message));
  await writer.write(fromLatin1(message));
  await settle();
  assertEquals(atFar.join("").split("OPTIONS").length, 3);
  assertEquals(atFar.at(-1), "end");
  await near.close();
  await far.close();
});

/** Two sockets that throw datagrams at each other. */
function sockets(): [DatagramSocket, DatagramSocket] {
  const made = [0, 1].map((it) => {
    const { readable, writable } = new TransformStream<Datagram, Datagram>(
      undefined,
      { highWaterMark: 100 },
      { highWaterMark: 100 },
    );
    return { local: { host: "127.0.0.1", port: it }, readable, writer: writable.getWriter() };
  });
  return [0, 1].map((it): DatagramSocket => {
    const [own, other] = [made[it], made[1 - it]];
    if (own === undefined || other === undefined) throw new Error("unreachable");
    const close = async (): Promise<void> => void await own.writer.close().catch(() => {});
    return {
      local: own.local,
      send: (data) => other.writer.write({ data, from: own.local }),
      async *[Symbol.asyncIterator](): AsyncGenerator<Datagram, undefined> {
        yield* own.readable;
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  }) as [DatagramSocket, DatagramSocket];
}

Deno.test("faultyNetwork() delays and loses datagrams, and rewrites what they describe", async () => {
  const clock = new ManualClock();
  await using rewriter = new PathRewriter();
  const { sip } = faultyNetwork(parseFault("delay=100ms,rewrite-path"), {
    clock,
    random: seededRandom(1),
    rewriter,
  });
  const [one, two] = sockets();
  const near = sip.datagrams?.(one) ?? one;
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { data } of two) seen.push(latin1(data));
  })();
  const nearSeen: string[] = [];
  const nearReading = (async () => {
    for await (const { data } of near) nearSeen.push(latin1(data));
  })();
  const sdp = "m=message 9 TCP/MSRP *\r\na=path:msrp://127.0.0.1:9/abc;tcp\r\n";
  const message = `INVITE sip:a@b SIP/2.0\r\nContent-Type: application/sdp\r\n\r\n${sdp}`;
  await near.send(fromLatin1(message), two.local);
  await two.send(fromLatin1("back"), near.local);
  await clock.advance(99);
  assertEquals([seen, nearSeen], [[], []]);
  await clock.advance(1);
  assertEquals(nearSeen, ["back"]);
  assertEquals(seen.length, 1);
  assertEquals(/127\.0\.0\.1:9\//.test(seen[0] ?? ""), false);
  assert(/a=path:msrp:\/\/127\.0\.0\.1:\d+\/abc;tcp/.test(seen[0] ?? ""));
  await near.close();
  await two.close();
  await Promise.all([reading, clock.advance(100), nearReading]);

  const lossy = faultyNetwork(parseFault("drop=100%"), { clock, random: seededRandom(1) });
  const [three, four] = sockets();
  const lost = lossy.sip.datagrams?.(three) ?? three;
  await lost.send(fromLatin1("gone"), four.local);
  await lost.close();
  await four.close();
  const left: Datagram[] = [];
  for await (const it of four) left.push(it);
  assertEquals(left, []);
});
