/** A bad network around the servers of the lab: what `--fault` asks for, put between them and their peers. */

import { SottoError } from "../base/errors.ts";
import type { RandomSource } from "../base/output.ts";
import { type Clock, delay } from "../session/mod.ts";
import {
  type ByteStream,
  byteStreamOver,
  type Datagram,
  type DatagramSocket,
  faultyDatagrams,
  faultyStream,
  type HostPort,
  type RawDuplex,
  WrappedDuplex,
} from "../transport/mod.ts";
import { DelayLine, type DelayLineOptions } from "./delay_line.ts";
import type { LabFault } from "./fault.ts";
import { type FrameFilter, MsrpFrameFilter, SipMessageCounter } from "./frame_faults.ts";
import type { PathRewriter } from "./path_rewriter.ts";
import type { SocketFaults } from "./socket_faults.ts";

/** What a bad network is made of. */
export interface FaultyNetworkOptions {
  readonly clock: Clock;
  /** The same octets, the same faults. */
  readonly random: RandomSource;
  /** The middlebox of {@link LabFault.rewritePath}; without it paths stay as they are. */
  readonly rewriter?: PathRewriter | undefined;
}

/** The faults for the sockets of each protocol. */
export interface FaultyNetwork {
  readonly sip: SocketFaults;
  readonly msrp: SocketFaults;
}

/** Octets that may be on their way in one direction of a stream, or of a socket. */
const UNDER_WAY = 2 ** 20;
/** Milliseconds beyond the delay that the last octets may take to leave. */
const CLOSE_PATIENCE = 2_000;

/** Makes the network that `fault` describes. */
export function faultyNetwork(fault: LabFault, options: FaultyNetworkOptions): FaultyNetwork {
  return {
    sip: {
      stream: (stream) => spoiled(stream, "sip", fault, options),
      datagrams: (socket) => spoiledDatagrams(socket, fault, options),
    },
    msrp: { stream: (stream) => spoiled(stream, "msrp", fault, options) },
  };
}

/** From the wire inwards: the long way, the cuts, then what befalls whole frames. */
function spoiled(
  stream: ByteStream,
  protocol: "sip" | "msrp",
  { delay: milliseconds, drop = 0, split, rewritePath, closeAfter }: LabFault,
  { clock, random, rewriter }: FaultyNetworkOptions,
): ByteStream {
  let spoilt = stream;
  if (milliseconds !== undefined) {
    const line = { clock, milliseconds, limit: UNDER_WAY };
    spoilt = byteStreamOver(new DelayedDuplex(spoilt, line));
  }
  if (split !== undefined) {
    const faults = { splitUpTo: split };
    spoilt = faultyStream(spoilt, { random, incoming: faults, outgoing: faults });
  }
  if (protocol === "sip" && rewritePath === true && rewriter !== undefined) {
    spoilt = byteStreamOver(new RewrittenDuplex(spoilt, rewriter));
  }
  if ((protocol === "msrp" && drop > 0) || closeAfter !== undefined) {
    spoilt = byteStreamOver(
      new FrameDuplex(
        spoilt,
        closeAfter,
        (onFrame) =>
          protocol === "msrp"
            ? new MsrpFrameFilter(() => happens(drop, random), onFrame)
            : new SipMessageCounter(onFrame),
      ),
    );
  }
  return spoilt;
}

function spoiledDatagrams(
  socket: DatagramSocket,
  { delay: milliseconds, drop, rewritePath }: LabFault,
  { clock, random, rewriter }: FaultyNetworkOptions,
): DatagramSocket {
  let spoilt = socket;
  if (milliseconds !== undefined) {
    spoilt = delayedDatagrams(spoilt, { clock, milliseconds, limit: UNDER_WAY });
  }
  if (drop !== undefined) {
    spoilt = faultyDatagrams(spoilt, { random, incoming: { drop }, outgoing: { drop } });
  }
  if (rewritePath === true && rewriter !== undefined) {
    const inner = spoilt;
    spoilt = {
      ...delegate(inner),
      send: async (data, to) => await inner.send(await rewriter.rewrite(data), to),
    };
  }
  return spoilt;
}

function happens(chance: number, random: RandomSource): boolean {
  const [a = 0, b = 0, c = 0] = chance > 0 ? random(3) : [255, 255, 255];
  return ((a << 16) | (b << 8) | c) < chance * 2 ** 24;
}

/** Each piece is so long under way, and they are under way together. */
class DelayedDuplex extends WrappedDuplex implements RawDuplex {
  readonly #incoming: DelayLine<Uint8Array>;
  readonly #outgoing: DelayLine<Uint8Array>;
  readonly #written: Promise<void>;
  readonly #line: DelayLineOptions;
  #isReading = false;
  #readFailure: unknown;
  #writeFailure: unknown;

  constructor(stream: ByteStream, line: DelayLineOptions) {
    super(stream);
    this.#line = line;
    this.#incoming = new DelayLine(line);
    this.#outgoing = new DelayLine(line);
    this.#written = this.#writeOut();
  }

  override async read(): Promise<Uint8Array | undefined> {
    if (!this.#isReading) {
      this.#isReading = true;
      void this.#readIn();
    }
    const bytes = await this.#incoming.take();
    if (bytes === undefined && this.#readFailure !== undefined) throw this.#readFailure;
    return bytes;
  }

  override async write(bytes: Uint8Array): Promise<void> {
    if (this.#writeFailure !== undefined) throw this.#writeFailure;
    await this.#outgoing.put(bytes, bytes.length);
  }

  override async endWriting(): Promise<void> {
    this.#outgoing.end();
    await this.#written;
    await super.endWriting();
  }

  /** What is under way still arrives, unless the other end takes nothing more. */
  override async close(): Promise<void> {
    this.#incoming.end();
    this.#outgoing.end();
    const { clock, milliseconds } = this.#line;
    const enough = new AbortController();
    await Promise.race([
      this.#written,
      delay(clock, milliseconds + CLOSE_PATIENCE, enough.signal).catch(() => {}),
    ]);
    enough.abort();
    await super.close();
  }

  async #readIn(): Promise<void> {
    try {
      for (;;) {
        const bytes = await super.read();
        if (bytes === undefined) break;
        await this.#incoming.put(bytes, bytes.length);
      }
    } catch (error) {
      this.#readFailure = error;
    }
    this.#incoming.end();
  }

  async #writeOut(): Promise<void> {
    for (;;) {
      const bytes = await this.#outgoing.take();
      if (bytes === undefined) return;
      try {
        await super.write(bytes);
      } catch (error) {
        this.#writeFailure ??= error;
        this.#outgoing.end();
      }
    }
  }
}

/** Loses frames, and is cut after so many in both directions together. */
class FrameDuplex extends WrappedDuplex implements RawDuplex {
  readonly #incoming: FrameFilter;
  readonly #outgoing: FrameFilter;
  #left: number;

  constructor(
    stream: ByteStream,
    closeAfter: number | undefined,
    filter: (onFrame: () => void) => FrameFilter,
  ) {
    super(stream);
    this.#left = closeAfter ?? Infinity;
    const onFrame = (): void => void this.#left--;
    this.#incoming = filter(onFrame);
    this.#outgoing = filter(onFrame);
  }

  override async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#left <= 0) return await this.#cut();
      const bytes = await super.read();
      if (bytes === undefined) return undefined;
      const passed = this.#incoming.feed(bytes);
      if (passed.length > 0) return passed;
    }
  }

  override async write(bytes: Uint8Array): Promise<void> {
    if (this.#left <= 0) return await this.#cut();
    const passed = this.#outgoing.feed(bytes);
    if (passed.length > 0) await super.write(passed);
    if (this.#left <= 0) await this.close();
  }

  async #cut(): Promise<never> {
    await this.close();
    throw new SottoError("transport/reset", "the fault mode cut the connection");
  }
}

/** Puts the middlebox into the descriptions that leave. */
class RewrittenDuplex extends WrappedDuplex implements RawDuplex {
  readonly #messages: { feed(bytes: Uint8Array): Promise<Uint8Array> };

  constructor(stream: ByteStream, rewriter: PathRewriter) {
    super(stream);
    this.#messages = rewriter.stream();
  }

  override async write(bytes: Uint8Array): Promise<void> {
    const rewritten = await this.#messages.feed(bytes);
    if (rewritten.length > 0) await super.write(rewritten);
  }
}

function delayedDatagrams(socket: DatagramSocket, line: DelayLineOptions): DatagramSocket {
  const outgoing = new DelayLine<{ data: Uint8Array; to: HostPort }>(line);
  const sending = (async () => {
    for (;;) {
      const next = await outgoing.take();
      if (next === undefined) return;
      await socket.send(next.data, next.to).catch(() => {}); // A datagram may be lost.
    }
  })();
  const close = async (): Promise<void> => {
    outgoing.end();
    await sending;
    await socket.close();
  };
  return {
    local: socket.local,
    send: (data, to) => outgoing.put({ data, to }, data.length),
    async *[Symbol.asyncIterator](): AsyncGenerator<Datagram, undefined> {
      const incoming = new DelayLine<Datagram>(line);
      const reading = (async () => {
        for await (const it of socket) await incoming.put(it, it.data.length);
        incoming.end();
      })();
      for (;;) {
        const next = await incoming.take();
        if (next === undefined) break;
        yield next;
      }
      await reading;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function delegate(socket: DatagramSocket): DatagramSocket {
  return {
    local: socket.local,
    send: (data, to) => socket.send(data, to),
    [Symbol.asyncIterator]: () => socket[Symbol.asyncIterator](),
    close: () => socket.close(),
    [Symbol.asyncDispose]: () => socket.close(),
  };
}
