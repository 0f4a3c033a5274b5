/** Two connections for one session: the rule, and a peer that is scripted on real sockets. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { type MsrpUri, parseMsrpPath, writeMsrpPath } from "../../../lib/msrp/mod.ts";
import type { Clock } from "../../../lib/session/clock.ts";
import { MsrpEndpoint, platformRandom, SystemClock } from "../../../lib/session/mod.ts";
import { yieldsTo } from "../../../lib/session/msrp_glare.ts";
import {
  type ByteStream,
  connectTcp,
  type Listener,
  listenTcp,
} from "../../../lib/transport/mod.ts";
import { listen } from "../../helpers/relayed_media.ts";

/** Fifty times as fast as the others. */
class HastyClock extends SystemClock implements Clock {
  override reached(deadline: number | undefined, signal?: AbortSignal): Promise<void> {
    if (deadline === undefined) return super.reached(deadline, signal);
    return super.reached(this.now() + (deadline - this.now()) / 50, signal);
  }
}

async function endpoint(clock: Clock = new SystemClock()) {
  const made = new MsrpEndpoint({ clock, random: platformRandom });
  const prepared = await made.prepare({ transport: "tcp", host: "127.0.0.1" });
  return { made, prepared, [Symbol.asyncDispose]: () => made.close() };
}

const opening = (remotePath: readonly MsrpUri[]) =>
  ({ role: "active", remotePath, acceptTypes: ["*"], timeoutMs: 20_000 }) as const;

Deno.test("yieldsTo() lets exactly one of two yield", () => {
  assertEquals([yieldsTo("a", "b"), yieldsTo("b", "a")], [false, true]);
});

Deno.test("two of ours that both connect end on one connection, which carries both ways", async () => {
  for (let round = 0; round < 8; round++) {
    await using a = await endpoint();
    await using b = await endpoint();
    const [left, right] = await Promise.all([
      a.prepared.open(opening(b.prepared.localPath)),
      b.prepared.open(opening(a.prepared.localPath)),
    ]);
    assertEquals([left.local.port, left.remote.port], [right.remote.port, right.local.port]);
    const smaller = left.id < right.id ? left : right;
    const itsListener = left.id < right.id ? a.prepared.localPath : b.prepared.localPath;
    assert(smaller.local.port !== itsListener[0]?.port, "the smaller session-id connects");
    const heard = [listen(left), listen(right)];
    const body = new TextEncoder().encode("hello");
    const message = { contentType: "text/plain", body, successReport: true };
    const fates = await Promise.all([left.send(message), right.send(message)]);
    assertEquals(fates.map((it) => it.status), ["delivered", "delivered"]);
    assertEquals(heard.map((it) => it.texts), [["hello"], ["hello"]]);
    assert(left.isOpen && right.isOpen);
  }
});

/** A peer that listens and connects, and answers what `answers` says. */
class ScriptedPeer implements AsyncDisposable {
  readonly #listener: Listener;
  readonly #streams: ByteStream[] = [];
  readonly id: string;
  readonly ends: Promise<string>[] = [];

  private constructor(listener: Listener, id: string) {
    this.#listener = listener;
    this.id = id;
  }

  static async start(id: string, answers: "nothing" | "200" | "481"): Promise<ScriptedPeer> {
    const peer = new ScriptedPeer(await listenTcp({ host: "127.0.0.1", port: 0 }), id);
    void (async () => {
      for await (const stream of peer.#listener) {
        peer.#streams.push(stream);
        peer.ends.push(peer.#read(stream, answers));
      }
    })();
    return peer;
  }

  get path(): readonly MsrpUri[] {
    return parseMsrpPath(`msrp://127.0.0.1:${this.#listener.local.port}/${this.id};tcp`);
  }

  /** Connects to us and sends what binds; gives the first line of the answer. */
  async connect(to: readonly MsrpUri[]): Promise<string> {
    const stream = await connectTcp({ host: "127.0.0.1", port: to[0]?.port ?? 0 });
    this.#streams.push(stream);
    const writer = stream.writable.getWriter();
    await writer.write(fromLatin1(
      `MSRP peers123 SEND\r\nTo-Path: ${writeMsrpPath(to)}\r\nFrom-Path: ${
        writeMsrpPath(this.path)
      }\r\nMessage-ID: bind1234\r\nByte-Range: 1-0/0\r\n-------peers123$\r\n`,
    ));
    writer.releaseLock();
    for await (const bytes of stream.readable) return latin1(bytes).split("\r\n")[0] ?? "";
    return "closed";
  }

  async #read(stream: ByteStream, answers: "nothing" | "200" | "481"): Promise<string> {
    let seen = "";
    try {
      for await (const bytes of stream.readable) {
        seen += latin1(bytes);
        const id = /^MSRP (\S+) SEND/.exec(seen)?.[1];
        if (id === undefined || answers === "nothing") continue;
        const field = (name: string) => new RegExp(`${name}: (.*)\r\n`).exec(seen)?.[1];
        const writer = stream.writable.getWriter();
        await writer.write(fromLatin1(
          `MSRP ${id} ${answers} x\r\nTo-Path: ${field("From-Path")}\r\nFrom-Path: ${
            field("To-Path")
          }\r\n-------${id}$\r\n`,
        ));
        writer.releaseLock();
        seen = "";
      }
    } catch {
      // Reset is an end as well.
    }
    return "ended";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close();
    await Promise.all(this.#streams.map((it) => it.close()));
  }
}

for (const [id, what] of [["0", "we yield to"], ["z", "would have to yield"]] as const) {
  Deno.test(`a foreign peer that ${what}, and that answers nothing, is met on its own connection`, async () => {
    await using ours = await endpoint(new HastyClock());
    await using peer = await ScriptedPeer.start(id, "nothing");
    const opened = ours.prepared.open({ ...opening(peer.path), timeoutMs: 600_000 });
    assertEquals(await peer.connect(ours.prepared.localPath), "MSRP peers123 200 OK");
    const session = await opened;
    assertEquals(session.local.port, ours.prepared.localPath[0]?.port);
    assertEquals(await Promise.all(peer.ends), peer.ends.map(() => "ended"));
    assert(session.isOpen, "the end of the other connection is no failure");
  });
}

Deno.test("a foreign peer that refuses our connection is met on its own", async () => {
  for (const id of ["0", "z"]) {
    await using ours = await endpoint();
    await using peer = await ScriptedPeer.start(id, "481");
    const opened = ours.prepared.open(opening(peer.path));
    assertEquals(await peer.connect(ours.prepared.localPath), "MSRP peers123 200 OK");
    assert((await opened).isOpen);
  }
});

Deno.test("a peer that refuses, and does not connect, is what it was: a refusal", async () => {
  for (const id of ["0", "z"]) {
    await using ours = await endpoint();
    await using peer = await ScriptedPeer.start(id, "481");
    const error = await assertRejects(() => ours.prepared.open(opening(peer.path)), SottoError);
    assertEquals(error.code, "session/msrp-refused");
  }
});

Deno.test("a peer that answers 200 and connects nevertheless: our connection stays", async () => {
  await using ours = await endpoint();
  await using peer = await ScriptedPeer.start("z", "200");
  const session = await ours.prepared.open(opening(peer.path));
  assert(session.local.port !== ours.prepared.localPath[0]?.port);
  await assertRejects(() => peer.connect(ours.prepared.localPath));
  assert(session.isOpen);
});
