import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromLatin1, latin1 } from "../../../lib/base/ascii.ts";
import { PeerError, SottoError } from "../../../lib/base/errors.ts";
import {
  type ByteStream,
  connectTcp,
  connectTls,
  makeSelfSignedCertificate,
  memoryStreamPair,
} from "../../../lib/transport/mod.ts";
import { openWebSocket, type WebSocketOptions } from "../../../lib/transport/websocket.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";
import { serveWebSocket } from "../../helpers/websocket_server.ts";

const options: WebSocketOptions = {
  protocol: "msrp",
  random: seededRandom(6455),
  authority: { host: "localhost", port: 80 },
};

async function open(port: number, more: Partial<WebSocketOptions> = {}): Promise<ByteStream> {
  return await openWebSocket(await connectTcp({ host: "127.0.0.1", port }), {
    ...options,
    ...more,
  });
}

Deno.test("openWebSocket(): each write is one binary message, and both kinds are read", async () => {
  const got: unknown[] = [];
  const all = Promise.withResolvers<void>();
  await using server = serveWebSocket({
    protocol: "msrp",
    onSocket: (socket) => {
      socket.addEventListener("message", ({ data }) => {
        got.push(data instanceof ArrayBuffer ? data.byteLength : data);
        if (got.length === 1) {
          socket.send("as text");
          socket.send(fromLatin1(" as octets"));
        }
        if (got.length === 3) all.resolve();
      });
    },
  });
  await using stream = await open(server.port, { path: "/msrp" });
  const writer = stream.writable.getWriter();
  for (const length of [5, 200, 100_000]) await writer.write(new Uint8Array(length));
  await all.promise;
  assertEquals(got, [5, 200, 100_000]);
  assertEquals(server.paths, ["/msrp"]);
  const reader = stream.readable.getReader();
  let text = "";
  while (text.length < 17) text += latin1((await reader.read()).value ?? new Uint8Array());
  assertEquals(text, "as text as octets");
});

Deno.test("openWebSocket() works over TLS, whose certificate was judged before", async () => {
  const certificate = await makeSelfSignedCertificate({ commonName: "ws", names: ["localhost"] });
  await using server = serveWebSocket({
    protocol: "msrp",
    certificate,
    onSocket: (socket) => socket.addEventListener("message", ({ data }) => socket.send(data)),
  });
  const below = await connectTls({ host: "127.0.0.1", port: server.port }, {
    ca: certificate.certPem,
    serverName: "localhost",
  });
  await using stream = await openWebSocket(below, options);
  assert(stream.tls?.authorized);
  await stream.writable.getWriter().write(fromLatin1("echo"));
  assertEquals(
    latin1((await stream.readable.getReader().read()).value ?? new Uint8Array()),
    "echo",
  );
});

Deno.test("openWebSocket() ends in good order from either side", async () => {
  const codes: number[] = [];
  const closed = Promise.withResolvers<void>();
  let count = 0;
  await using server = serveWebSocket({
    protocol: "msrp",
    onSocket: (socket) => {
      socket.addEventListener("close", ({ code }) => {
        codes.push(code);
        closed.resolve();
      });
      if (++count === 2) socket.addEventListener("open", () => socket.close(1000));
    },
  });
  const ours = await open(server.port);
  await ours.close();
  await closed.promise;
  assertEquals(codes, [1000]);
  await using theirs = await open(server.port);
  assertEquals((await theirs.readable.getReader().read()).done, true);
});

Deno.test("MSRP-155 openWebSocket() wants the subprotocol, and says what the server said instead", async () => {
  await using none = serveWebSocket({});
  const refused = await assertRejects(() => open(none.port), SottoError, "404");
  assertEquals(refused.code, "transport/websocket-refused");
  await using other = serveWebSocket({ protocol: "sip" });
  await assertRejects(() => open(other.port), SottoError, "speaks nothing, not msrp");
});

/** A server that says `response` to any handshake, and what came of it. */
async function answered(response: (key: string) => string | Promise<string>): Promise<ByteStream> {
  const [near, far] = memoryStreamPair();
  const serving = (async () => {
    const { value } = await far.readable.getReader().read();
    const key = /Sec-WebSocket-Key: (\S+)/.exec(latin1(value ?? new Uint8Array()))?.[1] ?? "";
    const writer = far.writable.getWriter();
    await writer.write(fromLatin1(await response(key)));
    await writer.close();
  })();
  try {
    return await openWebSocket(near, { ...options, pingInterval: 0 });
  } finally {
    await serving.catch(() => {});
  }
}

async function accept(key: string): Promise<string> {
  const text = `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const hash = await crypto.subtle.digest("SHA-1", fromLatin1(text).slice());
  return btoa(String.fromCharCode(...new Uint8Array(hash)));
}

const head = async (key: string, more = ""): Promise<string> =>
  "HTTP/1.1 101 Switching Protocols\r\nUPGRADE: WebSocket\r\nConnection: keep-alive, Upgrade\r\n" +
  `Sec-WebSocket-Accept: ${await accept(key)}\r\nSec-WebSocket-Protocol: msrp\r\n${more}\r\n`;

Deno.test("openWebSocket() takes what came behind the handshake, and answers pings", async () => {
  await using stream = await answered(async (key) => `${await head(key)}\x82\x02hi`);
  const reader = stream.readable.getReader();
  assertEquals(latin1((await reader.read()).value ?? new Uint8Array()), "hi");
  assertEquals((await reader.read()).done, true);
});

Deno.test("openWebSocket() does not take a server's word for anything", async () => {
  const bad: ((key: string) => string | Promise<string>)[] = [
    () => "",
    () => "SIP/2.0 200 OK\r\n\r\n",
    () => `HTTP/1.1 101 x\r\n${"x".repeat(20_000)}`,
    async (key) => (await head(key)).replace(/Accept: ./, "Accept: !"),
    async (key) => (await head(key)).replace("UPGRADE", "X"),
    async (key) => (await head(key)).replace(", Upgrade", ""),
    async (key) => await head(key, "Sec-WebSocket-Extensions: permessage-deflate\r\n"),
  ];
  for (const response of bad) {
    const error = await assertRejects(() => answered(response), PeerError);
    assertEquals(error.code, "transport/websocket-fault");
  }
  await assertRejects(() => answered(async (key) => `${await head(key)}\xff\xff`), PeerError);
});

Deno.test("openWebSocket() pings, and gives up a server that answers none", async () => {
  const [near, far] = memoryStreamPair();
  const reader = far.readable.getReader();
  const opening = openWebSocket(near, { ...options, pingInterval: 5 });
  const { value } = await reader.read();
  const key = /Sec-WebSocket-Key: (\S+)/.exec(latin1(value ?? new Uint8Array()))?.[1] ?? "";
  await far.writable.getWriter().write(fromLatin1(await head(key)));
  await using stream = await opening;
  assertEquals((await stream.readable.getReader().read()).done, true);
  const first = (await reader.read()).value;
  assertEquals([first?.[0], first?.[1]], [0x89, 0x80], "an empty ping, masked");
  await far.close();
});

Deno.test("openWebSocket() ends with the reason of its signal", async () => {
  const [near, far] = memoryStreamPair();
  const stop = new AbortController();
  const opening = openWebSocket(near, { ...options, signal: stop.signal });
  stop.abort(new Error("enough"));
  await assertRejects(() => opening, Error, "enough");
  await far.close();
});
