/** One file in over one MSRP session (RFC 5547 §8.3.1, §8.4, §8.7): octets to the disk as they come. */

import { SottoError } from "../base/errors.ts";
import type { MessageAborted } from "../msrp/mod.ts";
import type { FileSink } from "./file_offer.ts";
import type { MsrpSession } from "./msrp_endpoint.ts";

/** What {@link receiveFile} needs beside the sink. */
export interface FileReceiving {
  readonly session: MsrpSession;
  /** Octets of the file before the first one of the message: those of an `a=file-range`. */
  readonly base: number;
  /** Octets that are there, those of earlier attempts included. */
  readonly onProgress: (transferred: number) => void;
}

/**
 * Takes the one message of the session. The connection is not read on while the sink is
 * busy. The sender hears of the end: a success report, a failure report, or 413 at once.
 *
 * @returns What the sink calls the finished file.
 * The session stays open, for the sender to read why; whoever opened it closes it.
 *
 * @throws {SottoError} what the sink throws; `session/file-incomplete` when the sender gave
 * up or the connection was lost. The sink is suspended then.
 */
export async function receiveFile(sink: FileSink, receiving: FileReceiving): Promise<string> {
  const { session, base, onProgress } = receiving;
  let transferred = sink.offset;
  let messageId: string | undefined;
  const events = session.events[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value: event } = await events.next();
      if (done) break;
      switch (event.type) {
        case "message-began":
          // §8.7: one file, one message. A second one is not this file.
          if (messageId === undefined) messageId = event.messageId;
          else session.refuse(event.messageId);
          break;
        case "message-octets":
          if (event.messageId !== messageId) break;
          await sink.write(base + event.position, event.bytes);
          transferred = base + event.position + event.bytes.length;
          onProgress(transferred);
          break;
        case "message-ended":
          if (event.messageId !== messageId) break;
          return await finish(sink, session, messageId, base + event.length);
        case "message-aborted":
          if (event.messageId !== messageId && event.reason !== "too-large") break;
          throw incomplete(event);
        default:
          break; // Faults of the peer's close the connection, or refuse the chunk.
      }
    }
    const { failure } = session;
    const why = failure === undefined ? "" : `: ${failure.message}`;
    throw new SottoError(
      "session/file-incomplete",
      `the connection ended before the file did${why}`,
      { cause: failure },
    );
  } catch (error) {
    // §8.4: 413 for what the sender is busy with, and for all that follows.
    if (messageId !== undefined && session.isOpen) session.refuse(messageId);
    // What is still on its way is read, or the refusal would not be: until the session closes.
    void drain(events);
    await sink.suspend();
    throw error;
  }
}

async function drain(events: AsyncIterator<unknown>): Promise<void> {
  while (!(await events.next()).done);
}

async function finish(
  sink: FileSink,
  session: MsrpSession,
  messageId: string,
  length: number,
): Promise<string> {
  try {
    const path = await sink.finish(length);
    session.report(messageId, 200);
    return path;
  } catch (error) {
    session.report(messageId, 400, "not the file that was promised");
    throw error;
  }
}

function incomplete({ reason, received }: MessageAborted): SottoError {
  const why = {
    sender: "its sender gave up",
    timeout: "nothing came any more",
    "too-large": "more came than was promised, or than is taken",
  }[reason];
  return new SottoError("session/file-incomplete", `${why}, after ${received} octets`);
}
