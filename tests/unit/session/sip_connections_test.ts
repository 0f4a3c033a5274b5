/** Connections: reused, named, bounded, trusted or not. */
import { assertEquals, assertRejects } from "@std/assert";
import { decodeUtf8Lossy, utf8 } from "../../../lib/base/bytes.ts";
import { SottoError } from "../../../lib/base/errors.ts";
import { SystemClock } from "../../../lib/session/clock.ts";
import {
  SipConnections,
  type SipConnectionsOptions,
} from "../../../lib/session/sip_connections.ts";
import {
  certificateFingerprint,
  type Listener,
  listenTcp,
  listenTls,
  makeSelfSignedCertificate,
} from "../../../lib/transport/mod.ts";

function connections(options: Partial<SipConnectionsOptions> = {}): SipConnections {
  return new SipConnections({
    clock: new SystemClock(),
    tls: {},
    limit: 4,
    receiveOctets: () => {},
    receiveEnd: () => {},
    ...options,
  });
}

function to(listener: Listener, transport: "tcp" | "tls" = "tcp") {
  return { transport, host: "127.0.0.1", port: listener.local.port } as const;
}

Deno.test("SipConnections sends in order over one connection, however many ask for it at once", async () => {
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  const accepted = listener[Symbol.asyncIterator]().next();
  const it = connections();
  const used = new Set<number>();
  const letters = "abcdefghij".split("");
  await Promise.all(letters.map((text) => it.send(utf8(text), to(listener), (id) => used.add(id))));
  assertEquals(used.size, 1);
  const { value: stream } = await accepted;
  let came = "";
  for await (const bytes of stream?.readable ?? []) {
    came += decodeUtf8Lossy(bytes);
    if (came.length === letters.length) break;
  }
  assertEquals(came, "abcdefghij");
  assertEquals(it.localAddress("tcp", "127.0.0.1"), await it.prepare(to(listener)));
  assertEquals(it.localAddress("tls", "127.0.0.1"), undefined);
  await stream?.close();
  await it.close();
  await listener.close();
});

Deno.test("SipConnections trusts by fingerprint, and otherwise whom an authority vouches for", async () => {
  const certificate = await makeSelfSignedCertificate({ commonName: "bob@127.0.0.1" });
  const fingerprint = await certificateFingerprint(certificate.certPem);
  const listener = await listenTls({ host: "127.0.0.1", port: 0 }, { certificate });
  const serving = (async () => {
    for await (const stream of listener) await stream.close();
  })();
  const codeWith = async (tls: SipConnectionsOptions["tls"]) => {
    const it = connections({ tls });
    try {
      await it.prepare(to(listener, "tls"));
      return "connected";
    } catch (error) {
      return error instanceof SottoError ? error.code : "";
    } finally {
      await it.close();
    }
  };
  assertEquals(await codeWith({ fingerprint }), "connected");
  assertEquals(await codeWith({ fingerprint: ["00".repeat(32), fingerprint] }), "connected");
  assertEquals(await codeWith({ insecure: true }), "connected");
  assertEquals(await codeWith({ ca: certificate.certPem }), "connected");
  assertEquals(await codeWith({}), "transport/tls-untrusted");
  assertEquals(
    await codeWith({ fingerprint: "00".repeat(32) }),
    "transport/tls-fingerprint-mismatch",
  );
  await listener.close();
  await serving;
});

Deno.test("SipConnections gives a peer up that does not read what is sent to it", async () => {
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  const accepted = listener[Symbol.asyncIterator]().next();
  const it = connections();
  const sending = Array.from(
    { length: 40 },
    () => it.send(new Uint8Array(1 << 20), to(listener)).then(() => "sent", (error) => error.code),
  );
  const outcomes = await Promise.all(sending);
  assertEquals(outcomes.includes("transport/reset"), true);
  await (await accepted).value?.close();
  await it.close();
  await listener.close();
});

Deno.test("SipConnections makes nothing more once it is closed", async () => {
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 });
  const it = connections();
  await it.close();
  await assertRejects(() => it.prepare(to(listener)), SottoError);
  await listener.close();
});
