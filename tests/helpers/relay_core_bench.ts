/** A relay core on the bench, with peers at its connections: text in, frames out, time by hand. */
import { createHash } from "node:crypto";
import { assert } from "./assert.ts";
import { fromLatin1, latin1 } from "../../lib/base/ascii.ts";
import { concatBytes } from "../../lib/base/bytes.ts";
import { passwordSecret } from "../../lib/auth/mod.ts";
import {
  type Chunk,
  headerValue,
  MsrpRelay,
  type MsrpRelayOptions,
  parseMsrpUri,
  type RelayAuthOptions,
  type RelayConnectionFacts,
  type RelayEvent,
  type RelayOutput,
  writeMsrpUri,
} from "../../lib/msrp/mod.ts";
import { frame, type FrameParts, readFrames } from "./msrp_peer.ts";
import { seededRandom } from "./seeded_random.ts";

/** How the relay of a bench is reached. */
export const RELAY = "msrps://relay.example:2855;tcp";
/** The same without TLS. */
export const PLAIN_RELAY = "msrp://relay.example:2856;tcp";
const PASSWORDS: Readonly<Record<string, string>> = { alice: "wonderland", bob: "builder" };

/** How an AUTH differs from the usual one. */
export interface AuthParts {
  readonly password?: string;
  readonly to?: readonly string[];
}

/** Whoever is at the other end of a connection of the relay. */
export class RelayPeer {
  readonly bench: RelayBench;
  readonly id: number;
  /** The URI that it calls itself. */
  uri: string;
  isClosed = false;
  isPaused = false;
  /** Whether its stream takes octets. */
  isTaking = true;
  #unread: Uint8Array[] = [];
  #octets = 0;

  constructor(bench: RelayBench, id: number, uri: string) {
    this.bench = bench;
    this.id = id;
    this.uri = uri;
  }

  /** Octets that it got in all. */
  get octets(): number {
    return this.#octets;
  }

  /** The relay wrote to it. */
  take(data: Uint8Array): void {
    this.#unread.push(data);
    this.#octets += data.length;
  }

  /** Text as Latin-1. */
  send(text: string): this {
    return this.sendBytes(fromLatin1(text));
  }

  sendBytes(bytes: Uint8Array): this {
    this.bench.act(this.bench.relay.receive(this.id, bytes, this.bench.now));
    return this;
  }

  /** A frame of its own. */
  frame(start: string, to: readonly string[], parts: FrameParts = {}): this {
    return this.send(frame(start, { from: this.uri, ...parts, to: to.join(" ") }));
  }

  /** A SEND of text/plain. */
  message(
    to: readonly string[],
    body: string,
    parts: FrameParts & { readonly id?: string } = {},
  ): this {
    const { id = "msg45678", headers = [], ...rest } = parts;
    return this.frame("SEND", to, {
      ...rest,
      headers: [`Message-ID: ${id}`, ...headers, "Content-Type: text/plain"],
      body,
    });
  }

  /** Answers a request that it got. */
  answer(request: Chunk, status: string, headers: readonly string[] = []): this {
    const to = request.startLine.kind === "request" && request.startLine.method === "SEND"
      ? request.fromPath.slice(0, 1)
      : request.fromPath;
    return this.send(frame(status, {
      transactionId: request.startLine.transactionId,
      to: to.map(writeMsrpUri).join(" "),
      from: this.uri,
      headers,
    }));
  }

  /** Octets since the last look. */
  raw(): Uint8Array {
    const bytes = concatBytes(...this.#unread);
    this.#unread = [];
    return bytes;
  }

  /** Whole frames since the last look. */
  frames(): Chunk[] {
    return readFrames(this.raw());
  }

  /** The one frame since the last look. */
  only(): Chunk {
    const frames = this.frames();
    assert(frames.length === 1, `one frame, not ${frames.map(show).join(" | ")}`);
    return frames[0] as Chunk;
  }

  /** Start lines without identifiers, of everything since the last look. */
  starts(): string[] {
    return this.frames().map(show);
  }

  /** It reads again: the stream takes everything that waited. */
  resume(): this {
    this.isTaking = true;
    this.bench.act(this.bench.relay.handleWritable(this.id, this.bench.now));
    return this;
  }

  end(): this {
    this.bench.act(this.bench.relay.receiveEnd(this.id, this.bench.now));
    return this;
  }

  /** Obtains a URI by two AUTHs; the digest is computed here from RFC 2617 and nothing else. */
  auth(username = "alice", headers: readonly string[] = []): string {
    const answer = this.authAnswer(username, headers);
    const path = headerValue(answer.headers, "Use-Path");
    assert(path !== undefined, `a Use-Path, not ${show(answer)}`);
    return path.split(" ").at(-1) as string;
  }

  /** The response to an AUTH with credentials. */
  authAnswer(
    username = "alice",
    headers: readonly string[] = [],
    { password = PASSWORDS[username] ?? "", to = [RELAY] }: AuthParts = {},
  ): Chunk {
    this.frame("AUTH", to, { transactionId: "auth1234" });
    const challenge = headerValue(this.only().headers, "WWW-Authenticate") ?? "";
    const authorization = credentials(challenge, username, password, to.at(-1) ?? "");
    this.frame("AUTH", to, {
      transactionId: "auth5678",
      headers: [`Authorization: ${authorization}`, ...headers],
    });
    return this.only();
  }
}

/** The value of an Authorization for a challenge (RFC 2617 §3.2.2.1 with qop `auth`). */
export function credentials(
  challenge: string,
  username: string,
  password: string,
  uri: string,
  { nc = "00000001", cnonce = "0a4f113b" }: { readonly nc?: string; readonly cnonce?: string } = {},
): string {
  const nonce = parameter(challenge, "nonce");
  const realm = parameter(challenge, "realm");
  const ha1 = md5(`${username}:${realm}:${password}`);
  const response = md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${md5(`AUTH:${uri}`)}`);
  return `Digest username="${username}", realm="${realm}", nonce="${nonce}", qop=auth, ` +
    `nc=${nc}, cnonce="${cnonce}", response="${response}"`;
}

/** A parameter of a challenge, or of any list like it. */
export function parameter(list: string, name: string): string {
  const found = new RegExp(`(?:^|[ ,])${name}="?([^",]*)"?`).exec(list)?.[1];
  assert(found !== undefined, `${name} in ${list}`);
  return found;
}

export function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

/** `SEND`, or `200 OK`. */
export function show({ startLine }: Chunk): string {
  return startLine.kind === "request"
    ? startLine.method
    : `${startLine.code} ${startLine.comment ?? ""}`.trim();
}

/** A relay and everybody around it. */
export class RelayBench {
  readonly relay: MsrpRelay;
  now = 1_000;
  readonly peers: Map<number, RelayPeer> = new Map();
  /** Connections that the relay opened, in order. */
  readonly opened: RelayPeer[] = [];
  readonly events: RelayEvent[] = [];

  /** @param options `auth` adds to the two users that every bench has. */
  constructor(
    options: Partial<Omit<MsrpRelayOptions, "auth">> & {
      readonly auth?: Partial<RelayAuthOptions>;
    } = {},
  ) {
    this.relay = new MsrpRelay({
      random: seededRandom(4976),
      authorities: [parseMsrpUri(RELAY), parseMsrpUri(PLAIN_RELAY)],
      ...options,
      auth: {
        realm: "relay.example",
        lookup: (username) => {
          const password = PASSWORDS[username];
          return password === undefined
            ? undefined
            : { username, password: passwordSecret(password) };
        },
        ...options.auth,
      },
    });
  }

  /** Somebody connects. */
  connect(
    uri = "msrps://alice.example:7777/alice123;tcp",
    facts: RelayConnectionFacts = { isSecure: true },
  ): RelayPeer {
    const { connection, outputs } = this.relay.accept(facts, this.now);
    const peer = new RelayPeer(this, connection, uri);
    this.peers.set(connection, peer);
    this.act(outputs);
    return peer;
  }

  /** A connection that the relay asked for stands. */
  connected(peer: RelayPeer, facts: RelayConnectionFacts = { isSecure: true }): RelayPeer {
    this.act(this.relay.connected(peer.id, facts, this.now));
    return peer;
  }

  /** Moves time on, stopping at every deadline. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const { deadline } = this.relay;
      if (deadline === undefined || deadline > end) break;
      this.now = Math.max(this.now, deadline);
      this.act(this.relay.handleTimeout(this.now));
    }
    this.now = end;
  }

  /** Types of the events since the last call. */
  takeEvents(): RelayEvent[] {
    return this.events.splice(0);
  }

  act(outputs: readonly RelayOutput[]): void {
    const written = new Set<RelayPeer>();
    for (const output of outputs) {
      if (output.type === "event") {
        this.events.push(output.event);
        continue;
      }
      if (output.type === "connect") {
        const peer = new RelayPeer(this, output.connection, writeMsrpUri(output.to));
        this.peers.set(output.connection, peer);
        this.opened.push(peer);
        continue;
      }
      const peer = this.peers.get(output.connection);
      assert(peer !== undefined && !peer.isClosed, `${output.type} for a connection that is open`);
      if (output.type === "transmit") {
        peer.take(output.data);
        written.add(peer);
      } else if (output.type === "close") peer.isClosed = true;
      else peer.isPaused = output.type === "pause";
    }
    for (const peer of written) {
      if (!peer.isTaking || peer.isClosed) continue;
      this.act(this.relay.handleWritable(peer.id, this.now));
    }
  }
}

/** The text of a body. */
export function bodyOf({ body }: Chunk): string {
  return latin1(body ?? new Uint8Array());
}
