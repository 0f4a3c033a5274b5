/**
 * A whole lab: everything that stands in for a network, opened together and closed together.
 * Registrar and proxy stand in front; the bots behind them, at ports that nobody need know.
 */

import { SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import type { HostPort, WireTap } from "../base/wire_tap.ts";
import type { RelayEvent } from "../msrp/mod.ts";
import type { DsaPrivateKey } from "../otr/mod.ts";
import type { Clock, ListenAddress } from "../session/mod.ts";
import { parseSipUri, type SipServerEvent, writeHostPort } from "../sip/mod.ts";
import { bindUdp, type Certificate } from "../transport/mod.ts";
import { type BotActivity, BotHouse } from "./bot_house.ts";
import { EchoBot } from "./echo_bot.ts";
import { FocusBot, type FocusBotOptions } from "./focus_bot.ts";
import { MsrpRelayServer, type MsrpRelayServerOptions } from "./msrp_relay.ts";
import { SipServer, type SipServerOptions } from "./sip_server.ts";
import type { LabFault } from "./fault.ts";
import { type FaultyNetwork, faultyNetwork } from "./faulty_network.ts";
import { PathRewriter } from "./path_rewriter.ts";
import type { LabUser } from "./users.ts";

/** What a {@link Lab} is made of. */
export interface LabOptions {
  /** Where SIP is received over UDP and TCP; port 0 lets the system choose one for both. At least one. */
  readonly listen: readonly HostPort[];
  /** Where SIP is received over TLS. */
  readonly listenTls?: readonly HostPort[];
  /** Where the relay listens; empty: there is none. Default: TLS and TCP at free ports of {@link listen}'s hosts. */
  readonly listenRelay?: MsrpRelayServerOptions["listen"];
  /** A domain that the lab is responsible for, beside its addresses: the realm of its digests. */
  readonly domain?: string;
  /** Who has an account. */
  readonly users?: readonly LabUser[];
  readonly clock: Clock;
  readonly random: RandomSource;
  /** For the Server header field: `sotto/1.2.3`. */
  readonly userAgent: string;
  /** The lab's own, for SIP and MSRP over TLS. */
  readonly certificate: Certificate;
  /** The echo's OTR key. */
  readonly key: DsaPrivateKey;
  /** Octets that the echo answers SMP with. */
  readonly smpSecret: Uint8Array;
  /** Let the relay take AUTH over plain TCP, which RFC 4976 §8 forbids. */
  readonly allowsInsecureRelay?: boolean;
  /** A bad network between the servers and everybody. */
  readonly fault?: LabFault;
  /** Bounds of the conference. */
  readonly focusLimits?: FocusBotOptions["limits"];
  /** Further options of the registrar and proxy. */
  readonly server?: Partial<Pick<SipServerOptions, "algorithms" | "times" | "timers" | "limits">>;
  /** Told of who comes to the bots and goes. */
  readonly onActivity?: (activity: BotActivity) => void;
  /** Told of what the registrar and proxy do. */
  readonly onSip?: (event: SipServerEvent) => void;
  /** Told of what the relay does. */
  readonly onRelay?: (event: RelayEvent) => void;
  readonly tap?: WireTap | undefined;
}

/** Ports that are tried when the system chooses one for UDP that is taken for TCP. */
const MOST_TRIES = 20;

/** A running lab. */
export class Lab implements AsyncDisposable {
  readonly #house: BotHouse;
  readonly #server: SipServer;
  readonly #relay: MsrpRelayServer | undefined;
  readonly #rewriter: PathRewriter | undefined;

  private constructor(
    house: BotHouse,
    server: SipServer,
    relay: MsrpRelayServer | undefined,
    rewriter: PathRewriter | undefined,
  ) {
    this.#rewriter = rewriter;
    this.#house = house;
    this.#server = server;
    this.#relay = relay;
  }

  /**
   * Opens everything.
   *
   * @throws {SottoError} `transport/…` when it cannot listen.
   * @throws {RangeError} without an address to listen at.
   */
  static async open(options: LabOptions): Promise<Lab> {
    if (options.listen.length === 0) throw new RangeError("expected an address to listen at");
    await using opened = new AsyncDisposableStack();
    const house = opened.use(await openHouse(options));
    const { fault = {}, clock, random } = options;
    const rewriter = fault.rewritePath === true ? opened.use(new PathRewriter()) : undefined;
    const network = faultyNetwork(fault, { clock, random, rewriter });
    const server = opened.use(await openServer(options, network));
    const relay = await openRelay(options, network);
    const [inside = ""] = house.uris;
    for (const user of BOTS) {
      server.route(user, parseSipUri(inside.replace("sip:", `sip:${user}@`)));
    }
    opened.move(); // All of it is the lab's now.
    return new Lab(house, server, relay, rewriter);
  }

  /** SIP URIs of everything that listens, a transport each. */
  get sip(): readonly string[] {
    return this.#server.uris;
  }

  /** MSRP URIs of the relay; empty when there is none. */
  get msrp(): readonly string[] {
    return this.#relay?.uris ?? [];
  }

  /** The URIs of those who take calls by themselves, at the first address. */
  get bots(): { readonly echo: string; readonly focus: string } {
    const { host, port } = this.address;
    const at = writeHostPort(host, port);
    return { echo: `sip:echo@${at}`, focus: `sip:conference@${at}` };
  }

  /** Where UDP and TCP come in first of all; of all addresses, the one that this machine reaches. */
  get address(): HostPort {
    const { host, port } = this.#server.places[0]?.local ?? { host: "", port: 0 };
    return { host: WILDCARDS[host] ?? host, port };
  }

  /** The domain of the accounts. */
  get domain(): string {
    return this.#server.domains[0] ?? "";
  }

  /** The registrar and proxy. */
  get server(): SipServer {
    return this.#server;
  }

  /** The relay, if there is one. */
  get relay(): MsrpRelayServer | undefined {
    return this.#relay;
  }

  /** Ends every conversation in good order, and closes. Never rejects. */
  async close(): Promise<void> {
    await this.#house.close(); // Its BYEs go through the proxy.
    await Promise.all([this.#server.close(), this.#relay?.close()]);
    await this.#rewriter?.[Symbol.asyncDispose]();
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** What stands for all addresses is none that can be called, nor a name of anybody's. */
const WILDCARDS: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** User parts of the bots. */
const BOTS: readonly string[] = ["echo", "conference"];

async function openHouse(options: LabOptions): Promise<BotHouse> {
  const { clock, random, certificate, userAgent, onActivity, focusLimits, tap } = options;
  const world = { clock, random, certificate, ...(onActivity === undefined ? {} : { onActivity }) };
  const hosts = new Set(options.listen.map((it) => it.host));
  return await BotHouse.open({
    // Behind the proxy. A bot answers with media at the address that suits its caller.
    listen: [...hosts].map((host) => ({ host, port: 0, transport: "tcp" })),
    bots: [
      new EchoBot({ ...world, key: options.key, smpSecret: options.smpSecret }),
      new FocusBot({ ...world, ...(focusLimits === undefined ? {} : { limits: focusLimits }) }),
    ],
    clock,
    random,
    userAgent,
    certificate,
    tap,
  });
}

async function openServer(options: LabOptions, network: FaultyNetwork): Promise<SipServer> {
  const { clock, random, certificate, userAgent, domain, tap } = options;
  const hosts = [...new Set([...options.listen, ...options.listenTls ?? []].map(nameOf))];
  return await onSharedPorts(options.listen, async (listen) =>
    await SipServer.open({
      ...options.server,
      listen: [
        ...listen,
        ...(options.listenTls ?? []).map((it) => ({ ...it, transport: "tls" as const })),
      ],
      domains: [...(domain === undefined ? [] : [domain]), ...hosts],
      users: options.users ?? [],
      clock,
      random,
      serverName: userAgent,
      tls: { certificate },
      tap,
      faults: options.fault === undefined ? undefined : network.sip,
      onEvent: options.onSip,
    }));
}

async function openRelay(
  options: LabOptions,
  network: FaultyNetwork,
): Promise<MsrpRelayServer | undefined> {
  const { clock, random, certificate, tap, domain } = options;
  const hosts = [...new Set(options.listen.map((it) => it.host))];
  const names = [...new Set(options.listen.map(nameOf))];
  const listen = options.listenRelay ?? hosts.flatMap((host) => [
    { host, port: 0, transport: "tls" as const },
    { host, port: 0, transport: "tcp" as const },
  ]);
  if (listen.length === 0) return undefined;
  const users = new Map((options.users ?? []).map((it) => [it.name, it]));
  return await MsrpRelayServer.open({
    listen,
    aliases: names,
    realm: domain ?? names[0],
    certificate,
    lookup: (username) => {
      const user = users.get(username);
      return user && { username, password: user.password };
    },
    allowsInsecure: options.allowsInsecureRelay,
    clock,
    random,
    tap,
    faults: options.fault === undefined ? undefined : network.msrp,
    onEvent: options.onRelay,
  });
}

function nameOf({ host }: HostPort): string {
  return WILDCARDS[host] ?? host;
}

/** Opens with UDP and TCP on one port for each address, also where the system chooses the port. */
async function onSharedPorts<T>(
  places: readonly HostPort[],
  open: (listen: readonly ListenAddress[]) => Promise<T>,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    const listen: ListenAddress[] = [];
    for (const { host, port } of places) {
      const chosen = port === 0 ? await freePort(host) : port;
      for (const transport of ["udp", "tcp"] as const) {
        listen.push({ host, port: chosen, transport });
      }
    }
    try {
      return await open(listen);
    } catch (error) {
      const isTaken = error instanceof SottoError && error.code === "transport/address-in-use";
      // Between asking for the port and using it, somebody else may have got it.
      if (!isTaken || attempt >= MOST_TRIES || places.every(({ port }) => port !== 0)) throw error;
    }
  }
}

async function freePort(host: string): Promise<number> {
  await using socket = await bindUdp({ host, port: 0 });
  return socket.local.port;
}
