/** Active and passive over real loopback sockets, TCP and TLS. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import type { WireRecord } from "../../../lib/base/wire_tap.ts";
import type { MsrpEvent } from "../../../lib/msrp/mod.ts";
import { SystemClock } from "../../../lib/session/clock.ts";
import {
  type ExpectedFingerprint,
  MsrpEndpoint,
  type MsrpEndpointOptions,
  type MsrpSession,
  type OpenOptions,
  type PreparedMsrp,
} from "../../../lib/session/msrp_endpoint.ts";
import { platformRandom } from "../../../lib/session/random.ts";
import {
  type Certificate,
  certificateFingerprint,
  connectTcp,
  makeSelfSignedCertificate,
} from "../../../lib/transport/mod.ts";

const HOST = "127.0.0.1";

function endpoint(options: Partial<MsrpEndpointOptions> = {}): MsrpEndpoint {
  return new MsrpEndpoint({ clock: new SystemClock(), random: platformRandom, ...options });
}

async function openBoth(
  active: PreparedMsrp,
  passive: PreparedMsrp,
  forActive: Partial<OpenOptions> = {},
  forPassive: Partial<OpenOptions> = {},
): Promise<[MsrpSession, MsrpSession]> {
  const common = { acceptTypes: ["text/*"], timeoutMs: 5_000 };
  return await Promise.all([
    active.open({ ...common, role: "active", remotePath: passive.localPath, ...forActive }),
    passive.open({ ...common, role: "passive", remotePath: active.localPath, ...forPassive }),
  ]);
}

async function nextOf<T extends MsrpEvent["type"]>(
  session: MsrpSession,
  type: T,
): Promise<Extract<MsrpEvent, { type: T }>> {
  const events = session.events[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`the session ended before ${type}`);
    if (value.type === type) return value as Extract<MsrpEvent, { type: T }>;
  }
}

async function readAll(session: MsrpSession): Promise<MsrpEvent[]> {
  const events: MsrpEvent[] = [];
  for await (const event of session.events) events.push(event);
  return events;
}

async function fingerprint(certificate: Certificate): Promise<ExpectedFingerprint> {
  return { hash: "sha-256", value: await certificateFingerprint(certificate.certPem) };
}

const hello = { contentType: "text/plain", body: utf8("hello"), successReport: true };

Deno.test("MsrpEndpoint carries messages and reports both ways over TCP", async () => {
  await using a = endpoint();
  await using b = endpoint();
  const [active, passive] = await openBoth(
    await a.prepare({ transport: "tcp", host: HOST, listen: false }),
    await b.prepare({ transport: "tcp", host: HOST }),
  );
  const readers = [readAll(active), readAll(passive)];
  const there = await active.send(hello);
  const back = await passive.send({ ...hello, body: utf8("and back") });
  assertEquals([there.status, back.status], ["delivered", "delivered"]);
  assertEquals(active.tls, undefined);
  assertEquals(active.remote, passive.local);
  await active.close();
  const [ofActive, ofPassive] = await Promise.all(readers);
  const bodies = (events: MsrpEvent[] | undefined): string[] =>
    (events ?? []).flatMap((it) =>
      it.type === "message-received" ? [new TextDecoder().decode(it.body)] : []
    );
  assertEquals(bodies(ofPassive), ["hello"]);
  assertEquals(bodies(ofActive), ["and back"]);
  assert(!passive.isOpen, "the passive side noticed the end");
});

Deno.test("MsrpEndpoint checks self-signed certificates by fingerprint in both roles", async () => {
  const [ours, theirs] = await Promise.all([
    makeSelfSignedCertificate({ commonName: "alice" }),
    makeSelfSignedCertificate({ commonName: "bob" }),
  ]);
  await using a = endpoint();
  await using b = endpoint();
  const [active, passive] = await openBoth(
    await a.prepare({ transport: "tls", host: HOST, certificate: ours }),
    await b.prepare({ transport: "tls", host: HOST, certificate: theirs }),
    { remoteFingerprint: await fingerprint(theirs) },
    {
      remoteFingerprint: {
        hash: "SHA-1",
        // The form of a=fingerprint: upper case with colons.
        value: (await certificateFingerprint(ours.certPem, "sha-1")).toUpperCase()
          .replace(/(..)(?!$)/g, "$1:"),
      },
    },
  );
  assertEquals(active.localPath[0]?.scheme, "msrps");
  assertEquals(passive.tls?.peerFingerprint, await certificateFingerprint(ours.certPem));
  assert(/^TLSv1\.[23]$/.test(active.tls?.protocol ?? ""));
  const reading = nextOf(passive, "message-received");
  const sent = active.send({ ...hello, successReport: false });
  assertEquals((await reading).body, hello.body);
  assertEquals((await sent).status, "sent");
});

Deno.test("MsrpEndpoint closes a connection whose server shows another certificate", async () => {
  const [theirs, other] = await Promise.all([
    makeSelfSignedCertificate({ commonName: "bob" }),
    makeSelfSignedCertificate({ commonName: "mallory" }),
  ]);
  await using a = endpoint();
  await using b = endpoint();
  const passive = await b.prepare({ transport: "tls", host: HOST, certificate: other });
  const active = await a.prepare({ transport: "tls", host: HOST, listen: false });
  const waiting = passive.open({
    role: "passive",
    remotePath: active.localPath,
    acceptTypes: ["*"],
    timeoutMs: 500,
  });
  const failed = assertRejects(() => waiting, SottoError);
  const error = await assertRejects(
    async () =>
      await active.open({
        role: "active",
        remotePath: passive.localPath,
        acceptTypes: ["*"],
        remoteFingerprint: await fingerprint(theirs),
      }),
    SottoError,
  );
  assertEquals(error.code, "session/tls-fingerprint-mismatch");
  assertEquals((await failed).code, "session/msrp-timeout");
});

Deno.test("MsrpEndpoint turns away a client with another certificate and waits for the right one", async () => {
  const [ours, theirs, other] = await Promise.all([
    makeSelfSignedCertificate({ commonName: "alice" }),
    makeSelfSignedCertificate({ commonName: "bob" }),
    makeSelfSignedCertificate({ commonName: "mallory" }),
  ]);
  await using a = endpoint();
  await using b = endpoint();
  await using m = endpoint();
  const passive = await b.prepare({ transport: "tls", host: HOST, certificate: theirs });
  const active = await a.prepare({
    transport: "tls",
    host: HOST,
    listen: false,
    certificate: ours,
  });
  const waiting = passive.open({
    role: "passive",
    remotePath: active.localPath,
    acceptTypes: ["*"],
    remoteFingerprint: await fingerprint(ours),
    timeoutMs: 5_000,
  });
  for (const certificate of [other, undefined]) {
    const wrong = await m.prepare({ transport: "tls", host: HOST, listen: false, certificate });
    const refused = await assertRejects(
      () =>
        wrong.open({
          role: "active",
          remotePath: passive.localPath,
          acceptTypes: ["*"],
          allowUntrusted: true,
        }),
      SottoError,
    );
    assert(
      ["session/msrp-refused", "session/msrp-closed", "transport/reset"].includes(refused.code),
    );
  }
  const [active1, passive1] = await Promise.all([
    active.open({
      role: "active",
      remotePath: passive.localPath,
      acceptTypes: ["*"],
      remoteFingerprint: await fingerprint(theirs),
    }),
    waiting,
  ]);
  assertEquals(passive1.tls?.peerFingerprint, await certificateFingerprint(ours.certPem));
  assertEquals(active1.id.length, 24);
});

Deno.test("MsrpEndpoint says why nobody came: only a client with another certificate did", async () => {
  const theirs = await makeSelfSignedCertificate({ commonName: "bob" });
  await using b = endpoint();
  await using m = endpoint();
  const passive = await b.prepare({ transport: "tls", host: HOST, certificate: theirs });
  const wrong = await m.prepare({ transport: "tls", host: HOST, listen: false });
  const waiting = passive.open({
    role: "passive",
    remotePath: wrong.localPath,
    acceptTypes: ["*"],
    remoteFingerprint: { hash: "sha-256", value: "00".repeat(32) },
    timeoutMs: 400,
  });
  const [error] = await Promise.all([
    assertRejects(() => waiting, SottoError),
    assertRejects(() =>
      wrong.open({
        role: "active",
        remotePath: passive.localPath,
        acceptTypes: ["*"],
        allowUntrusted: true,
      })
    ),
  ]);
  assertEquals(error.code, "session/tls-fingerprint-mismatch");
});

Deno.test("MsrpEndpoint without a fingerprint refuses a certificate that nobody vouches for", async () => {
  const theirs = await makeSelfSignedCertificate({ commonName: "bob" });
  await using a = endpoint();
  await using b = endpoint();
  const passive = await b.prepare({ transport: "tls", host: HOST, certificate: theirs });
  const active = await a.prepare({ transport: "tls", host: HOST, listen: false });
  const error = await assertRejects(
    () => active.open({ role: "active", remotePath: passive.localPath, acceptTypes: ["*"] }),
    SottoError,
  );
  assertEquals(error.code, "transport/tls-untrusted");
  await passive.close();
});

Deno.test("MsrpEndpoint outlives connections to its port that are not the peer's", async () => {
  await using a = endpoint();
  await using b = endpoint();
  const passive = await b.prepare({ transport: "tcp", host: HOST });
  const active = await a.prepare({ transport: "tcp", host: HOST, listen: false });
  const opening = passive.open({
    role: "passive",
    remotePath: active.localPath,
    acceptTypes: ["*"],
    timeoutMs: 5_000,
  });
  const port = passive.localPath[0]?.port ?? 0;
  const junk = await connectTcp({ host: HOST, port });
  const writer = junk.writable.getWriter();
  await writer.write(utf8("GET / HTTP/1.1\r\n\r\n"));
  assertEquals((await junk.readable.getReader().read()).done, true);
  await junk.close();
  const stray = await connectTcp({ host: HOST, port });
  const strayWriter = stray.writable.getWriter();
  await strayWriter.write(utf8(
    `MSRP abcd SEND\r\nTo-Path: msrp://${HOST}:${port}/guessed;tcp\r\n` +
      `From-Path: msrp://${HOST}:9/x;tcp\r\nMessage-ID: 1234\r\n-------abcd$\r\n`,
  ));
  const answer = await stray.readable.getReader().read();
  assert(new TextDecoder().decode(answer.value).startsWith("MSRP abcd 481 "));
  await stray.close();
  const [one, other] = await Promise.all([
    active.open({ role: "active", remotePath: passive.localPath, acceptTypes: ["*"] }),
    opening,
  ]);
  assert(one.isOpen && other.isOpen);
});

Deno.test("MsrpEndpoint gives up after too many strangers", async () => {
  await using b = endpoint({ strangerLimit: 2 });
  const passive = await b.prepare({ transport: "tcp", host: HOST });
  const opening = passive.open({
    role: "passive",
    remotePath: passive.localPath,
    acceptTypes: ["*"],
  });
  const rejected = assertRejects(() => opening, SottoError);
  for (let count = 0; count < 2; count++) {
    const junk = await connectTcp({ host: HOST, port: passive.localPath[0]?.port ?? 0 });
    await junk.writable.getWriter().write(utf8("junk"));
    await junk.readable.getReader().read();
    await junk.close();
  }
  assertEquals((await rejected).code, "session/msrp-strangers");
});

Deno.test("MsrpEndpoint gives up in time and when it is told to", async () => {
  await using b = endpoint();
  const open = (prepared: PreparedMsrp, options: Partial<OpenOptions>): Promise<MsrpSession> =>
    prepared.open({
      role: "passive",
      remotePath: prepared.localPath,
      acceptTypes: ["*"],
      ...options,
    });
  const late = await b.prepare({ transport: "tcp", host: HOST });
  const error = await assertRejects(() => open(late, { timeoutMs: 20 }), SottoError);
  assertEquals(error.code, "session/msrp-timeout");
  const stopped = await b.prepare({ transport: "tcp", host: HOST });
  const stop = new AbortController();
  const stopping = open(stopped, { signal: stop.signal });
  stop.abort(new Error("enough"));
  await assertRejects(() => stopping, Error, "enough");
  await assertRejects(() => open(stopped, {}), TypeError, "used already");
  const deaf = await b.prepare({ transport: "tcp", host: HOST, listen: false });
  assertEquals(deaf.canListen, false);
  assertEquals(deaf.localPath[0]?.port, 9);
  await assertRejects(() => open(deaf, {}), TypeError, "does not listen");
});

Deno.test("MsrpEndpoint reports a refused connection with the transport's code", async () => {
  await using a = endpoint();
  const gone = await a.prepare({ transport: "tcp", host: HOST });
  await gone.close();
  const active = await a.prepare({ transport: "tcp", host: HOST, listen: false });
  const error = await assertRejects(
    () => active.open({ role: "active", remotePath: gone.localPath, acceptTypes: ["*"] }),
    SottoError,
  );
  assertEquals(error.code, "transport/refused");
});

Deno.test("MsrpEndpoint moves large bodies both ways at once", async () => {
  await using a = endpoint();
  await using b = endpoint();
  const [active, passive] = await openBoth(
    await a.prepare({ transport: "tcp", host: HOST, listen: false }),
    await b.prepare({ transport: "tcp", host: HOST }),
  );
  const body = platformRandom(65_536);
  const large = new Uint8Array(3_000_000);
  for (let at = 0; at < large.length; at++) large[at] = body[at % body.length] ?? 0;
  const message = { contentType: "text/plain", body: large, successReport: true };
  const [there, back] = [active.send(message), passive.send(message)];
  const [got, other] = await Promise.all([
    nextOf(passive, "message-received"),
    nextOf(active, "message-received"),
  ]);
  assert(got.body.length === large.length && got.body.every((it, at) => it === large[at]));
  assert(other.body.every((it, at) => it === large[at]));
  // The reports leave when the readers ask for what comes next.
  void passive.events[Symbol.asyncIterator]().next();
  void active.events[Symbol.asyncIterator]().next();
  assertEquals([(await there).status, (await back).status], ["delivered", "delivered"]);
});

Deno.test("MsrpSession.report() decides before the automatic report does", async () => {
  await using a = endpoint();
  await using b = endpoint();
  const [active, passive] = await openBoth(
    await a.prepare({ transport: "tcp", host: HOST, listen: false }),
    await b.prepare({ transport: "tcp", host: HOST }),
  );
  const sent = active.send(hello);
  for await (const event of passive.events) {
    if (event.type !== "message-received") continue;
    passive.report(event.messageId, 400, "not for me");
    void passive.close();
  }
  assertEquals(await sent, {
    messageId: (await sent).messageId,
    status: "failed",
    cause: "report",
    code: 400,
    comment: "not for me",
  });
});

Deno.test("MsrpSession settles what is on its way when the connection is lost", async () => {
  await using a = endpoint();
  await using b = endpoint();
  const [active, passive] = await openBoth(
    await a.prepare({ transport: "tcp", host: HOST, listen: false }),
    await b.prepare({ transport: "tcp", host: HOST }),
  );
  const sent = active.send(hello);
  const reader = nextOf(passive, "message-received");
  await reader;
  // Received and answered, and the connection goes before its reader asks for more.
  await passive.close();
  assert(["unconfirmed", "failed"].includes((await sent).status));
  await assertRejects(() => active.send(hello), SottoError);
});

Deno.test("MsrpSession.drain() waits for the answers, but not for ever", async () => {
  await using a = endpoint();
  await using b = endpoint();
  const [active, passive] = await openBoth(
    await a.prepare({ transport: "tcp", host: HOST, listen: false }),
    await b.prepare({ transport: "tcp", host: HOST }),
  );
  const clock = new SystemClock();
  const sent = active.send(hello);
  await active.drain(clock, 5_000);
  assertEquals((await nextOf(passive, "message-received")).body, hello.body);
  await active.close();
  assertEquals((await sent).status, "unconfirmed");
});

Deno.test("MsrpEndpoint records one frame a record", async () => {
  const records: WireRecord[] = [];
  await using a = endpoint({ tap: (record) => records.push(record) });
  await using b = endpoint();
  const [active, passive] = await openBoth(
    await a.prepare({ transport: "tcp", host: HOST, listen: false }),
    await b.prepare({ transport: "tcp", host: HOST }),
  );
  const reading = readAll(passive);
  const large = { contentType: "text/plain", body: new Uint8Array(200_000).fill(0x61) };
  await Promise.all([active.send(hello), active.send(large), active.send(hello)]);
  await active.close();
  await reading;
  const decoder = new TextDecoder();
  const shown = records.map(({ direction, data }) => {
    const text = decoder.decode(data);
    assert(text.endsWith("\r\n"), "a record ends with its frame");
    return `${direction} ${/^MSRP \S+ (\S+)/.exec(text)?.[1]}`;
  });
  assertEquals(shown.filter((it) => it === "out SEND").length, 4);
  assertEquals(shown.filter((it) => it === "in 200").length, 4);
  assertEquals(shown.filter((it) => it === "in REPORT").length, 2);
  assertEquals(records.every((it) => it.protocol === "msrp" && it.transport === "tcp"), true);
});

Deno.test("MsrpEndpoint puts several sessions on one connection and one port", async () => {
  await using a = endpoint({ reuseConnections: true });
  await using b = endpoint();
  const spare = Deno.listen({ hostname: HOST, port: 0 });
  const { port } = spare.addr as Deno.NetAddr;
  spare.close();
  const prepare = async (): Promise<[PreparedMsrp, PreparedMsrp]> => [
    await a.prepare({ transport: "tcp", host: HOST, listen: false }),
    await b.prepare({ transport: "tcp", host: HOST, port }),
  ];
  const [first, second] = [await prepare(), await prepare()];
  const [active1, passive1] = await openBoth(...first);
  const [active2, passive2] = await openBoth(...second);
  assertEquals(active1.local, active2.local);
  const readers = [readAll(passive1), readAll(passive2)];
  await Promise.all([active1.send(hello), active2.send({ ...hello, body: utf8("second") })]);
  await active1.close();
  assert(active2.isOpen && passive2.isOpen, "the other session goes on");
  assertEquals((await active2.send(hello)).status, "delivered");
  await active2.close();
  await passive1.close();
  const counts = (await Promise.all(readers)).map((events) =>
    events.filter((it) => it.type === "message-received").length
  );
  assertEquals(counts, [1, 2]);
});

Deno.test("MsrpEndpoint answers 506 to a second connection for a session (MSRP-061)", async () => {
  await using a = endpoint();
  await using b = endpoint();
  await using thief = endpoint();
  const spare = Deno.listen({ hostname: HOST, port: 0 });
  const { port } = spare.addr as Deno.NetAddr;
  spare.close();
  // A second prepared session keeps the shared port open.
  const passive = await b.prepare({ transport: "tcp", host: HOST, port });
  await using _other = await b.prepare({ transport: "tcp", host: HOST, port });
  await openBoth(await a.prepare({ transport: "tcp", host: HOST, listen: false }), passive);
  const second = await thief.prepare({ transport: "tcp", host: HOST, listen: false });
  const error = await assertRejects(
    () => second.open({ role: "active", remotePath: passive.localPath, acceptTypes: ["*"] }),
    SottoError,
  );
  assertEquals(error.code, "session/msrp-refused");
  assert(error.message.includes("506"));
});
