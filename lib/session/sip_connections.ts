/** The connections of a SIP endpoint: made when needed, kept while open, used both ways (RFC 3261 §18, RFC 5923). */

import { SottoError } from "../base/errors.ts";
import type { WireTap } from "../base/wire_tap.ts";
import { type Destination, type Flow, identityFault, normalizeHost } from "../sip/mod.ts";
import {
  type ByteStream,
  type Certificate,
  connectTcp,
  connectTls,
  recordStream,
} from "../transport/mod.ts";
import type { Clock } from "./clock.ts";

/** Who we are under TLS, and whom we believe. */
export interface SipTlsOptions {
  /** Needed to listen for TLS; shown to servers that ask. */
  readonly certificate?: Certificate | undefined;
  /** Authorities to trust, PEM, instead of the system's. */
  readonly ca?: string | readonly string[] | undefined;
  /** Accept any certificate. */
  readonly insecure?: boolean | undefined;
  /** Accept only these certificates: SHA-256, hexadecimal, colons allowed. */
  readonly fingerprint?: string | readonly string[] | undefined;
}

/** How octets of a connection came. */
export type ConnectionFlow = Flow & {
  readonly transport: "tcp" | "tls";
  readonly connection: number;
};

/** What connections are made with. */
export interface SipConnectionsOptions {
  readonly clock: Clock;
  readonly tap?: WireTap | undefined;
  readonly tls: SipTlsOptions;
  /** Most connections at once; further ones are cut. */
  readonly limit: number;
  /** Octets arrived. */
  readonly receiveOctets: (data: Uint8Array, flow: ConnectionFlow) => void;
  /** A connection ended: what was sent over it and not answered may be lost. */
  readonly receiveEnd: (connection: number) => void;
}

/** One connection. */
interface Link {
  readonly id: number;
  readonly stream: ByteStream;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly flow: ConnectionFlow;
  /** Octets that wait to be written. */
  pending: number;
  isClosed: boolean;
}

/** All connections of one endpoint. */
export class SipConnections {
  readonly #options: SipConnectionsOptions;
  readonly #links = new Map<number, Link>();
  /** Connections that we made, by where they lead. */
  readonly #dialled = new Map<string, Promise<Link>>();
  /** What to do when a connection that we made ends. */
  readonly #ends = new Map<number, () => void>();
  readonly #loops = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #count = 0;

  /** @param options What they are made with. */
  constructor(options: SipConnectionsOptions) {
    this.#options = options;
  }

  /** Our address on an open connection to `address`, if there is one. */
  localAddress(transport: string, address: string): ByteStream["local"] | undefined {
    for (const { flow, stream } of this.#links.values()) {
      if (flow.transport === transport && flow.remote.host === address) return stream.local;
    }
    return undefined;
  }

  /** Takes a connection that somebody made to us; cuts it when there are too many. */
  async accept(stream: ByteStream, transport: "tcp" | "tls"): Promise<void> {
    if (this.#links.size >= this.#options.limit) await stream.close();
    else this.#adopt(stream, transport);
  }

  /**
   * Connects, unless there is a connection already.
   *
   * @returns Our address on it.
   * @throws {SottoError} `transport/…`
   */
  async prepare(to: Destination): Promise<ByteStream["local"]> {
    return (await this.#connect(to)).stream.local;
  }

  /**
   * Sends a message over the connection that is named, as long as it is open, or over one to
   * the place.
   *
   * @param onLink Told which one.
   * @throws {SottoError} `transport/…`
   */
  async send(
    data: Uint8Array,
    to: Destination,
    onLink?: (connection: number) => void,
  ): Promise<void> {
    // No wait when the connection is there: messages keep their order.
    const link = this.#named(to) ?? await this.#connect(to);
    onLink?.(link.id);
    if (link.pending + data.length > MOST_PENDING) {
      await this.#drop(link);
      throw new SottoError("transport/reset", "the peer does not read what is sent to it");
    }
    link.pending += data.length;
    try {
      await link.writer.write(data);
    } finally {
      link.pending -= data.length;
    }
  }

  /**
   * The connection to a place, made if there is none.
   *
   * @throws {SottoError} `transport/…`
   */
  async linkTo(to: Destination): Promise<number> {
    return (this.#named(to) ?? await this.#connect(to)).id;
  }

  /** Whether the connection that is named for `to` is open. */
  hasLinkTo(to: Destination): boolean {
    return this.#named(to) !== undefined;
  }

  /** Closes a connection once everything before was written. */
  async closeOne(connection: number): Promise<void> {
    const link = this.#links.get(connection);
    if (link === undefined) return;
    await link.writer.close().catch(() => {}); // It was closed, or broken, already.
    await this.#drop(link);
  }

  /** Closes all of them, and gives up those that are being made. */
  async close(): Promise<void> {
    this.#closing.abort(new SottoError("transport/closed", "the endpoint was closed"));
    await Promise.all([...this.#links.values()].map((link) => this.#drop(link)));
    await Promise.all([...this.#loops]);
  }

  #named(to: Destination): Link | undefined {
    const link = to.connection === undefined ? undefined : this.#links.get(to.connection);
    return link?.isClosed === false ? link : undefined;
  }

  #connect(to: Destination): Promise<Link> {
    // RFC 5922 §7.3: the server was authenticated for one domain, and speaks for no other.
    const identity = to.transport === "tls" ? normalizeHost(to.domain ?? to.host) : "";
    const key = `${to.transport}|${to.host.toLowerCase()}|${to.port}|${identity}`;
    const known = this.#dialled.get(key);
    if (known !== undefined) return known;
    const dialled = this.#dial(to);
    this.#dialled.set(key, dialled);
    const forget = () => void this.#dialled.delete(key);
    dialled.then((link) => link.isClosed ? forget() : this.#ends.set(link.id, forget), forget);
    return dialled;
  }

  async #dial({ transport, host, port, domain = host }: Destination): Promise<Link> {
    const { signal } = this.#closing;
    if (transport !== "tls") {
      return this.#adopt(await connectTcp({ host, port }, { signal }), "tcp");
    }
    const { certificate, ca, insecure, fingerprint } = this.#options.tls;
    const stream = await connectTls({ host, port }, {
      signal,
      certificate,
      ca,
      insecure,
      expectedFingerprints: typeof fingerprint === "string" ? [fingerprint] : fingerprint,
      // RFC 5922 §7.3, §7.8: the domain of the URI, not what DNS made of it.
      serverName: domain,
      judgeNames: (names) => identityFault(names, domain),
    });
    return this.#adopt(stream, "tls");
  }

  #adopt(opened: ByteStream, transport: "tcp" | "tls"): Link {
    const { tap, clock } = this.#options;
    const stream = tap === undefined
      ? opened
      : recordStream(opened, { tap, protocol: "sip", now: () => clock.wallNow() });
    const id = ++this.#count;
    const link: Link = {
      id,
      stream,
      writer: stream.writable.getWriter(),
      flow: { transport, remote: stream.remote, connection: id },
      pending: 0,
      isClosed: false,
    };
    link.writer.closed.catch(() => {}); // Failing writes tell their callers.
    this.#links.set(id, link);
    const loop = this.#read(link);
    this.#loops.add(loop);
    void loop.finally(() => this.#loops.delete(loop));
    return link;
  }

  /** Never rejects. */
  async #read(link: Link): Promise<void> {
    const reader = link.stream.readable.getReader();
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        this.#options.receiveOctets(value, link.flow);
      }
    } catch (error) {
      // Reset or cut: for SIP the same as an end. Anything else is a bug of ours.
      if (!(error instanceof SottoError)) throw error;
    } finally {
      await this.#drop(link);
    }
  }

  async #drop(link: Link): Promise<void> {
    if (link.isClosed) return;
    link.isClosed = true;
    this.#links.delete(link.id);
    this.#ends.get(link.id)?.();
    this.#ends.delete(link.id);
    this.#options.receiveEnd(link.id);
    await link.stream.close();
  }
}

/** Octets that may wait for a peer that does not read. */
const MOST_PENDING = 4 * 2 ** 20;
