/**
 * MSRP on sockets: prepares our path for a session description, then connects or is
 * connected to (RFC 4975 §5.4, §6.2, §14.4; RFC 6135).
 */

import { toHex } from "../base/bytes.ts";
import type { RandomSource } from "../base/output.ts";
import type { WireTap } from "../base/wire_tap.ts";
import { type ConnectionLimits, type MsrpUri, writeMsrpUri } from "../msrp/mod.ts";
import {
  type Certificate,
  type HostPort,
  isAddress,
  listenTcp,
  listenTls,
} from "../transport/mod.ts";
import type { Clock } from "./clock.ts";
import { fingerprintList } from "./msrp_fingerprint.ts";
import { connectToPeer } from "./msrp_connect.ts";
import { openEither, yieldsTo } from "./msrp_glare.ts";
import { MsrpLink } from "./msrp_link.ts";
import { MsrpPort } from "./msrp_port.ts";
import {
  type BoundedOpening,
  openInTime,
  type OpenOptions,
  type PreparedMsrp,
  sessionConfig,
} from "./msrp_opening.ts";
import type { MsrpSession } from "./msrp_session.ts";

export type { ExpectedFingerprint } from "./msrp_fingerprint.ts";
export type { OpenOptions, PreparedMsrp } from "./msrp_opening.ts";
export { type MsrpDelivery, MsrpSession } from "./msrp_session.ts";

/** What a {@link MsrpEndpoint} is made of. */
export interface MsrpEndpointOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Told of every frame, after TLS was removed: one record each. */
  readonly tap?: WireTap | undefined;
  readonly limits?: ConnectionLimits | undefined;
  /** See `MsrpConnectionOptions.matchBySessionId`. Default `false`. */
  readonly matchBySessionId?: boolean | undefined;
  /** Use an open connection to the same host, port and scheme for further sessions (§5.4). Default `false`. */
  readonly reuseConnections?: boolean | undefined;
  /** PEM: authorities that vouch for peers without a fingerprint; by default the system's. */
  readonly ca?: string | undefined;
  /** Connections to a listener that named none of its sessions, after which waiting ends; default 32. */
  readonly strangerLimit?: number | undefined;
}

/** What kind of path {@link MsrpEndpoint.prepare} makes. */
export interface PrepareOptions {
  readonly transport: "tcp" | "tls";
  /** Host for our URI: what the peer can reach us as. */
  readonly host: string;
  /** Whether the peer may connect to us; default `true`. Otherwise our URI has port 9 (RFC 6135 §4.2.2). */
  readonly listen?: boolean | undefined;
  /** Port to listen on; 0, the default, lets the system choose. Sessions on any other port share it. */
  readonly port?: number | undefined;
  /** Address to listen on; `host` when that is an address, else all of IPv4. */
  readonly listenHost?: string | undefined;
  /** Shown to the peer in both roles; needed to listen with TLS. */
  readonly certificate?: Certificate | undefined;
}

/** All MSRP of one user agent. */
export class MsrpEndpoint implements AsyncDisposable {
  readonly #options: MsrpEndpointOptions;
  readonly #ports = new Map<string, MsrpPort>();
  readonly #links = new Set<{ readonly key: string; readonly link: MsrpLink }>();

  /** @param options Time, randomness, limits; who is told of the frames. */
  constructor(options: MsrpEndpointOptions) {
    this.#options = options;
  }

  /**
   * Makes our side of a session: a URI with 96 random bits, and a listening socket.
   *
   * @throws {SottoError} `transport/…` when it cannot listen.
   * @throws {TypeError} when TLS is to listen without a certificate, or `host` is no host.
   */
  async prepare(options: PrepareOptions): Promise<PreparedMsrp> {
    const { transport, host, listen = true, certificate } = options;
    const uri = (port: number): MsrpUri => ({
      scheme: transport === "tls" ? "msrps" : "msrp",
      host,
      port,
      sessionId: toHex(this.#options.random(12)),
      transport: "tcp",
    });
    writeMsrpUri(uri(NO_PORT)); // Throws before anything is opened.
    const port = listen ? await this.#listen(options) : undefined;
    const self = uri(port?.local.port ?? NO_PORT);
    return new DirectMsrp(
      self,
      port,
      (opening) => this.#connect(self, opening, certificate),
      this.#options.clock,
    );
  }

  /** Closes every connection and every listener. Never rejects. */
  async close(): Promise<void> {
    await Promise.all([
      ...[...this.#ports.values()].map((it) => it.close()),
      ...[...this.#links].map(({ link }) => link.close()),
    ]);
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #listen(options: PrepareOptions): Promise<MsrpPort> {
    const { transport, host, certificate, port: number = 0 } = options;
    const at: HostPort = {
      host: options.listenHost ?? (isAddress(host) ? host : "0.0.0.0"),
      port: number,
    };
    const shared = this.#ports.get(`${transport} ${at.host} ${at.port}`);
    if (shared !== undefined) return shared.share();
    if (transport === "tls" && certificate === undefined) {
      throw new TypeError("expected a certificate to listen with TLS");
    }
    const listener = transport === "tls" && certificate !== undefined
      ? await listenTls(at, { certificate, requestClientCertificate: true })
      : await listenTcp(at);
    // A port that the system chose belongs to one session: no other can ask for it by 0.
    const name = `${transport} ${at.host} ${number === 0 ? "own " : ""}${listener.local.port}`;
    const port = new MsrpPort(listener, {
      ...this.#options,
      isShared: number !== 0,
      onLink: (link) => this.#keep("", link),
      onClosed: () => this.#ports.delete(name),
    });
    this.#ports.set(name, port);
    return port;
  }

  async #connect(
    self: MsrpUri,
    opening: BoundedOpening,
    certificate: Certificate | undefined,
  ): Promise<MsrpSession> {
    const { signal, remotePath: [to] } = opening;
    if (to === undefined) throw new RangeError("the path of the peer is empty");
    // RFC 4976 §9.2: to a relay we show no certificate, and want one for its name.
    const expected = isRelayed(opening) ? [] : fingerprintList(opening.remoteFingerprint);
    const shown = isRelayed(opening) ? undefined : certificate;
    const key = `${to.scheme} ${to.host.toLowerCase()} ${to.port} ${
      JSON.stringify([expected, opening.via])
    }`;
    const config = sessionConfig(self, [], opening);
    const existing = this.#options.reuseConnections
      ? [...this.#links].find((it) => it.key === key && it.link.isOpen)?.link
      : undefined;
    if (existing !== undefined) return await existing.bind(config, signal);
    const stream = await connectToPeer(to, opening, {
      expected,
      certificate: shown,
      ca: this.#options.ca,
      clock: this.#options.clock,
    });
    const link = new MsrpLink(stream, this.#options);
    this.#keep(key, link);
    try {
      return await link.bind(config, signal);
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  #keep(key: string, link: MsrpLink): void {
    const entry = { key, link };
    this.#links.add(entry);
    void link.ended.then(() => this.#links.delete(entry));
  }
}

/** A path on which we listen, or from which we connect. */
class DirectMsrp implements PreparedMsrp {
  readonly localPath: readonly MsrpUri[];
  readonly #self: MsrpUri;
  readonly #port: MsrpPort | undefined;
  readonly #connect: (opening: BoundedOpening) => Promise<MsrpSession>;
  readonly #clock: Clock;
  #hasOpened = false;
  #hasReleased = false;

  /**
   * @param self Our URI.
   * @param port What listens for the passive role.
   * @param connect The active role.
   */
  constructor(
    self: MsrpUri,
    port: MsrpPort | undefined,
    connect: (opening: BoundedOpening) => Promise<MsrpSession>,
    clock: Clock,
  ) {
    this.localPath = [self];
    this.#self = self;
    this.#port = port;
    this.#connect = connect;
    this.#clock = clock;
  }

  get canListen(): boolean {
    return this.#port !== undefined;
  }

  async open(options: OpenOptions): Promise<MsrpSession> {
    if (this.#hasOpened) throw new TypeError("this path was used already");
    const port = this.#port;
    if (options.role === "passive" && port === undefined) {
      throw new TypeError("this path does not listen");
    }
    this.#hasOpened = true;
    try {
      return await openInTime(this.#clock, options, async (opening) => {
        if (port === undefined) return await this.#connect(opening);
        const config = sessionConfig(this.#self, [], options);
        // §14.4 is about peers; a relay of theirs has a certificate of its own.
        const expected = isRelayed(options) ? [] : fingerprintList(options.remoteFingerprint);
        const accept = (signal: AbortSignal) => port.accept(this.#self, config, expected, signal);
        if (options.role === "passive") return await accept(opening.signal);
        return await openEither({
          clock: this.#clock,
          signal: opening.signal,
          yields: yieldsTo(this.#self.sessionId, options.remotePath.at(-1)?.sessionId),
          connect: (signal) => this.#connect({ ...opening, signal }),
          accept,
        });
      });
    } finally {
      // A shared port goes on for the others; our own is of no use any more.
      await this.close();
    }
  }

  async close(): Promise<void> {
    if (this.#hasReleased) return;
    this.#hasReleased = true;
    await this.#port?.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Whether the first hop of the peer's path is a relay. */
function isRelayed({ remotePath }: OpenOptions): boolean {
  return remotePath.length > 1;
}

/** The discard port: what RFC 6135 §4.2.2 writes where nothing listens. */
const NO_PORT = 9;
