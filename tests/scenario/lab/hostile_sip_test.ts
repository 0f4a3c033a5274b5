/** Peers that mean no good, on real sockets; and somebody who only wants to be reached meanwhile. */
import { assert, assertEquals } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import type { SipServer } from "../../../lib/lab/sip_server.ts";
import {
  bindUdp,
  type ByteStream,
  connectTcp,
  makeSelfSignedCertificate,
} from "../../../lib/transport/mod.ts";
import {
  openLabSip,
  placeOf,
  type RawPeer,
  rawRequest,
  rawResponse,
  rawStream,
} from "../../helpers/lab_sip.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";
import { fixtures } from "../../../tools/fuzz/target.ts";

/** Two honest people at a server that knows no passwords: bob is registered. */
class Honest implements AsyncDisposable {
  readonly #alice: RawPeer;
  readonly #bob: RawPeer;

  private constructor(alice: RawPeer, bob: RawPeer) {
    this.#alice = alice;
    this.#bob = bob;
  }

  static async meet(server: SipServer): Promise<Honest> {
    const bob = await rawStream(server);
    await bob.send(rawRequest("REGISTER", "bob", bob.local, "tcp", "sip:127.0.0.1"));
    const registered = await bob.next();
    assert(registered.kind === "response");
    assertEquals(registered.status, 200);
    const honest = new Honest(await rawStream(server), bob);
    await honest.talk();
    return honest;
  }

  /** A message gets through, and its answer back. */
  async talk(): Promise<void> {
    const cut = Promise.race([this.#alice.over, this.#bob.over]).then(() => {
      throw new Error("the server cut somebody honest");
    });
    await Promise.race([this.#exchange(), cut]);
    cut.catch(() => {}); // It ends after all was said.
  }

  async #exchange(): Promise<void> {
    await this.#alice.send(
      rawRequest("MESSAGE", "alice", this.#alice.local, "tcp", "sip:bob@127.0.0.1"),
    );
    const message = await this.#bob.next();
    assert(message.kind === "request");
    await this.#bob.send(rawResponse(message, 202));
    const response = await this.#alice.next();
    assert(response.kind === "response");
    assertEquals(response.status, 202);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#alice[Symbol.asyncDispose]();
    await this.#bob[Symbol.asyncDispose]();
  }
}

const TCP_AND_UDP = (["tcp", "udp"] as const).map((transport) => ({
  host: "127.0.0.1",
  port: 0,
  transport,
}));

/** Somebody new asks the server what it is, and is told. */
async function newcomer(server: SipServer): Promise<void> {
  await using peer = await rawStream(server);
  await peer.send(rawRequest("OPTIONS", "carol", peer.local, "tcp", "sip:127.0.0.1"));
  const response = await peer.next();
  assert(response.kind === "response");
  assertEquals(response.status, 200);
}

Deno.test("SipServer lives through ten thousand connections, and everybody else is served meanwhile", async () => {
  await using server = await openLabSip({
    listen: TCP_AND_UDP,
    isOpen: true,
    limits: { connections: 100 },
  });
  await using honest = await Honest.meet(server);
  const to = placeOf(server, "tcp");
  const held: ByteStream[] = [];
  for (let batch = 0; batch < 100; batch++) {
    const opened = await Promise.all(Array.from({ length: 100 }, async (_, index) => {
      const stream = await connectTcp(to);
      // A third says nothing, a third begins a message, a third sends nonsense.
      const text =
        ["", "INVITE sip:bob@127.0.0.1 SIP/2.0\r\nVia:", "\0\0\0\0\r\n\r\n"][index % 3] ?? "";
      await stream.writable.getWriter().write(utf8(text)).catch(ignored);
      return stream;
    }));
    held.push(...opened);
    await honest.talk();
    if (batch % 10 === 0) await newcomer(server);
    assert(server.load.connections <= 100, `${server.load.connections} connections`);
    // The system has no more sockets for the attacker than for anybody else.
    await Promise.all(held.splice(0, held.length - 200).map((it) => it.close()));
  }
  await newcomer(server);
  await honest.talk();
  await Promise.all(held.map((it) => it.close()));
});

Deno.test("SipServer over TLS lets nobody be kept out by clients that never shake hands", async () => {
  const certificate = await makeSelfSignedCertificate({ commonName: "lab@127.0.0.1" });
  await using server = await openLabSip({
    listen: [{ host: "127.0.0.1", port: 0, transport: "tls" }],
    tls: { certificate },
  });
  const to = placeOf(server, "tls");
  const held: ByteStream[] = [];
  for (let batch = 0; batch < 4; batch++) {
    held.push(...await Promise.all(Array.from({ length: 100 }, () => connectTcp(to))));
  }
  await using peer = await rawStream(server, "tls");
  await peer.send(rawRequest("OPTIONS", "carol", peer.local, "tls", "sip:127.0.0.1"));
  const response = await peer.next();
  assert(response.kind === "response");
  assertEquals(response.status, 200);
  await Promise.all(held.map((it) => it.close()));
});

Deno.test("SipServer cuts who dribbles, and nobody waits for it", async () => {
  await using server = await openLabSip({
    listen: TCP_AND_UDP,
    isOpen: true,
    limits: { messageTime: 300 },
  });
  await using honest = await Honest.meet(server);
  await using dribbler = await rawStream(server);
  let isOver = false;
  void dribbler.over.then(() => isOver = true);
  const text = rawRequest("OPTIONS", "mallory", dribbler.local, "tcp", "sip:127.0.0.1");
  for (let at = 0; !isOver; at = (at + 1) % (text.length - 1)) {
    await dribbler.send(text[at] ?? "").catch(ignored);
    await honest.talk();
  }
});

Deno.test("SipServer ends a connection that is closed or cut in the middle of a message, and forgets it", async () => {
  await using server = await openLabSip({ listen: TCP_AND_UDP, isOpen: true });
  await using honest = await Honest.meet(server);
  const before = server.load.connections;
  for (let attack = 0; attack < 50; attack++) {
    const peer = await rawStream(server);
    const text = rawRequest("INVITE", "mallory", peer.local, "tcp", "sip:bob@127.0.0.1");
    await peer.send(text.slice(0, 1 + attack * 4));
    await peer[Symbol.asyncDispose]();
  }
  await honest.talk();
  while (server.load.connections > before) await honest.talk();
});

Deno.test("SipServer takes every torture message over both transports, and goes on", async () => {
  await using server = await openLabSip({ listen: TCP_AND_UDP, isOpen: true });
  await using honest = await Honest.meet(server);
  const messages = [...fixtures("sip/torture", /\.dat$/), ...fixtures("sip/ipv6", /\.dat$/)];
  assert(messages.length > 49);
  await using udp = await bindUdp({ host: "127.0.0.1", port: 0 });
  for (const message of messages) {
    await udp.send(message, placeOf(server, "udp"));
    const peer = await rawStream(server);
    await peer.send(message).catch(ignored);
    await honest.talk();
    await peer[Symbol.asyncDispose]();
  }
});

Deno.test("SipServer takes floods of datagrams, and remembers nothing of strangers", async () => {
  await using server = await openLabSip({ listen: TCP_AND_UDP });
  const random = seededRandom(5);
  await using udp = await bindUdp({ host: "127.0.0.1", port: 0 });
  const to = placeOf(server, "udp");
  for (let round = 0; round < 30; round++) {
    for (let count = 0; count < 100; count++) {
      const method = ["INVITE", "REGISTER", "MESSAGE", "CANCEL", "ACK"][count % 5] ?? "";
      await udp.send(
        utf8(rawRequest(method, "mallory", udp.local, "udp", "sip:bob@127.0.0.1")),
        to,
      );
      await udp.send(random(1 + count), to);
    }
    await newcomer(server);
  }
  assertEquals(server.load.transactions, 0);
  assertEquals(server.load.pending, 0);
});

Deno.test("SipServer lets nobody fill its memory by not reading", async () => {
  await using server = await openLabSip({ listen: TCP_AND_UDP, isOpen: true });
  await using honest = await Honest.meet(server);
  const stream = await connectTcp(placeOf(server, "tcp"));
  const writer = stream.writable.getWriter();
  let isOver = false;
  const text = utf8(
    rawRequest("OPTIONS", "mallory", stream.local, "tcp", "sip:127.0.0.1", [
      `X-Long: ${"x".repeat(500)}`,
      ...Array.from(
        { length: 60 },
        (_, it) => `Via: SIP/2.0/TCP h${it}.example;branch=z9hG4bK${"y".repeat(200)}`,
      ),
    ]).repeat(20),
  );
  // Nothing of what it answers is read: the system's buffers fill, then ours, then it is cut.
  for (let turn = 0; turn < 2_000 && !isOver; turn++) {
    const soon = Promise.withResolvers<void>();
    const timer = setTimeout(soon.resolve, 5);
    await Promise.race([writer.write(text).catch(() => isOver = true), soon.promise]);
    clearTimeout(timer);
    if (turn % 50 === 0) await honest.talk();
  }
  assert(isOver, "it was never cut");
  await stream.close();
  await honest.talk();
});

/** What happens to an attacker's own socket is no concern of these tests. */
function ignored(error: unknown): void {
  if (!(error instanceof SottoError)) throw error;
}
