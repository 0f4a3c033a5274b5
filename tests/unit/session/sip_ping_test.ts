import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { SottoError } from "../../../lib/base/mod.ts";
import { pingSip, type SipPingOptions } from "../../../lib/session/sip_ping.ts";
import { parseSipUri } from "../../../lib/sip/mod.ts";
import {
  bindUdp,
  type ByteStream,
  listenTcp,
  listenTls,
  makeSelfSignedCertificate,
} from "../../../lib/transport/mod.ts";
import { SystemClock } from "../../../lib/session/clock.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";

const host = "127.0.0.1";
const options: SipPingOptions = {
  clock: new SystemClock(),
  random: seededRandom(1),
  target: parseSipUri("sip:bob@example.com?subject=x"),
  userAgent: "sotto/test",
  timeout: 20_000,
};

/** A response to a request, with what a server might add. */
function respond(request: string, status: string, ...more: readonly string[]): Uint8Array {
  const fields = request.split("\r\n").filter((it) => /^(Via|From|To|Call-ID|CSeq):/.test(it));
  const lines = [`SIP/2.0 ${status}`, ...fields, ...more, "Content-Length: 0", "", ""];
  return new TextEncoder().encode(lines.join("\r\n"));
}

Deno.test("pingSip() asks by UDP until it is answered, and reads what the server says", async () => {
  await using server = await bindUdp({ host, port: 0 });
  const pinging = pingSip({ transport: "udp", ...server.local }, options);
  const requests: string[] = [];
  for await (const { data, from } of server) {
    const request = new TextDecoder().decode(data);
    requests.push(request);
    if (requests.length === 1) continue; // Lost on the way.
    await server.send(new TextEncoder().encode("no SIP"), from);
    await server.send(respond(request, "100 Trying"), from);
    await server.send(respond(request.replace(/branch=\w+/, "branch=z9hG4bKx"), "500 Other"), from);
    const date = "Date: Sat, 13 Nov 2010 23:29:00 GMT";
    await server.send(respond(request, "404 Nobody", date, "Server: Acme"), from);
    break;
  }
  const { status, reason, date, server: name, tls } = await pinging;
  assertEquals([status, reason, date, name, tls], [
    404,
    "Nobody",
    Date.UTC(2010, 10, 13, 23, 29),
    "Acme",
    undefined,
  ]);
  assertEquals(requests[0], requests[1]); // The same request, RFC 3261 §17.1.2.
  assertMatch(requests[0] ?? "", /^OPTIONS sip:bob@example\.com SIP\/2\.0\r\n/);
  assertStringIncludes(requests[0] ?? "", "From: <sip:anonymous@anonymous.invalid>");
});

Deno.test("pingSip() gives up on silence, and says so", async () => {
  await using server = await bindUdp({ host, port: 0 });
  const to = { transport: "udp", ...server.local } as const;
  const error = await assertRejects(() => pingSip(to, { ...options, timeout: 50 }), SottoError);
  assertEquals(error.code, "sip/timeout");
  const stop = new AbortController();
  const stopped = pingSip(to, { ...options, signal: stop.signal });
  stop.abort(new RangeError("enough"));
  await assertRejects(() => stopped, RangeError, "enough");
});

async function accepted(streams: AsyncIterator<ByteStream>): Promise<ByteStream> {
  const { value } = await streams.next();
  if (value === undefined) throw new Error("the listener ended");
  return value;
}

async function answerOne(stream: ByteStream, response: (request: string) => Uint8Array) {
  const reader = stream.readable.getReader();
  const { value } = await reader.read();
  const octets = response(new TextDecoder().decode(value));
  const writer = stream.writable.getWriter();
  // A stream has no messages: in two pieces.
  await writer.write(octets.subarray(0, 20));
  await writer.write(octets.subarray(20));
  reader.releaseLock();
}

Deno.test("pingSip() asks by TCP, and tells a connection that ends from silence", async () => {
  await using server = await listenTcp({ host, port: 0 });
  const streams = server[Symbol.asyncIterator]();
  const to = { transport: "tcp", ...server.local } as const;
  const pinging = pingSip(to, options);
  {
    await using stream = await accepted(streams);
    await answerOne(stream, (request) => respond(request, "200 OK"));
    assertEquals((await pinging).status, 200);
  }
  const cut = pingSip(to, options);
  await (await accepted(streams)).close();
  assertEquals((await assertRejects(() => cut, SottoError)).code, "transport/reset");
});

Deno.test("pingSip() wants a certificate for the domain of the URI (RFC 5922 §7.3)", async () => {
  const certificate = await makeSelfSignedCertificate({
    commonName: "server",
    names: ["example.com"],
  });
  await using server = await listenTls({ host, port: 0 }, { certificate });
  const to = { transport: "tls", ...server.local, domain: "example.com" } as const;
  const streams = server[Symbol.asyncIterator]();
  const tls = { ca: certificate.certPem };
  const pinging = pingSip(to, { ...options, tls });
  {
    await using stream = await accepted(streams);
    await answerOne(stream, (request) => respond(request, "200 OK"));
    assertEquals((await pinging).tls?.authorized, true);
  }
  const wrong = await assertRejects(
    () => pingSip({ ...to, domain: "example.org" }, { ...options, tls }),
    SottoError,
  );
  assertEquals(wrong.code, "transport/tls-wrong-name");
  const unknown = await assertRejects(() => pingSip(to, options), SottoError);
  assertEquals(unknown.code, "transport/tls-untrusted");
});
