/** Connections to relays that act for us, each shared by all sessions that it carries (RFC 4976 §5). */
import { SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import type { WireTap } from "../base/wire_tap.ts";
import {
  type ConnectionLimits,
  type MsrpSessionConfig,
  type MsrpUri,
  type RelayPathEvent,
  type RelayPathGranted,
  type RelayPathRefused,
  UriParameterMemory,
  writeMsrpUri,
} from "../msrp/mod.ts";
import { type ByteStream, connectTcp, connectTls, resolveHost } from "../transport/mod.ts";
import { type Clock, delay } from "./clock.ts";
import { MsrpLink } from "./msrp_link.ts";
import type { MsrpSession } from "./msrp_session.ts";
import { relayError, showRelay } from "./msrp_relay_errors.ts";
import {
  type RelayServer,
  relayServers,
  type RelaySettings,
  relayUris,
  webSocketOf,
} from "./msrp_relay_settings.ts";
import { openMsrpWebSocket } from "./msrp_websocket.ts";
import { orAborted } from "./or_aborted.ts";

/** What {@link MsrpRelays} are made of. */
export interface MsrpRelaysOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly tap?: WireTap | undefined;
  readonly limits?: ConnectionLimits | undefined;
  /** What was learned about relays before; a fresh one by default. */
  readonly memory?: UriParameterMemory | undefined;
  /** Milliseconds that a connection without sessions is kept; default an hour (§5.4). */
  readonly idleTimeout?: number | undefined;
}

/** Told of what becomes of a path after it was granted. */
export type RelayWatcher = (event: RelayPathEvent) => void;

/** A path through relays, for one session. */
export interface RelayedPath {
  /** The way out: what stands before the peer's path in To-Path. */
  readonly usePath: readonly MsrpUri[];
  /** Whether the connection stands that it depends on. */
  readonly isOpen: boolean;
  readonly grant: RelayPathGranted;
  /** Whether it went over plain TCP. */
  readonly isInsecure: boolean;
  /** Binds the session as the active side. Rejects with why not, or the signal's reason. */
  bind(config: MsrpSessionConfig, signal: AbortSignal): Promise<MsrpSession>;
  /** Waits until the peer binds it. */
  expect(config: MsrpSessionConfig, signal: AbortSignal): Promise<MsrpSession>;
  /** Calls `watcher` for every refresh, failed refresh, and the end of its time. One watcher. */
  watch(watcher: RelayWatcher): void;
  /** Lets it lapse. The connection stays for others. */
  release(): void;
}

/** All relay connections of a process, or of one call. */
export class MsrpRelays implements AsyncDisposable {
  readonly #options: MsrpRelaysOptions;
  readonly #memory: UriParameterMemory;
  readonly #links = new Map<string, MsrpLink>();
  readonly #connecting = new Map<string, Promise<MsrpLink>>();
  readonly #idle = new Map<MsrpLink, AbortController>();
  readonly #all = new Set<MsrpLink>();
  readonly #closing = new AbortController();

  /** @param options Time and randomness; who is told of the frames. */
  constructor(options: MsrpRelaysOptions) {
    this.#options = options;
    this.#memory = options.memory ?? new UriParameterMemory();
  }

  /**
   * Asks the relays for a path that ends at `self`.
   *
   * @throws {SottoError} `session/relay-insecure`, `relay-none`, `relay-credentials`,
   * `relay-refused`, `relay-no-answer`, `relay-fault`; `transport/…` when the relay cannot be
   * reached; the signal's reason.
   */
  async obtain(
    settings: RelaySettings,
    transport: "tls" | "tcp",
    self: MsrpUri,
    given: AbortSignal,
  ): Promise<RelayedPath> {
    const signal = AbortSignal.any([given, this.#closing.signal]);
    const uris = relayUris(settings, transport);
    const without = new Set<number>();
    let hadOldConnection = false;
    // Each turn but two leaves `uri` out for one more relay: this ends.
    for (;;) {
      const before = new Set(this.#all);
      const link = await this.#connection(settings, uris, signal);
      const result = await this.#ask(link, settings, uris, self, without, signal);
      if (!("refusal" in result)) {
        this.#learn(uris, result.grant);
        return this.#path(link, self, result.grant, transport === "tcp", result.watchers);
      }
      const { refusal } = result;
      await this.#drop(link);
      if (refusal.cause === "connection" && before.has(link) && !hadOldConnection) {
        // It had been cut while nobody looked.
        hadOldConnection = true;
        continue;
      }
      const isTrial = (settings.uriParameter ?? "auto") === "auto" && !without.has(refusal.index);
      if (!isTrial || !UriParameterMemory.isWorthWithout(refusal)) throw relayError(refusal);
      without.add(refusal.index);
    }
  }

  /** Closes every connection. Never rejects. */
  async close(): Promise<void> {
    this.#closing.abort(new SottoError("session/msrp-closed", "the relay connections were closed"));
    for (const idle of this.#idle.values()) idle.abort();
    await Promise.allSettled(this.#connecting.values());
    await Promise.all([...this.#all].map((it) => it.close()));
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #ask(
    link: MsrpLink,
    settings: RelaySettings,
    uris: readonly MsrpUri[],
    self: MsrpUri,
    without: ReadonlySet<number>,
    signal: AbortSignal,
  ): Promise<
    | { readonly grant: RelayPathGranted; readonly watchers: Watchers }
    | { readonly refusal: RelayPathRefused }
  > {
    const id = sessionIdOf(self);
    const first = Promise.withResolvers<RelayPathGranted | RelayPathRefused>();
    const watchers: Watchers = { watcher: undefined };
    const choice = settings.uriParameter ?? "auto";
    const config = {
      id,
      self,
      expires: settings.expires,
      digestMinimum: settings.digestMinimum,
      relays: uris.map((uri, index) => ({
        uri,
        credentials: settings.credentials,
        uriParameter: choice !== "auto"
          ? choice
          : without.has(index)
          ? "no" as const
          : this.#memory.choose(uri),
      })),
    };
    const gone = link.ended.then(() => {
      throw link.failure ?? lostRelay(uris);
    });
    gone.catch(() => {}); // Raced below, and of no interest afterwards.
    try {
      await orAborted(
        link.authorize(config, (event) => {
          if (event.type !== "relay-expired") first.resolve(event);
          watchers.watcher?.(event);
        }),
        signal,
      );
      const event = await orAborted(Promise.race([first.promise, gone]), signal);
      if (event.type === "relay-granted") return { grant: event, watchers };
      link.forget(id);
      return { refusal: event };
    } catch (error) {
      link.forget(id);
      this.#whenUnused(link);
      throw error;
    }
  }

  #path(
    link: MsrpLink,
    self: MsrpUri,
    grant: RelayPathGranted,
    isInsecure: boolean,
    watchers: Watchers,
  ): RelayedPath {
    return {
      usePath: grant.usePath,
      get isOpen() {
        return link.isOpen;
      },
      bind: (config, signal) => link.bind(config, signal),
      expect: (config, signal) => link.expect(config, signal),
      grant,
      isInsecure,
      watch: (watcher) => {
        watchers.watcher = watcher;
      },
      release: () => {
        link.forget(sessionIdOf(self));
        this.#whenUnused(link);
      },
    };
  }

  #learn(uris: readonly MsrpUri[], { withUri }: RelayPathGranted): void {
    for (const [index, uri] of uris.entries()) {
      this.#memory.learn(uri, withUri[index] === true ? "yes" : "no");
    }
  }

  /** An open connection to the first relay, or a new one. */
  async #connection(
    settings: RelaySettings,
    uris: readonly MsrpUri[],
    signal: AbortSignal,
  ): Promise<MsrpLink> {
    const [uri] = uris;
    if (uri === undefined) throw new RangeError("expected a relay");
    const key = `${writeMsrpUri(uri)} ${settings.credentials.username}`;
    const open = this.#links.get(key);
    if (open?.isOpen === true) {
      this.#idle.get(open)?.abort();
      return open;
    }
    const connecting = this.#connecting.get(key) ?? this.#connect(key, settings, uris);
    this.#connecting.set(key, connecting);
    try {
      return await orAborted(connecting, signal);
    } finally {
      if (this.#connecting.get(key) === connecting) this.#connecting.delete(key);
    }
  }

  async #connect(
    key: string,
    settings: RelaySettings,
    uris: readonly MsrpUri[],
  ): Promise<MsrpLink> {
    // Others may wait for it too: whoever asked first must not end it with their own call.
    const { signal } = this.#closing;
    const [uri] = uris as [MsrpUri];
    const servers = await relayServers(uri, this.#options.random, { ...settings.dns, signal });
    const stream = await connectToRelay(uri, servers, settings, this.#options.random, signal);
    const link = new MsrpLink(stream, {
      ...this.#options,
      keepOpen: true,
      lost: (cause) => lostRelay(uris, cause),
    });
    this.#links.set(key, link);
    this.#all.add(link);
    void link.ended.then(() => {
      this.#all.delete(link);
      this.#idle.get(link)?.abort();
      this.#idle.delete(link);
      if (this.#links.get(key) === link) this.#links.delete(key);
    });
    if (this.#closing.signal.aborted) {
      await link.close();
      throw this.#closing.signal.reason;
    }
    return link;
  }

  /** A connection on which a relay did not grant: of no use to us, unless it carries others. */
  async #drop(link: MsrpLink): Promise<void> {
    if (link.authorizations > 0 || link.isInUse) return;
    await link.close();
  }

  /** §5.4: a connection that no session uses stays for a while. */
  #whenUnused(link: MsrpLink): void {
    if (link.authorizations > 0 || !link.isOpen) return;
    this.#idle.get(link)?.abort();
    const stop = new AbortController();
    this.#idle.set(link, stop);
    const { clock, idleTimeout = 3_600_000 } = this.#options;
    void delay(clock, idleTimeout, stop.signal).then(
      () => this.#drop(link),
      () => {}, // It is used again, or closed.
    );
  }
}

/** One connection after the other until one stands. */
async function connectToRelay(
  uri: MsrpUri,
  servers: readonly RelayServer[],
  settings: RelaySettings,
  random: RandomSource,
  signal: AbortSignal,
): Promise<ByteStream> {
  let failure: unknown;
  for (const { host: name, port, name: serverName } of servers) {
    try {
      for (const host of await resolveHost(name, { ...settings.dns, signal })) {
        try {
          // §9.2: no certificate of ours; the relay knows us by password.
          const stream = uri.scheme === "msrp"
            ? await connectTcp({ host, port }, { signal })
            : await connectTls({ host, port }, {
              signal,
              serverName,
              insecure: settings.allowUntrusted ?? false,
              ...(settings.ca === undefined ? {} : { ca: settings.ca }),
            });
          const webSocket = webSocketOf(settings);
          if (webSocket === undefined) return stream;
          const authority = { host: name, port };
          return await openMsrpWebSocket(stream, { ...webSocket, authority, random, signal });
        } catch (error) {
          signal.throwIfAborted();
          failure = moreTelling(failure, error);
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      failure = moreTelling(failure, error);
    }
  }
  throw failure ?? new SottoError("session/relay-none", `no server for ${showRelay(uri)}`);
}

/** What is wrong with a certificate says more than that another address does not listen. */
function moreTelling(before: unknown, now: unknown): unknown {
  return before instanceof SottoError && before.code.startsWith("transport/tls-") ? before : now;
}

function lostRelay(uris: readonly MsrpUri[], cause?: SottoError): SottoError {
  const [uri] = uris;
  const name = uri === undefined ? "" : ` ${showRelay(uri)}`;
  return new SottoError(
    "session/relay-lost",
    `the connection to the MSRP relay${name} was lost, and the path through it with it`,
    cause === undefined ? {} : { cause },
  );
}

function sessionIdOf(self: MsrpUri): string {
  if (self.sessionId === undefined) throw new RangeError("our own URI has no session-id");
  return self.sessionId;
}

interface Watchers {
  watcher: RelayWatcher | undefined;
}
