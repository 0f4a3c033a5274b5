/** Whole sessions with MSRP over TLS, which is what is offered when nobody says otherwise (RFC 4975 §14, RFC 8122). */
import { assertEquals, assertMatch } from "@std/assert";
import {
  type Certificate,
  certificateFingerprint,
  makeSelfSignedCertificate,
} from "../../../lib/transport/mod.ts";
import { settle } from "../../helpers/manual_clock.ts";
import { SipPhone, type SipText } from "../../helpers/session_phone.ts";
import { SessionUnderTest } from "../../helpers/session_under_test.ts";
import { inTime } from "../../helpers/session_watchdog.ts";

const ALICE = await makeSelfSignedCertificate({ commonName: "alice" });
const BOB = await makeSelfSignedCertificate({ commonName: "bob" });
const MALLORY = await makeSelfSignedCertificate({ commonName: "mallory" });

for (const setup of ["active", "passive", "actpass"] as const) {
  Deno.test(`TLS, offered ${setup}: two sessions encrypt, talk, verify and end`, async () => {
    await using bob = await SessionUnderTest.open({
      key: "bob",
      certificate: BOB,
      peer: "alice@example.com",
      smpAnswer: "under the clock",
    });
    await using alice = await SessionUnderTest.calling(bob.uri, { certificate: ALICE, setup });
    await bob.takeCall();
    await alice.otr("encrypted");
    await bob.otr("encrypted");
    assertEquals((await alice.session.send("hello")).status, "delivered");
    await bob.event("message", (it) => it.body === "hello" && it.encryption === "unverified");
    const verdict = alice.session.verify(new TextEncoder().encode("under the clock"), "where?");
    assertEquals(await inTime(verdict, () => "a verdict"), { verdict: "match" });
    assertEquals(alice.otrStates.at(-1), "encrypted green");
    assertEquals(bob.otrStates.at(-1), "encrypted orange");
    for (const ours of [alice, bob]) {
      const bound = await ours.event("msrp", (it) => it.state === "bound");
      assertEquals(bound.tls, true);
      assertMatch(bound.localPath, /^msrps:/);
      assertMatch(bound.remotePath, /^msrps:/);
    }
    await alice.session.hangUp();
    assertEquals((await bob.end()).by, "remote");
  });
}

/** A phone whose MSRP port shows `shown` and whose description promises `promised`. */
class TlsPhone implements AsyncDisposable {
  readonly phone: SipPhone;
  /** Octets that came through TLS. */
  heard = "";
  /** Resolves with the first of them. */
  readonly spoken: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  readonly #listener: Deno.TlsListener;
  readonly #digest: string;
  readonly #taking: Promise<void>;

  private constructor(phone: SipPhone, shown: Certificate, digest: string) {
    this.phone = phone;
    this.#digest = digest;
    this.#listener = Deno.listenTls({
      hostname: "127.0.0.1",
      port: 0,
      cert: shown.certPem,
      key: shown.keyPem,
    });
    this.#taking = this.#take();
  }

  static async open(shown: Certificate, promised: Certificate): Promise<TlsPhone> {
    const digest = await certificateFingerprint(promised.certPem);
    return new TlsPhone(await SipPhone.open("plain"), shown, digest.toUpperCase());
  }

  get sdp(): string {
    const { port } = this.#listener.addr as Deno.NetAddr;
    return [
      "v=0",
      "o=- 3 3 IN IP4 127.0.0.1",
      "s=-",
      "c=IN IP4 127.0.0.1",
      "t=0 0",
      `m=message ${port} TCP/TLS/MSRP *`,
      "a=accept-types:message/cpim text/plain",
      "a=accept-wrapped-types:*",
      `a=path:msrps://127.0.0.1:${port}/plain7c0ffee;tcp`,
      "a=setup:passive",
      `a=fingerprint:sha-256 ${this.#digest.match(/../g)?.join(":")}`,
      "",
    ].join("\r\n");
  }

  /** Answers the call that comes. */
  async answer(): Promise<SipText> {
    const invite = await this.phone.next("INVITE");
    await this.phone.respond(invite, "200 OK", { body: this.sdp });
    return invite;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#taking;
    await this.phone[Symbol.asyncDispose]();
  }

  async #take(): Promise<void> {
    for (;;) {
      const connection = await this.#listener.accept().catch((error) => {
        if (error instanceof Deno.errors.BadResource) return undefined; // Closed: the end.
        return null; // A handshake that the other side gave up.
      });
      if (connection === undefined) return;
      if (connection === null) continue;
      const piece = new Uint8Array(4_096);
      for (;;) {
        const count = await connection.read(piece).catch(() => null);
        if (count === null) break;
        this.heard += new TextDecoder().decode(piece.subarray(0, count));
        this.spoken.resolve();
      }
      connection.close();
    }
  }
}

Deno.test("TLS: the certificate that was promised is the one that counts, self-signed or not", async () => {
  await using plain = await TlsPhone.open(BOB, BOB);
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { certificate: ALICE });
  await plain.answer();
  await inTime(plain.spoken.promise, () => "the first SEND");
  await ours.session.hangUp();
  assertMatch(plain.heard, /^MSRP \S+ SEND\r\n/);
});

Deno.test("TLS: another certificate than the description promised ends the call before a word is said", async () => {
  await using plain = await TlsPhone.open(MALLORY, BOB);
  await using ours = await SessionUnderTest.calling(plain.phone.uri, { certificate: ALICE });
  await plain.answer();
  const end = await ours.end();
  assertEquals([end.by, end.error?.code], ["network", "session/tls-fingerprint-mismatch"]);
  await plain.phone.next("BYE");
  await settle();
  assertEquals(plain.heard, "");
  assertEquals(ours.callStates.at(-1), "ended");
  assertEquals(ours.events.all.some((it) => it.type === "msrp" && it.state === "bound"), false);
});

for (const [name, shown] of Object.entries({ promised: BOB, another: MALLORY })) {
  Deno.test(`TLS: who connects to us with ${name} certificate is ${name === "promised" ? "" : "not "}let in`, async () => {
    await using phone = await SipPhone.open("plain");
    await using promise = await TlsPhone.open(BOB, BOB);
    await using ours = await SessionUnderTest.calling(phone.uri, {
      certificate: ALICE,
      timeout: 3_000,
    });
    const invite = await phone.next("INVITE");
    const [, path = "", port = ""] = /^a=path:(msrps:\/\/[^:]+:(\d+)\S+)\r?$/m.exec(invite.body) ??
      [];
    const body = promise.sdp.replace("a=setup:passive", "a=setup:active");
    await phone.respond(invite, "200 OK", { body });
    await phone.next("ACK");
    const connection = await Deno.connectTls({
      hostname: "127.0.0.1",
      port: Number(port),
      caCerts: [ALICE.certPem],
      cert: shown.certPem,
      key: shown.keyPem,
      unsafelyDisableHostnameVerification: true,
    });
    const from = /^a=path:(\S+)/m.exec(body)?.[1];
    const said = `MSRP f1rst SEND\r\nTo-Path: ${path}\r\nFrom-Path: ${from}\r\n` +
      "Message-ID: m1\r\nByte-Range: 1-2/2\r\nContent-Type: text/plain\r\n\r\nhi\r\n" +
      "-------f1rst$\r\n";
    await connection.write(new TextEncoder().encode(said)).catch(() => {}); // Closed already.
    const piece = new Uint8Array(1_000);
    const count = await inTime(connection.read(piece).catch(() => null), () => "an answer");
    const answer = count === null ? "" : new TextDecoder().decode(piece.subarray(0, count));
    if (name === "promised") {
      assertMatch(answer, /^MSRP f1rst 200/);
      await ours.event("message", (it) => it.body === "hi");
      await ours.session.hangUp();
      connection.close();
      return;
    }
    connection.close();
    assertEquals(answer, "");
    const end = await ours.end();
    assertEquals(end.by, "network");
    assertMatch(end.error?.code ?? "", /^session\/(tls-fingerprint-mismatch|msrp-timeout)$/);
    assertEquals(ours.messages, []);
    await phone.next("BYE");
  });
}
