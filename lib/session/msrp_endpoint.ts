/**
 * MSRP on sockets: prepares our path for a session description, then connects or is
 * connected to (RFC 4975 §5.4, §6.2, §14.4; RFC 6135).
 */

import { constantTimeEqual } from "../base/constant_time.ts";
import { fromHex, toHex } from "../base/bytes.ts";
import { SottoError } from "../base/errors.ts";
import {
  type MsrpSessionConfig,
  type MsrpUri,
  msrpUrisMatch,
  writeMsrpUri,
} from "../msrp/mod.ts";
import {
  type ByteStream,
  type Certificate,
  certificateFingerprint,
  connectTcp,
  connectTls,
  type FingerprintHash,
  type HostPort,
  isAddress,
  type Listener,
  listenTcp,
  listenTls,
  resolveHost,
} from "../transport/mod.ts";
import { delay } from "./clock.ts";
import { MsrpLink, type MsrpLinkOptions } from "./msrp_link.ts";
import type { MsrpSession } from "./msrp_session.ts";

export { type MsrpDelivery, MsrpSession } from "./msrp_session.ts";

/** `a=fingerprint`: hash function and hexadecimal value, colons allowed (RFC 8122). */
export interface ExpectedFingerprint {
  readonly hash: string;
  readonly value: string;
}

/** What a {@link MsrpEndpoint} is made of. */
export interface MsrpEndpointOptions
  extends Pick<MsrpLinkOptions, "clock" | "random" | "tap" | "limits" | "matchBySessionId"> {
  /** Use an open connection to the same host, port and scheme for further sessions (§5.4). Default `false`. */
  readonly reuseConnections?: boolean | undefined;
  /** Connections to a listener that named none of its sessions, after which it gives up; default 32. */
  readonly strangerLimit?: number | undefined;
}

/** What kind of path {@link MsrpEndpoint.prepare} makes. */
export interface PrepareOptions {
  readonly transport: "tcp" | "tls";
  /** Host for our URI: what the peer can reach us as. */
  readonly host: string;
  /** Whether the peer may connect to us; default `true`. Otherwise the port is 9 (RFC 6135 §4.2.2). */
  readonly listen?: boolean | undefined;
  /** Port to listen on; 0, the default, lets the system choose. Sessions on one other port share it. */
  readonly port?: number | undefined;
  /** Address to listen on; `host` when that is an address, else all of IPv4. */
  readonly listenHost?: string | undefined;
  /** Shown to the peer in both roles; needed to listen with TLS. */
  readonly certificate?: Certificate | undefined;
}

/** What the two session descriptions agreed on. */
export interface OpenOptions extends Omit<MsrpSessionConfig, "localPath" | "sessionId" | "reports"> {
  /** `active` connects (RFC 4145, RFC 6135). */
  readonly role: "active" | "passive";
  /**
   * What the peer's certificate must hash to, one of several. Empty or absent: the active
   * side wants a certificate that an authority vouches for, the passive side asks nothing.
   */
  readonly remoteFingerprint?:
    | ExpectedFingerprint
    | readonly ExpectedFingerprint[]
    | undefined;
  /** Without a fingerprint: take any certificate. Some peers offer TLS with no way to check it. */
  readonly allowUntrusted?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For everything until the session is bound, in milliseconds; default 30000. */
  readonly timeoutMs?: number | undefined;
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
   * @throws {TypeError} when TLS is to listen without a certificate.
   */
  async prepare(options: PrepareOptions): Promise<PreparedMsrp> {
    const { transport, host, listen = true, certificate } = options;
    const port = listen ? await this.#listen(options) : undefined;
    const uri: MsrpUri = {
      scheme: transport === "tls" ? "msrps" : "msrp",
      host,
      port: port?.local.port ?? NO_PORT,
      sessionId: toHex(this.#options.random(12)),
      transport: "tcp",
    };
    writeMsrpUri(uri); // Throws now when the host cannot stand in a URI.
    return new PreparedMsrp(uri, port, (to, opening) => this.#connect(uri, to, opening, certificate));
  }

  /** Closes every connection and every listener. Never rejects. */
  async close(): Promise<void> {
    await Promise.all([
      ...[...this.#links].map(({ link }) => link.close()),
      ...[...this.#ports.values()].map((it) => it.close()),
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
    const key = `${transport} ${at.host} ${at.port}`;
    const shared = number === 0 ? undefined : this.#ports.get(key);
    if (shared !== undefined) return shared.share();
    if (transport === "tls" && certificate === undefined) {
      throw new TypeError("expected a certificate to listen with TLS");
    }
    const listener = certificate !== undefined && transport === "tls"
      ? await listenTls(at, { certificate, requestClientCertificate: true })
      : await listenTcp(at);
    const name = number === 0 ? `${key} ${listener.local.port}` : key;
    const port = new MsrpPort(listener, this.#options, number !== 0, (link) => {
      if (link === undefined) this.#ports.delete(name);
      else this.#keep("", link);
    });
    this.#ports.set(name, port);
    return port;
  }

  async #connect(
    uri: MsrpUri,
    to: MsrpUri,
    opening: OpenOptions & { readonly signal: AbortSignal },
    certificate: Certificate | undefined,
  ): Promise<MsrpSession> {
    const expected = fingerprintList(opening.remoteFingerprint);
    const key = `${to.scheme} ${to.host.toLowerCase()} ${to.port} ${JSON.stringify(expected)}`;
    const config: MsrpSessionConfig = { ...opening, localPath: [uri] };
    const existing = this.#options.reuseConnections
      ? [...this.#links].find((it) => it.key === key && it.link.isOpen)?.link
      : undefined;
    if (existing !== undefined) return await orAborted(existing.bind(config), opening.signal);
    const stream = await connectTo(to, opening, expected, certificate);
    const link = new MsrpLink(stream, this.#options);
    this.#keep(key, link);
    try {
      return await orAborted(link.bind(config), opening.signal);
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

/** Our side of one session, before the peer's side is known. Used once. */
export class PreparedMsrp implements AsyncDisposable {
  /** For `a=path`. */
  readonly localPath: readonly MsrpUri[];
  /** Whether the passive role is possible. */
  readonly canListen: boolean;
  readonly #port: MsrpPort | undefined;
  readonly #connect: (
    to: MsrpUri,
    options: OpenOptions & { readonly signal: AbortSignal },
  ) => Promise<MsrpSession>;
  #hasOpened = false;

  /** @param connect How to reach the peer in the active role. */
  constructor(
    uri: MsrpUri,
    port: MsrpPort | undefined,
    connect: (
      to: MsrpUri,
      options: OpenOptions & { readonly signal: AbortSignal },
    ) => Promise<MsrpSession>,
  ) {
    this.localPath = [uri];
    this.canListen = port !== undefined;
    this.#port = port;
    this.#connect = connect;
  }

  /**
   * Connects and binds, or waits until the peer does.
   *
   * @throws {SottoError} `session/msrp-timeout`; `session/msrp-refused` when the peer
   * answers with an error; `session/msrp-closed`; `session/tls-fingerprint-mismatch`;
   * `session/msrp-strangers` after too many connections that were not the peer's;
   * `transport/…` when it cannot connect; the signal's own reason.
   * @throws {TypeError} for the passive role of a path that does not listen.
   */
  async open(options: OpenOptions): Promise<MsrpSession> {
    const [to] = options.remotePath;
    const [uri] = this.localPath;
    if (to === undefined || uri === undefined) throw new RangeError("the path of the peer is empty");
    if (this.#hasOpened) throw new TypeError("this path was used already");
    this.#hasOpened = true;
    const isPassive = options.role === "passive";
    if (isPassive && this.#port === undefined) throw new TypeError("this path does not listen");
    if (!isPassive) await this.#port?.release();
    const { clock } = this.#port ?? {};
    void clock;
    return await this.#within(options, (opening) =>
      isPassive && this.#port !== undefined
        ? this.#port.accept(uri, opening)
        : this.#connect(to, opening));
  }

  /** Stops listening if the path was not used. Sessions stay. Never rejects. */
  async close(): Promise<void> {
    await this.#port?.release();
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
