import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { decodeUtf8, utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import type { ByteStream } from "../../../lib/transport/byte_stream.ts";
import {
  certificateFingerprint,
  makeSelfSignedCertificate,
} from "../../../lib/transport/certificate.ts";
import { listenTcp } from "../../../lib/transport/tcp.ts";
import type { HostPort } from "../../../lib/base/wire_tap.ts";
import type { CertificateNames } from "../../../lib/transport/certificate_facts.ts";
import { connectTls } from "../../../lib/transport/tls.ts";
import { listenTls } from "../../../lib/transport/tls_listener.ts";
import { bothEnds, LOOPBACK, readAll, writeTo } from "../../helpers/streams.ts";

const ALICE = await makeSelfSignedCertificate({ commonName: "alice@example.org" });
const BOB = await makeSelfSignedCertificate({
  commonName: "bob@example.org",
  names: ["bob.example.org", "127.0.0.1"],
});
const BOB_FINGERPRINT = await certificateFingerprint(BOB.certPem);

/** Takes any certificate. */
const insecurely = (to: HostPort): Promise<ByteStream> => connectTls(to, { insecure: true });

Deno.test("connectTls() shows each side the other's self-signed certificate", async () => {
  await using listener = await listenTls(LOOPBACK, {
    certificate: BOB,
    requestClientCertificate: true,
  });
  const [client, server] = await bothEnds(
    listener,
    (to) => connectTls(to, { insecure: true, certificate: ALICE }),
  );
  await using _client = client;
  await using _server = server;
  assertEquals(client.tls?.peerFingerprint, BOB_FINGERPRINT);
  assertEquals(
    server.tls?.peerFingerprint,
    await certificateFingerprint(server.tls?.peerCertificate ?? ""),
  );
  assertEquals(server.tls?.peerFingerprint, await certificateFingerprint(ALICE.certPem));
  assertEquals([client.tls?.protocol, client.tls?.authorized], ["TLSv1.3", false]);
  assert(client.tls?.authorizationError !== undefined);
  assertEquals(client.remote, listener.local);
  assertEquals(server.remote, client.local);
});

Deno.test("connectTls() carries octets both ways and closes by halves", async () => {
  await using listener = await listenTls(LOOPBACK, { certificate: BOB });
  const [client, server] = await bothEnds(listener, insecurely);
  await using _client = client;
  await using _server = server;
  await writeTo(client, utf8("question"));
  await client.writable.close();
  assertEquals(decodeUtf8(await readAll(server)), "question");
  await writeTo(server, utf8("answer"));
  await server.close();
  assertEquals(decodeUtf8(await readAll(client)), "answer");
});

Deno.test("connectTls() loses nothing of a large transfer to a slow reader", async () => {
  await using listener = await listenTls(LOOPBACK, { certificate: BOB });
  const [client, server] = await bothEnds(listener, insecurely);
  await using _client = client;
  await using _server = server;
  const total = 16 << 20;
  const block = Uint8Array.from({ length: 1 << 20 }, (_, at) => at * 7);
  let written = 0;
  const writing = (async () => {
    const writer = client.writable.getWriter();
    for (; written < total; written += block.length) await writer.write(block);
    await writer.close();
  })();
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert(written < total, `${written} octets were taken with nobody reading`);
  const received = await readAll(server);
  await writing;
  assertEquals(received.length, total);
  assertEquals(received.subarray(-block.length), block);
});

Deno.test("connectTls() accepts exactly the expected fingerprints", async () => {
  await using listener = await listenTls(LOOPBACK, { certificate: BOB });
  const withColons = BOB_FINGERPRINT.toUpperCase().replace(/..(?=.)/g, "$&:");
  const [client, server] = await bothEnds(
    listener,
    (to) => connectTls(to, { expectedFingerprints: ["00", withColons] }),
  );
  await client.close();
  await server.close();
  const error = await assertRejects(
    () => connectTls(listener.local, { expectedFingerprints: ["ab".repeat(32)] }),
    SottoError,
    BOB_FINGERPRINT,
  );
  assertEquals(error.code, "transport/tls-fingerprint-mismatch");
});

Deno.test("connectTls() trusts an authority for the names in the certificate only", async () => {
  await using listener = await listenTls(LOOPBACK, { certificate: BOB });
  const [client, server] = await bothEnds(listener, (to) =>
    connectTls(to, {
      ca: BOB.certPem,
      serverName: "bob.example.org",
    }));
  assertEquals(client.tls?.authorized, true);
  await client.close();
  await server.close();
  const other = await assertRejects(
    () => connectTls(listener.local, { ca: BOB.certPem, serverName: "carol.example.org" }),
    SottoError,
  );
  assertEquals(other.code, "transport/tls-wrong-name");
  assertMatch(other.message, /it speaks for bob\.example\.org, 127\.0\.0\.1, not for the name/);
  const unknown = await assertRejects(() => connectTls(listener.local), SottoError);
  assertEquals(unknown.code, "transport/tls-untrusted");
  assertMatch(unknown.message, /it is signed by itself, and no authority vouches for it$/);
});

Deno.test("connectTls() leaves the names to the caller's rules, once the chain is good", async () => {
  await using listener = await listenTls(LOOPBACK, { certificate: BOB });
  const seen: unknown[] = [];
  const judgeNames = (names: CertificateNames): undefined => void seen.push(names.commonName);
  const [client, server] = await bothEnds(
    listener,
    (to) => connectTls(to, { ca: BOB.certPem, serverName: "carol.example.org", judgeNames }),
  );
  assertEquals([client.tls?.authorized, seen], [true, ["bob@example.org"]]);
  await client.close();
  await server.close();
  const refused = await assertRejects(
    () => connectTls(listener.local, { ca: BOB.certPem, judgeNames: () => "it is not Carol" }),
    SottoError,
  );
  assertEquals(refused.code, "transport/tls-wrong-name");
  assertMatch(refused.message, /is not trusted: it is not Carol$/);
  seen.length = 0;
  const strange = await assertRejects(() => connectTls(listener.local, { judgeNames }), SottoError);
  assertEquals([strange.code, seen], ["transport/tls-untrusted", []]);
});

Deno.test("connectTls() checks an address against the certificate's addresses", async () => {
  await using listener = await listenTls(LOOPBACK, { certificate: BOB });
  const [client, server] = await bothEnds(listener, (to) => connectTls(to, { ca: [BOB.certPem] }));
  assertEquals(client.tls?.authorized, true);
  await client.close();
  await server.close();
});

Deno.test("connectTls() calls a peer that speaks no TLS a failed handshake", async () => {
  await using listener = await listenTcp(LOOPBACK);
  const serving = (async () => {
    for await (const stream of listener) {
      await writeTo(stream, utf8("MSRP is not TLS, whatever you think of it\r\n"));
      await readAll(stream).catch(() => {}); // Resets are what this test is about.
      await stream.close();
      return;
    }
  })();
  const error = await assertRejects(
    () => connectTls(listener.local, { insecure: true }),
    SottoError,
  );
  assertEquals(error.code, "transport/tls-handshake");
  await serving;
});

Deno.test("connectTls() calls a peer that hangs up a failed handshake", async () => {
  await using listener = await listenTcp(LOOPBACK);
  const serving = (async () => {
    for await (const stream of listener) return await stream.close();
  })();
  const error = await assertRejects(
    () => connectTls(listener.local, { insecure: true }),
    SottoError,
  );
  assertEquals(error.code, "transport/tls-handshake");
  await serving;
});

Deno.test("connectTls() reports refused, unknown names and taken addresses like TCP", async () => {
  const listener = await listenTls(LOOPBACK, { certificate: BOB });
  const taken = await assertRejects(
    () => listenTls(listener.local, { certificate: BOB }),
    SottoError,
  );
  assertEquals(taken.code, "transport/address-in-use");
  await listener.close();
  await listener.close();
  const refused = await assertRejects(() => connectTls(listener.local), SottoError);
  assertEquals(refused.code, "transport/refused");
  const unknown = await assertRejects(
    () => connectTls({ host: "nobody.invalid", port: 5061 }),
    SottoError,
  );
  assertEquals(unknown.code, "transport/name-not-found");
});

Deno.test("connectTls() rejects with the signal's own reason in the middle of a handshake", async () => {
  await using listener = await listenTcp(LOOPBACK);
  const reason = new Error("enough");
  const abort = new AbortController();
  const serving = (async () => {
    for await (const stream of listener) {
      const hello = await stream.readable.getReader().read(); // Its ClientHello, never answered.
      abort.abort(reason);
      await stream.close();
      return hello.done;
    }
    return undefined;
  })();
  const error = await assertRejects(() =>
    connectTls(listener.local, { insecure: true, signal: abort.signal })
  );
  assertEquals(error, reason);
  assertEquals(await serving, false);
});

Deno.test("connectTls() refuses a client certificate that is none", async () => {
  await using listener = await listenTls(LOOPBACK, { certificate: BOB });
  const error = await assertRejects(
    () =>
      connectTls(listener.local, { insecure: true, certificate: { certPem: "x", keyPem: "y" } }),
    SottoError,
  );
  assertEquals(error.code, "transport/bad-certificate");
});
