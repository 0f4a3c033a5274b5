/** The lab's SIP server on loopback, and peers that write their messages by hand. */
import { passwordSecret } from "../../lib/auth/mod.ts";
import { ascii } from "../../lib/base/ascii.ts";
import { decodeUtf8Lossy, utf8 } from "../../lib/base/bytes.ts";
import { SipServer, type SipServerOptions } from "../../lib/lab/sip_server.ts";
import { platformRandom, SystemClock } from "../../lib/session/mod.ts";
import { headerValue, parseSipMessage, type SipMessage, StreamFramer } from "../../lib/sip/mod.ts";
import {
  bindUdp,
  type ByteStream,
  connectTcp,
  connectTls,
  type DatagramSocket,
} from "../../lib/transport/mod.ts";
import type { HostPort } from "../../lib/base/wire_tap.ts";
import { sipText } from "./scripted_sip.ts";

/** Opens a server with the accounts `alice` and `bob`, whose passwords are `secret-NAME`. */
export function openLabSip(options: Partial<SipServerOptions> = {}): Promise<SipServer> {
  return SipServer.open({
    listen: [{ host: "127.0.0.1", port: 0, transport: "udp" }],
    users: ["alice", "bob"].map((name) => ({ name, password: passwordSecret(`secret-${name}`) })),
    clock: new SystemClock(),
    random: platformRandom,
    serverName: "lab/test",
    ...options,
  });
}

/** Where the server listens for `transport`. */
export function placeOf(server: SipServer, transport: string): HostPort {
  const found = server.places.find((it) => it.transport === transport);
  if (found === undefined) throw new Error(`the server does not listen for ${transport}`);
  return found.local;
}

let count = 0;

/** Somebody with a socket of their own. */
export interface RawPeer extends AsyncDisposable {
  readonly local: HostPort;
  send(text: string | Uint8Array): Promise<void>;
  /** The next message of the server. */
  next(): Promise<SipMessage>;
  /** Resolves when the server has ended the connection. */
  readonly over: Promise<void>;
}

/** A peer at a UDP socket. */
export async function rawUdp(server: SipServer, host = "127.0.0.1"): Promise<RawPeer> {
  const socket = await bindUdp({ host, port: 0 });
  const to = server.places.find((it) =>
    it.transport === "udp" && it.local.host.includes(":") === host.includes(":")
  )?.local;
  if (to === undefined) throw new Error("the server does not listen there");
  return udpPeer(socket, to);
}

function udpPeer(socket: DatagramSocket, to: HostPort): RawPeer {
  const incoming = socket[Symbol.asyncIterator]();
  return {
    local: socket.local,
    send: (text) => socket.send(typeof text === "string" ? utf8(text) : text, to),
    next: async () => {
      const { value, done } = await incoming.next();
      if (done) throw new Error("the socket was closed");
      return parseSipMessage(value.data, { transport: "udp" });
    },
    over: new Promise(() => {}),
    [Symbol.asyncDispose]: () => socket.close(),
  };
}

/** A peer at a connection. */
export async function rawStream(
  server: SipServer,
  transport: "tcp" | "tls" = "tcp",
  local?: HostPort,
): Promise<RawPeer> {
  const to = local ?? placeOf(server, transport);
  const stream = transport === "tcp"
    ? await connectTcp(to)
    : await connectTls(to, { insecure: true });
  return streamPeer(stream);
}

function streamPeer(stream: ByteStream): RawPeer {
  const writer = stream.writable.getWriter();
  const framer = new StreamFramer();
  const messages: SipMessage[] = [];
  let nudge = Promise.withResolvers<void>();
  let isOver = false;
  const over = (async () => {
    try {
      for await (const bytes of stream.readable) {
        for (const framed of framer.feed(bytes)) {
          if (framed.type !== "message") continue;
          messages.push(parseSipMessage(framed.bytes, { transport: "tcp" }));
        }
        nudge.resolve();
      }
    } catch {
      // Reset is an end, too.
    }
    isOver = true;
    nudge.resolve();
  })();
  return {
    local: stream.local,
    send: async (text) => await writer.write(typeof text === "string" ? utf8(text) : text),
    next: async () => {
      for (;;) {
        const message = messages.shift();
        if (message !== undefined) return message;
        if (isOver) throw new Error("the server ended the connection");
        nudge = Promise.withResolvers<void>();
        await nudge.promise;
      }
    },
    over,
    [Symbol.asyncDispose]: async () => {
      await stream.close();
      await over;
    },
  };
}

/** A request of `name` to `uri`, written by hand. */
export function rawRequest(
  method: string,
  name: string,
  local: HostPort,
  transport: string,
  uri: string,
  headers: readonly string[] = [],
): string {
  const host = local.host.includes(":") ? `[${local.host}]` : local.host;
  const number = ++count;
  return sipText([
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/${transport.toUpperCase()} ${host}:${local.port};branch=z9hG4bKraw${number};rport`,
    "Max-Forwards: 70",
    `From: <sip:${name}@127.0.0.1>;tag=t${number}`,
    `To: <sip:${name}@127.0.0.1>`,
    `Call-ID: raw-${number}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:${name}@${host}:${local.port};transport=${transport}>`,
    ...headers,
  ]);
}

/** A response of a raw peer to a request that it got. */
export function rawResponse(request: SipMessage, status: number): string {
  const copied = request.headers.filter(({ name }) =>
    ["Via", "From", "Call-ID", "CSeq", "Record-Route"].includes(name)
  ).map(({ name, value }) => `${name}: ${value}`);
  const to = headerValue(request, "To") ?? "";
  return sipText([
    `SIP/2.0 ${status} Whatever`,
    ...copied,
    `To: ${to}${to.includes(";tag=") ? "" : ";tag=raw"}`,
  ]);
}

/** A keep-alive (RFC 5626 §3.5.1). */
export const PING: Uint8Array = ascii("\r\n\r\n");

/** What octets say, for messages of tests. */
export function shown(bytes: Uint8Array): string {
  return decodeUtf8Lossy(bytes);
}
