/** One file out over one MSRP session (RFC 5547 §8.7): one message, fed from where the file is. */

import { SottoError } from "../base/errors.ts";
import { concatBytes, utf8 } from "../base/bytes.ts";
import { acceptsRoot, acceptsWrapped, type MsrpMedia } from "../sdp/mod.ts";
import { type Clock, delay } from "./clock.ts";
import type { FileSource } from "./file_offer.ts";
import type { MsrpDelivery, MsrpSession } from "./msrp_endpoint.ts";

/** What {@link sendFile} needs beside the file. */
export interface FileSending {
  readonly session: MsrpSession;
  /** The receiver's half of the description. */
  readonly media: MsrpMedia;
  /** Whether it knows FILE_OFFSET. */
  readonly knowsOffset: boolean;
  readonly clock: Clock;
  /** Milliseconds that may pass without anything happening. */
  readonly timeout: number;
  /** Octets that left, those that were there before included. */
  readonly onProgress: (transferred: number) => void;
}

/**
 * Sends the file, from where the receiver stands if it says so, and waits for the success
 * report that covers it.
 *
 * @throws {SottoError} `msrp/type-not-accepted`, `msrp/too-large-for-peer`, what reading the
 * file throws, `session/timeout` after the last octet left and nothing came.
 */
export async function sendFile(file: FileSource, sending: FileSending): Promise<MsrpDelivery> {
  const { session, media, knowsOffset, clock, onProgress } = sending;
  const reading = session.events[Symbol.asyncIterator]();
  // Nothing is expected but answers; unread events would keep them away.
  const draining = drain(reading);
  try {
    const { contentType, wrapper } = wrappingFor(file, media);
    // Offsets count octets of the file, not of a wrapper around it.
    const start = knowsOffset && wrapper.length === 0
      ? Math.min(await session.askFileOffset(), file.size)
      : 0;
    onProgress(start);
    const silence = new Silence(clock, sending.timeout);
    let failure: unknown;
    const feed = async (position: number, length: number): Promise<Uint8Array> => {
      silence.broken();
      onProgress(Math.min(position, file.size));
      try {
        return await readWrapped(file, wrapper, position, length);
      } catch (error) {
        failure = error;
        throw error;
      }
    };
    const sent = session.send({
      contentType,
      headers: [{ name: "Content-Disposition", value: "attachment" }],
      body: { length: wrapper.length + file.size, start },
      successReport: true,
    }, feed);
    const delivery = await Promise.race([sent, silence.tooLong]).finally(() => silence.end());
    if (failure !== undefined) throw failure;
    return delivery;
  } finally {
    await session.close();
    await draining;
  }
}

async function drain(events: AsyncIterator<unknown>): Promise<void> {
  while (!(await events.next()).done);
}

/** RFC 4975 §8.6: as it is if the receiver takes its type, in CPIM if only that is taken. */
function wrappingFor(
  file: FileSource,
  media: MsrpMedia,
): { readonly contentType: string; readonly wrapper: Uint8Array } {
  if (acceptsRoot(media, file.type)) return { contentType: file.type, wrapper: new Uint8Array() };
  if (acceptsWrapped(media, "message/cpim", file.type)) {
    // RFC 3862 §2: no header field is mandatory but what the content needs.
    return {
      contentType: "message/cpim",
      wrapper: utf8(
        `From: <sip:anonymous@anonymous.invalid>\r\n\r\nContent-Type: ${file.type}\r\n\r\n`,
      ),
    };
  }
  throw new SottoError("msrp/type-not-accepted", `the peer does not take ${file.type}`);
}

async function readWrapped(
  file: FileSource,
  wrapper: Uint8Array,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const head = wrapper.subarray(position, position + length);
  const at = Math.max(0, position - wrapper.length);
  const rest = await file.read(at, length - head.length);
  return head.length === 0 ? rest : concatBytes(head, rest);
}

/** Ends a wait when nothing has happened for too long. */
class Silence {
  readonly tooLong: Promise<never>;
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #done = new AbortController();
  #since: number;

  constructor(clock: Clock, timeout: number) {
    this.#clock = clock;
    // The receiver may have to look through the file; MSRP itself allows 30 s for an answer.
    this.#timeout = Math.max(timeout, LEAST_PATIENCE);
    this.#since = clock.now();
    this.tooLong = this.#watch();
    this.tooLong.catch(() => {}); // Whoever races with it is told.
  }

  broken(): void {
    this.#since = this.#clock.now();
  }

  end(): void {
    this.#done.abort(new SottoError("session/ended", "the file was sent"));
  }

  async #watch(): Promise<never> {
    for (;;) {
      const left = this.#since + this.#timeout - this.#clock.now();
      if (left <= 0) {
        throw new SottoError("session/timeout", "no report that the file arrived");
      }
      await delay(this.#clock, left, this.#done.signal);
    }
  }
}

/** Milliseconds. */
const LEAST_PATIENCE = 60_000;
