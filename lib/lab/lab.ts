/** A whole lab: everything that stands in for a network, opened together and closed together. */

import { SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import type { HostPort, WireTap } from "../base/wire_tap.ts";
import type { DsaPrivateKey } from "../otr/mod.ts";
import type { Clock, ListenAddress } from "../session/mod.ts";
import { bindUdp, type Certificate } from "../transport/mod.ts";
import { type BotActivity, BotHouse } from "./bot_house.ts";
import { EchoBot } from "./echo_bot.ts";
import { FocusBot, type FocusBotOptions } from "./focus_bot.ts";

/** What a {@link Lab} is made of. */
export interface LabOptions {
  /** Where SIP is received over UDP and TCP; port 0 lets the system choose one for both. At least one. */
  readonly listen: readonly HostPort[];
  /** Where SIP is received over TLS. */
  readonly listenTls?: readonly HostPort[];
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
  /** Bounds of the conference. */
  readonly focusLimits?: FocusBotOptions["limits"];
  /** Told of who comes to the bots and goes. */
  readonly onActivity?: (activity: BotActivity) => void;
  readonly tap?: WireTap | undefined;
}

/** Ports that are tried when the system chooses one for UDP that is taken for TCP. */
const MOST_TRIES = 20;

/** A running lab. */
export class Lab implements AsyncDisposable {
  readonly #house: BotHouse;

  private constructor(house: BotHouse) {
    this.#house = house;
  }

  /**
   * Opens everything.
   *
   * @throws {SottoError} `transport/…` when it cannot listen.
   * @throws {RangeError} without an address to listen at.
   */
  static async open(options: LabOptions): Promise<Lab> {
    if (options.listen.length === 0) throw new RangeError("expected an address to listen at");
    const { clock, random, certificate, userAgent, onActivity, tap } = options;
    const world = {
      clock,
      random,
      certificate,
      ...(onActivity === undefined ? {} : { onActivity }),
    };
    const focus = options.focusLimits === undefined ? {} : { limits: options.focusLimits };
    const echo = new EchoBot({ ...world, key: options.key, smpSecret: options.smpSecret });
    const house = await onSharedPorts(options.listen, async (listen) =>
      await BotHouse.open({
        listen: [
          ...listen,
          ...(options.listenTls ?? []).map((it) => ({ ...it, transport: "tls" as const })),
        ],
        bots: [echo, new FocusBot({ ...world, ...focus })],
        clock,
        random,
        userAgent,
        certificate,
        tap,
      }));
    return new Lab(house);
  }

  /** SIP URIs of everything that listens, a transport each. */
  get sip(): readonly string[] {
    return this.#house.uris;
  }

  /** MSRP URIs of the relay. */
  get msrp(): readonly string[] {
    return [];
  }

  /** The URIs of those who take calls by themselves, at the first address. */
  get bots(): { readonly echo: string; readonly focus: string } {
    return { echo: `sip:echo@${this.#hostPort}`, focus: `sip:conference@${this.#hostPort}` };
  }

  /** Ends every conversation in good order, and closes. Never rejects. */
  async close(): Promise<void> {
    await this.#house.close();
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #hostPort(): string {
    return /^sips?:([^;]+)/.exec(this.sip[0] ?? "")?.[1] ?? "";
  }
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
