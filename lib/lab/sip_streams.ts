/**
 * All connections of the lab's SIP server. Whatever comes, there is room for one more: the most
 * useless connection makes place, so that ten thousand silent ones cannot keep anybody out.
 */

import type { Instant } from "../base/output.ts";
import { SottoError } from "../base/errors.ts";
import type { HostPort, WireTap } from "../base/wire_tap.ts";
import type { Clock, SipTlsOptions } from "../session/mod.ts";
import { type Destination, StreamFramer } from "../sip/mod.ts";
import { type ByteStream, connectTcp, connectTls, recordStream } from "../transport/mod.ts";
import { SipStream } from "./sip_stream.ts";
import { faulted, type SocketFaults } from "./socket_faults.ts";

/** How many connections there may be, and for how long without use. */
export interface StreamLimits {
  /** Most connections at once. Default 500: fewer than the files that most systems allow. */
  readonly connections?: number | undefined;
  /** How long a message may take from its first octet to its last, in milliseconds. Default 20,000. */
  readonly messageTime?: number | undefined;
  /**
   * How long a connection over which nobody is registered may be silent, in milliseconds: well
   * beyond the two minutes at which clients ping (RFC 5626 §4.4.1). Default 600,000.
   */
  readonly idleTime?: number | undefined;
}

/** What happens on connections. */
export interface StreamsHandler {
  receiveFramed(framed: ReturnType<StreamFramer["feed"]>[number], stream: SipStream): void;
  receiveEnd(connection: number): void;
  /** Whether somebody is reached over it, however silent it is. */
  isNeeded(connection: number): boolean;
}

/** What connections are made with. */
export interface SipStreamsOptions {
  readonly clock: Clock;
  readonly handler: StreamsHandler;
  readonly tls: SipTlsOptions;
  readonly tap?: WireTap | undefined;
  readonly faults?: SocketFaults | undefined;
  readonly limits?: StreamLimits | undefined;
  /** Numbers for connections, none twice. */
  readonly nextNumber: () => number;
}

/** How long connecting may take, in milliseconds. */
const CONNECT_PATIENCE = 10_000;
/** How often useless connections are looked for, in milliseconds. */
const SWEEP_INTERVAL = 1_000;
/** Connections being made at once, and messages that may wait for each. */
const MOST_DIALLING = 256;

/** See the file comment. */
export class SipStreams {
  readonly #options: SipStreamsOptions;
  readonly #streams = new Map<number, SipStream>();
  /** Connections that we made or are making, by where they lead. */
  readonly #dialled = new Map<string, Promise<SipStream>>();
  readonly #loops = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #nextSweep: Instant;
  readonly #limits: { readonly [Name in keyof StreamLimits]-?: number };

  /** @param options What they are made with. */
  constructor(options: SipStreamsOptions) {
    this.#options = options;
    const { connections = 500, messageTime = 20_000, idleTime = 600_000 } = options.limits ?? {};
    this.#limits = { connections, messageTime, idleTime };
    this.#nextSweep = options.clock.now();
  }

  /** Connections that are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** Our end of a connection. */
  localAddress(connection: number | undefined): HostPort | undefined {
    return connection === undefined ? undefined : this.#streams.get(connection)?.stream.local;
  }

  /** Takes a connection that somebody made to us; cuts it when every other one is needed. */
  accept(stream: ByteStream, transport: "tcp" | "tls"): void {
    if (this.#makeRoom()) this.#adopt(stream, transport);
    else void stream.close();
  }

  /**
   * Sends a message over the connection that is named, or over one to the place.
   *
   * @param onLink Told which one, before anything is sent.
   * @throws {SottoError} `transport/…`
   */
  async send(
    data: Uint8Array,
    to: Destination,
    onLink: (connection: number) => void,
  ): Promise<void> {
    const named = to.connection === undefined ? undefined : this.#streams.get(to.connection);
    // No wait when the connection is there: messages keep their order.
    const stream = named ?? this.#towards(to) ?? await this.#dial(to);
    onLink(stream.flow.connection);
    await stream.send(data);
  }

  /** Closes a connection once everything before was written. */
  async closeOne(connection: number): Promise<void> {
    await this.#streams.get(connection)?.finish(this.#patience(1_000));
  }

  /** When {@link sweep} may have something to do. */
  get deadline(): Instant | undefined {
    return this.#streams.size === 0 ? undefined : this.#nextSweep;
  }

  /** Ends connections that dribble, and those that nobody uses. Looks at most once a second. */
  sweep(now: Instant): void {
    if (now < this.#nextSweep) return;
    const { messageTime, idleTime } = this.#limits;
    this.#nextSweep = now + Math.min(SWEEP_INTERVAL, messageTime, idleTime);
    for (const stream of this.#streams.values()) {
      const { unfinishedSince, flow } = stream;
      const isDribbling = unfinishedSince !== undefined && now - unfinishedSince >= messageTime;
      const isIdle = now - (stream.usefulAt ?? stream.openedAt) >= idleTime &&
        !this.#options.handler.isNeeded(flow.connection);
      if (isDribbling || isIdle) void stream.close();
    }
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    this.#closing.abort(new SottoError("transport/closed", "the server was closed"));
    await Promise.all([...this.#streams.values()].map((it) => it.close()));
    await Promise.allSettled([...this.#dialled.values()]);
    await Promise.all([...this.#loops]);
  }

  #adopt(opened: ByteStream, transport: "tcp" | "tls"): SipStream {
    const { clock, tap, faults, nextNumber, handler } = this.#options;
    const recorded = tap === undefined
      ? opened
      : recordStream(opened, { tap, protocol: "sip", now: () => clock.wallNow() });
    const number = nextNumber();
    const stream = new SipStream(faulted(recorded, faults), transport, number, clock.now());
    this.#streams.set(number, stream);
    const framer = new StreamFramer();
    const loop = stream.read((data) => {
      for (const framed of framer.feed(data)) {
        if (framed.type !== "broken") stream.usefulAt = clock.now();
        stream.unfinishedSince = undefined;
        handler.receiveFramed(framed, stream);
      }
      stream.unfinishedSince = framer.isInsideMessage
        ? stream.unfinishedSince ?? clock.now()
        : undefined;
    }).finally(async () => {
      this.#streams.delete(number);
      await stream.close();
      handler.receiveEnd(number);
    });
    this.#loops.add(loop);
    void loop.finally(() => this.#loops.delete(loop));
    return stream;
  }

  /**
   * The most useless connection goes: of the host that has most of them, one that never said
   * anything, else the longest silent.
   *
   * @returns Whether there is room for one more.
   */
  #makeRoom(): boolean {
    if (this.#streams.size < this.#limits.connections) return true;
    const counts = new Map<string, number>();
    for (const { flow } of this.#streams.values()) {
      counts.set(flow.remote.host, (counts.get(flow.remote.host) ?? 0) + 1);
    }
    const most = Math.max(...counts.values());
    let worst: SipStream | undefined;
    for (const stream of this.#streams.values()) {
      const { remote, connection } = stream.flow;
      if (stream.isClosed || this.#options.handler.isNeeded(connection)) continue;
      const isOfMost = counts.get(remote.host) === most;
      const beats = worst === undefined ||
        (isOfMost && counts.get(worst.flow.remote.host) !== most) ||
        (isOfMost === (counts.get(worst.flow.remote.host) === most) &&
          isLessUseful(stream, worst));
      if (beats) worst = stream;
    }
    if (worst === undefined) return false;
    this.#streams.delete(worst.flow.connection);
    void worst.close();
    return true;
  }

  /** A connection that its peer made, and that ends where the message should go (RFC 5923). */
  #towards(to: Destination): SipStream | undefined {
    for (const stream of this.#streams.values()) {
      const { transport, remote } = stream.flow;
      const isThere = transport === to.transport && remote.port === to.port &&
        remote.host === to.host;
      if (isThere && !stream.isClosed) return stream;
    }
    return undefined;
  }

  #dial(to: Destination): Promise<SipStream> {
    const key = `${to.transport} ${to.host} ${to.port}`;
    const known = this.#dialled.get(key);
    if (known !== undefined) return known;
    if (this.#dialled.size >= MOST_DIALLING) {
      return Promise.reject(
        new SottoError("transport/unreachable", "too many connections are being made"),
      );
    }
    const dialling = this.#connect(to).finally(() => this.#dialled.delete(key));
    this.#dialled.set(key, dialling);
    return dialling;
  }

  async #connect(to: Destination): Promise<SipStream> {
    const { clock, tls } = this.#options;
    const waiting = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, waiting.signal]);
    const patience = clock.reached(clock.now() + CONNECT_PATIENCE, signal).then(() =>
      waiting.abort(new SottoError("transport/timeout", `nobody answers at ${to.host}:${to.port}`))
    );
    void patience;
    const at: HostPort = { host: to.host, port: to.port };
    try {
      const stream = to.transport === "tls"
        ? await connectTls(at, { signal, ...tlsSettings(tls) })
        : await connectTcp(at, { signal });
      if (this.#makeRoom()) return this.#adopt(stream, to.transport === "tls" ? "tls" : "tcp");
      await stream.close();
      throw new SottoError("transport/unreachable", "there are too many connections");
    } finally {
      waiting.abort();
    }
  }

  #patience(milliseconds: number): Promise<void> {
    const { clock } = this.#options;
    return clock.reached(clock.now() + milliseconds, this.#closing.signal);
  }
}

function isLessUseful(a: SipStream, b: SipStream): boolean {
  if (a.usefulAt === undefined || b.usefulAt === undefined) {
    return a.usefulAt === undefined && (b.usefulAt !== undefined || a.openedAt < b.openedAt);
  }
  return a.usefulAt < b.usefulAt;
}

function tlsSettings(tls: SipTlsOptions): Parameters<typeof connectTls>[1] {
  const { certificate, ca, insecure, fingerprint } = tls;
  const fingerprints = typeof fingerprint === "string" ? [fingerprint] : fingerprint;
  return {
    certificate,
    ca,
    insecure,
    ...(fingerprints === undefined ? {} : { expectedFingerprints: fingerprints }),
  };
}
