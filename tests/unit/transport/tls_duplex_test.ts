import { assertEquals, assertRejects } from "@std/assert";
import { connect, createServer, type TLSSocket } from "node:tls";
import { utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { makeSelfSignedCertificate } from "../../../lib/transport/certificate.ts";
import { TlsDuplex } from "../../../lib/transport/tls_duplex.ts";

const CERTIFICATE = await makeSelfSignedCertificate({ commonName: "localhost" });

/** Two handshaken sockets, neither of them wrapped yet. */
async function sockets(): Promise<[TLSSocket, TLSSocket]> {
  const accepted = Promise.withResolvers<TLSSocket>();
  const server = createServer(
    { cert: CERTIFICATE.certPem, key: CERTIFICATE.keyPem },
    accepted.resolve,
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as { port: number };
  const client = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await new Promise<void>((resolve) => client.once("secureConnect", () => resolve()));
  server.close();
  return [client, await accepted.promise];
}

Deno.test("TlsDuplex reads what arrived before the peer's end, then the end", async () => {
  const [client, server] = await sockets();
  const [a, b] = [new TlsDuplex(client), new TlsDuplex(server)];
  await a.write(utf8("last words"));
  await a.close();
  assertEquals(await b.read(), utf8("last words"));
  assertEquals(await b.read(), undefined);
  assertEquals(await b.read(), undefined);
  await b.close();
});

Deno.test("TlsDuplex.close() settles a pending read and may be called again", async () => {
  const [client, server] = await sockets();
  const [a, b] = [new TlsDuplex(client), new TlsDuplex(server)];
  const reading = a.read();
  await a.close();
  await a.close();
  assertEquals(await reading, undefined);
  await b.close();
});

Deno.test("TlsDuplex.write() fails with a code once the socket is gone", async () => {
  const [client, server] = await sockets();
  const [a, b] = [new TlsDuplex(client), new TlsDuplex(server)];
  await a.close();
  const error = await assertRejects(() => a.write(utf8("x")), SottoError);
  assertEquals(error.code, "transport/closed");
  await b.close();
});

Deno.test("TlsDuplex.close() does not wait for ever for a peer that takes nothing", async () => {
  const [client, server] = await sockets();
  const [a, b] = [new TlsDuplex(client), new TlsDuplex(server)];
  // More than both systems buffer: this write cannot finish.
  const stuck = a.write(new Uint8Array(32 << 20)).catch((error: unknown) => error);
  await new Promise((resolve) => setImmediate(resolve));
  await a.close();
  assertEquals((await stuck) instanceof SottoError, true);
  await b.close();
});
