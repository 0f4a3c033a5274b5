/** A relay on real sockets, and peers that speak to it frame by frame. */
import { assert } from "./assert.ts";
import { fromLatin1 } from "../../lib/base/ascii.ts";
import {
  credentialsOf,
  MsrpRelayServer,
  type MsrpRelayServerOptions,
  parseLabUser,
} from "../../lib/lab/mod.ts";
import {
  type Chunk,
  ChunkParser,
  type ChunkParserEvent,
  headerValue,
  parseMsrpUri,
  writeMsrpUri,
} from "../../lib/msrp/mod.ts";
import { SystemClock } from "../../lib/session/mod.ts";
import {
  type ByteStream,
  type Certificate,
  connectTcp,
  connectTls,
  makeSelfSignedCertificate,
} from "../../lib/transport/mod.ts";
import { collectFrames, frame, type FrameParts } from "./msrp_peer.ts";
import { credentials } from "./relay_core_bench.ts";

let certificate: Promise<Certificate> | undefined;

/** A certificate for `localhost` that all tests of a run share. */
export function localCertificate(): Promise<Certificate> {
  certificate ??= makeSelfSignedCertificate({ commonName: "relay", names: ["localhost"] });
  return certificate;
}

/** A relay with two users, on IPv4 and IPv6, TLS first, TCP second. */
export async function openRelay(
  options: Partial<MsrpRelayServerOptions> = {},
): Promise<MsrpRelayServer> {
  return await MsrpRelayServer.open({
    listen: [
      { host: "127.0.0.1", port: 0, transport: "tls" },
      { host: "127.0.0.1", port: 0, transport: "tcp" },
    ],
    certificate: await localCertificate(),
    lookup: credentialsOf([parseLabUser("alice:wonderland"), parseLabUser("bob:builder")]),
    clock: new SystemClock(),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    ...options,
  });
}

/** Somebody at the other end of a real connection. */
export class LivePeer implements AsyncDisposable {
  readonly uri: string;
  readonly stream: ByteStream;
  readonly #relay: string;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #parser = new ChunkParser();
  #events: ChunkParserEvent[] = [];
  readonly #frames: Chunk[] = [];

  private constructor(stream: ByteStream, relay: string, name: string) {
    this.stream = stream;
    this.#relay = relay;
    this.#reader = stream.readable.getReader();
    this.#writer = stream.writable.getWriter();
    this.#writer.closed.catch(() => {});
    const scheme = relay.startsWith("msrps") ? "msrps" : "msrp";
    this.uri = `${scheme}://${name}.invalid:9/${name}1234;tcp`;
  }

  /** @param relay A URI of a relay, by which it is also called. @param host Where it is. */
  static async connect(relay: string, name: string, host = "127.0.0.1"): Promise<LivePeer> {
    const { scheme, port = 0 } = parseMsrpUri(relay);
    const stream = scheme === "msrps"
      ? await connectTls({ host, port }, { insecure: true, serverName: "localhost" })
      : await connectTcp({ host, port });
    return new LivePeer(stream, relay, name);
  }

  /** Resolves once the octets are with the system. */
  async send(text: string | Uint8Array): Promise<void> {
    await this.#writer.write(typeof text === "string" ? fromLatin1(text) : text);
  }

  async frame(start: string, to: readonly string[], parts: FrameParts = {}): Promise<void> {
    await this.send(frame(start, { from: this.uri, ...parts, to: to.join(" ") }));
  }

  async message(to: readonly string[], body: string, parts: FrameParts = {}): Promise<void> {
    await this.frame("SEND", to, {
      ...parts,
      headers: ["Message-ID: msg45678", ...parts.headers ?? [], "Content-Type: text/plain"],
      body,
    });
  }

  /** Answers a SEND. */
  async answer(request: Chunk, status = "200 OK"): Promise<void> {
    await this.frame(status, request.fromPath.slice(0, 1).map(writeMsrpUri), {
      transactionId: request.startLine.transactionId,
    });
  }

  /** The next whole frame; `undefined` at the end of the stream, in good order or not. */
  async next(): Promise<Chunk | undefined> {
    while (this.#frames.length === 0) {
      const { done, value } = await this.#reader.read().catch(() => ENDED);
      if (done) return undefined;
      for (const event of this.#parser.feed(value)) {
        this.#events.push(event);
        if (event.type !== "chunk-end") continue;
        this.#frames.push(...collectFrames(this.#events));
        this.#events = [];
      }
    }
    return this.#frames.shift();
  }

  /** The next frame whose start line fits; others are passed over. */
  async until(wanted: (frame: Chunk) => boolean): Promise<Chunk> {
    for (;;) {
      const found = await this.next();
      assert(found !== undefined, "the stream ended too early");
      if (wanted(found)) return found;
    }
  }

  /** Some octets, unparsed; `undefined` at the end. */
  async octets(): Promise<Uint8Array | undefined> {
    return (await this.#reader.read().catch(() => ENDED)).value;
  }

  /** Obtains a URI. */
  async auth(username = "alice", password = "wonderland"): Promise<string> {
    await this.frame("AUTH", [this.#relay], { transactionId: "auth1234" });
    const challenge = headerValue((await this.next())?.headers ?? [], "WWW-Authenticate") ?? "";
    const value = credentials(challenge, username, password, this.#relay);
    await this.frame("AUTH", [this.#relay], {
      transactionId: "auth5678",
      headers: [`Authorization: ${value}`],
    });
    const path = headerValue((await this.next())?.headers ?? [], "Use-Path");
    assert(path !== undefined, "a Use-Path");
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stream.close();
  }
}

/** Whether it is a request of that method. */
export function isRequest(method: string): (frame: Chunk) => boolean {
  return ({ startLine }) => startLine.kind === "request" && startLine.method === method;
}

/** Whether it is a response of that code. */
export function isResponse(code: number): (frame: Chunk) => boolean {
  return ({ startLine }) => startLine.kind === "response" && startLine.code === code;
}

/** Fails unless `done` comes true; nothing is assumed of how fast the machine is. */
export async function eventually(done: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 3_000; turn++) {
    if (done()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert(false, what);
}

const ENDED = { done: true, value: undefined } as const;
