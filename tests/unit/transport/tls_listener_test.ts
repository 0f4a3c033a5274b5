import { assertEquals, assertRejects } from "@std/assert";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import type { ByteStream } from "../../../lib/transport/byte_stream.ts";
import { makeSelfSignedCertificate } from "../../../lib/transport/certificate.ts";
import { connectTcp } from "../../../lib/transport/tcp.ts";
import type { HostPort } from "../../../lib/base/wire_tap.ts";
import { connectTls } from "../../../lib/transport/tls.ts";
import { listenTls } from "../../../lib/transport/tls_listener.ts";
import { bothEnds, LOOPBACK, readAll, writeTo } from "../../helpers/streams.ts";

const BOB = await makeSelfSignedCertificate({
  commonName: "bob@example.org",
  names: ["bob.example.org", "127.0.0.1"],
});

/** Takes any certificate. */
const insecurely = (to: HostPort): Promise<ByteStream> => connectTls(to, { insecure: true });

Deno.test("listenTls() takes a client without a certificate, and says so", async () => {
  await using listener = await listenTls(LOOPBACK, {
    certificate: BOB,
    requestClientCertificate: true,
  });
  const [client, server] = await bothEnds(listener, insecurely);
  await using _client = client;
  await using _server = server;
  assertEquals(server.tls?.peerCertificate, undefined);
  assertEquals(server.tls?.peerFingerprint, undefined);
  assertEquals(server.tls?.authorized, false);
});

Deno.test("listenTls() survives clients that fail, and drops one that dawdles", async () => {
  await using listener = await listenTls(LOOPBACK, { certificate: BOB, handshakeTimeout: 50 });
  const garbage = await connectTcp(listener.local);
  await writeTo(garbage, utf8("GET / HTTP/1.0\r\n\r\n"));
  await readAll(garbage).catch(() => {}); // An alert, then the end or a reset.
  await garbage.close();
  const silent = await connectTcp(listener.local);
  await readAll(silent).catch(() => {});
  await silent.close();
  const [client, server] = await bothEnds(listener, insecurely);
  await client.close();
  await server.close();
});

Deno.test("listenTls() cuts connections beyond its queue", async () => {
  await using listener = await listenTls(LOOPBACK, { certificate: BOB, queueLimit: 1 });
  await using first = await connectTls(listener.local, { insecure: true });
  await using second = await connectTls(listener.local, { insecure: true });
  assertEquals((await readAll(second)).length, 0);
  const accepted = await listener[Symbol.asyncIterator]().next();
  assertEquals(accepted.value?.remote, first.local);
  await accepted.value?.close();
});

Deno.test("listenTls() refuses a certificate that is none", async () => {
  const error = await assertRejects(
    () => listenTls(LOOPBACK, { certificate: { certPem: "x", keyPem: "y" } }),
    SottoError,
  );
  assertEquals(error.code, "transport/bad-certificate");
});

Deno.test("listenTls() cuts clients in the middle of a handshake when it closes, or when they are too many", async () => {
  const listener = await listenTls(LOOPBACK, { certificate: BOB, handshakeLimit: 1 });
  await using silent = await connectTcp(listener.local);
  await using next = await connectTcp(listener.local);
  // Ends because it was cut: nobody waits ten seconds here.
  await readAll(silent).catch(() => {});
  const waiting = readAll(next).catch(() => {});
  await listener.close();
  await waiting;
  assertEquals(listener.local, next.remote);
});
