/** A bad network on purpose: streams and datagrams split, delayed, lost, damaged, cut; the same for the same seed. */

import { SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import { type ByteStream, byteStreamOver, type RawDuplex } from "./byte_stream.ts";
import type { Datagram, DatagramSocket } from "./udp.ts";
import { WrappedDuplex } from "./wrapped_duplex.ts";

/** What goes wrong, in one direction. Nothing, unless said. */
export interface Faults {
  /** Deliver in pieces of 1 to so many octets, instead of as they come. */
  readonly splitUpTo?: number | undefined;
  /** Milliseconds every piece waits, by the injected clock. */
  readonly delay?: number | undefined;
  /** Chance, 0 to 1, that a piece vanishes. */
  readonly drop?: number | undefined;
  /** Chance, 0 to 1, that one octet of a piece is changed. */
  readonly corrupt?: number | undefined;
  /** Cut the connection, both ways, after so many octets. */
  readonly cutAfter?: number | undefined;
}

/** Both directions of a {@link faultyStream}, and where chance and time come from. */
export interface FaultyOptions {
  readonly random: RandomSource;
  /** Faults of what we receive. */
  readonly incoming?: Faults | undefined;
  /** Faults of what we send. */
  readonly outgoing?: Faults | undefined;
  /** Resolves after so many milliseconds. Needed only for {@link Faults.delay}. */
  readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined;
}

/**
 * `stream` as a bad network would deliver it. After the cut, reading ends with
 * `transport/reset` and so does writing. Takes over `stream`.
 *
 * @throws {TypeError} when there is a delay but no `sleep`.
 */
export function faultyStream(stream: ByteStream, options: FaultyOptions): ByteStream {
  return byteStreamOver(new FaultyDuplex(stream, options));
}

class FaultyDuplex extends WrappedDuplex implements RawDuplex {
  readonly #incoming: FaultyDirection;
  readonly #outgoing: FaultyDirection;
  readonly #ready: Uint8Array[] = [];

  constructor(stream: ByteStream, options: FaultyOptions) {
    super(stream);
    this.#incoming = new FaultyDirection(options.incoming ?? {}, options);
    this.#outgoing = new FaultyDirection(options.outgoing ?? {}, options);
  }

  override async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = this.#ready.shift();
      if (piece !== undefined) {
        const passed = await this.#incoming.pass(piece);
        if (passed !== undefined) return passed;
        continue;
      }
      if (this.#incoming.isCut || this.#outgoing.isCut) return await this.#cut();
      const bytes = await super.read();
      if (bytes === undefined) return undefined;
      this.#ready.push(...this.#incoming.pieces(bytes));
    }
  }

  override async write(bytes: Uint8Array): Promise<void> {
    for (const piece of this.#outgoing.pieces(bytes)) {
      const passed = await this.#outgoing.pass(piece);
      if (passed !== undefined) await super.write(passed);
    }
    if (this.#incoming.isCut || this.#outgoing.isCut) await this.#cut();
  }

  async #cut(): Promise<never> {
    await this.close();
    throw new SottoError("transport/reset", "the peer cut the connection");
  }
}

class FaultyDirection {
  readonly #faults: Faults;
  readonly #dice: Dice;
  readonly #sleep: (milliseconds: number) => Promise<void>;
  #left: number;

  constructor(faults: Faults, { random, sleep }: FaultyOptions) {
    if (faults.delay !== undefined && sleep === undefined) {
      throw new TypeError("expected a sleep function beside a delay");
    }
    this.#faults = faults;
    this.#dice = new Dice(random);
    this.#sleep = sleep ?? (() => Promise.resolve());
    this.#left = faults.cutAfter ?? Infinity;
  }

  get isCut(): boolean {
    return this.#left <= 0;
  }

  /** What is left of `bytes` before the cut, split. */
  pieces(bytes: Uint8Array): Uint8Array[] {
    const within = bytes.subarray(0, Math.min(bytes.length, this.#left));
    this.#left -= bytes.length;
    const { splitUpTo } = this.#faults;
    if (splitUpTo === undefined) return within.length > 0 ? [within] : [];
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < within.length;) {
      const length = 1 + this.#dice.below(splitUpTo);
      pieces.push(within.subarray(at, at + length));
      at += length;
    }
    return pieces;
  }

  /** The piece as it arrives, or `undefined` when it does not. */
  async pass(piece: Uint8Array): Promise<Uint8Array | undefined> {
    const { delay, drop = 0, corrupt = 0 } = this.#faults;
    if (delay !== undefined) await this.#sleep(delay);
    if (this.#dice.happens(drop)) return undefined;
    return this.#dice.happens(corrupt) ? this.#dice.damage(piece) : piece;
  }
}

/** What befalls datagrams, in one direction. Nothing, unless said. */
export interface DatagramFaults {
  /** Chance, 0 to 1, that a datagram vanishes. */
  readonly drop?: number | undefined;
  /** Chance, 0 to 1, that it arrives twice. */
  readonly duplicate?: number | undefined;
  /** Chance, 0 to 1, that one octet is changed. */
  readonly corrupt?: number | undefined;
}

/** Both directions of {@link faultyDatagrams}. */
export interface FaultyDatagramOptions {
  readonly random: RandomSource;
  readonly incoming?: DatagramFaults | undefined;
  readonly outgoing?: DatagramFaults | undefined;
}

/** `socket` as a bad network would serve it. Takes over `socket`. */
export function faultyDatagrams(
  socket: DatagramSocket,
  { random, incoming = {}, outgoing = {} }: FaultyDatagramOptions,
): DatagramSocket {
  const dice = new Dice(random);
  return {
    local: socket.local,
    async send(data, to): Promise<void> {
      for (const copy of dice.copies(data, outgoing)) await socket.send(copy, to);
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<Datagram, undefined> {
      for await (const { data, from } of socket) {
        for (const copy of dice.copies(data, incoming)) yield { data: copy, from };
      }
    },
    close: () => socket.close(),
    [Symbol.asyncDispose]: () => socket.close(),
  };
}

/** Chance out of a {@link RandomSource}. */
class Dice {
  readonly #random: RandomSource;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** A number from 0 up to, but not including, `limit`. The small bias of the remainder does not matter here. */
  below(limit: number): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#random(4);
    return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % limit;
  }

  happens(chance: number): boolean {
    return chance > 0 && this.below(1_000_000) < chance * 1_000_000;
  }

  damage(bytes: Uint8Array): Uint8Array {
    const damaged = bytes.slice();
    const at = this.below(Math.max(1, damaged.length));
    if (at < damaged.length) damaged[at] = (damaged[at] ?? 0) ^ (1 + this.below(255));
    return damaged;
  }

  copies(data: Uint8Array, faults: DatagramFaults): Uint8Array[] {
    if (this.happens(faults.drop ?? 0)) return [];
    const arrived = this.happens(faults.corrupt ?? 0) ? this.damage(data) : data;
    return this.happens(faults.duplicate ?? 0) ? [arrived, arrived] : [arrived];
  }
}
