/** An `MsrpConnection` on the bench: text in, frames and events out, time by hand. */
import { assert } from "./assert.ts";
import { fromLatin1, latin1 } from "../../lib/base/ascii.ts";
import { concatBytes } from "../../lib/base/bytes.ts";
import type { Output } from "../../lib/base/output.ts";
import {
  type Chunk,
  ChunkParser,
  type ChunkParserEvent,
  MsrpConnection,
  type MsrpConnectionOptions,
  type MsrpEvent,
  type MsrpSessionConfig,
  parseMsrpUri,
} from "../../lib/msrp/mod.ts";
import { seededRandom } from "./seeded_random.ts";

/** Our URI and the peer's in every bench. */
export const OURS = "msrp://us.example:7654/ours5678;tcp";
export const THEIRS = "msrp://them.example:2855/theirs12;tcp";
/** Name of the session in every bench: its session-id. */
export const SESSION = "ours5678";

/** A session of {@link OURS} with {@link THEIRS}. */
export function sessionConfig(more: Partial<MsrpSessionConfig> = {}): MsrpSessionConfig {
  return {
    localPath: [parseMsrpUri(OURS)],
    remotePath: [parseMsrpUri(THEIRS)],
    acceptTypes: ["text/*", "message/cpim"],
    ...more,
  };
}

/** What to put into a frame of the peer's. */
export interface FrameParts {
  readonly transactionId?: string;
  readonly to?: string;
  readonly from?: string;
  /** Lines between From-Path and the body. */
  readonly headers?: readonly string[];
  /** One character an octet; absent: no body. */
  readonly body?: string;
  readonly flag?: string;
}

/** A frame as the peer writes it; octets as Latin-1. */
export function frame(start: string, parts: FrameParts = {}): string {
  const { transactionId = "tid12345", to = OURS, from = THEIRS, headers = [], flag = "$" } = parts;
  const lines = [
    `MSRP ${transactionId} ${start}`,
    `To-Path: ${to}`,
    `From-Path: ${from}`,
    ...headers,
    ...(parts.body === undefined ? [] : ["", parts.body]),
    `-------${transactionId}${flag}`,
    "",
  ];
  return lines.join("\r\n");
}

/** A SEND of text/plain. */
export function sendFrame(
  body: string,
  { headers = [], ...parts }: FrameParts & { readonly id?: string; readonly range?: string } = {},
): string {
  const { id = "msg45678", range } = parts;
  return frame("SEND", {
    ...parts,
    headers: [
      `Message-ID: ${id}`,
      ...(range === undefined ? [] : [`Byte-Range: ${range}`]),
      ...headers,
      "Content-Type: text/plain",
    ],
    body,
  });
}

/** Whole frames out of a stream; fails when it is not MSRP from end to end. */
export function readFrames(bytes: Uint8Array): Chunk[] {
  const parser = new ChunkParser();
  return collectFrames([...parser.feed(bytes), ...parser.end()]);
}

/** Whole frames out of parser events; fails on a parse error. */
export function collectFrames(events: readonly ChunkParserEvent[]): Chunk[] {
  const chunks: Chunk[] = [];
  let body: Uint8Array | undefined;
  let head: Chunk | undefined;
  for (const event of events) {
    switch (event.type) {
      case "chunk-start":
        head = { ...event.head, continuation: "$" };
        body = event.hasBody ? new Uint8Array() : undefined;
        break;
      case "chunk-data":
        body = concatBytes(body ?? new Uint8Array(), event.bytes);
        break;
      case "chunk-end":
        assert(head !== undefined);
        chunks.push({
          ...head,
          ...(body === undefined ? {} : { body }),
          continuation: event.continuation,
        });
        break;
      case "parse-error":
        throw event.error;
    }
  }
  return chunks;
}

/** One end of a connection, driven by hand. */
export class MsrpBench {
  readonly core: MsrpConnection;
  now = 1_000;
  /** Everything transmitted since the last {@link frames}. */
  readonly transmitted: Uint8Array[] = [];
  /** Everything reported since the last {@link takeEvents}. */
  readonly events: MsrpEvent[] = [];
  isClosed = false;
  /** Whether the stream takes what is transmitted at once, as it does unless told otherwise. */
  isTaking = true;

  constructor(options: Partial<MsrpConnectionOptions> = {}) {
    this.core = new MsrpConnection({ random: seededRandom(4975), ...options });
  }

  /** With one session, bound by the peer's first SEND. */
  static bound(
    config: Partial<MsrpSessionConfig> = {},
    options: Partial<MsrpConnectionOptions> = {},
  ): MsrpBench {
    const bench = new MsrpBench(options);
    bench.core.addSession(sessionConfig(config), bench.now);
    bench.receive(frame("SEND", { headers: ["Message-ID: bind1234", "Byte-Range: 1-0/0"] }));
    bench.frames();
    bench.takeEvents();
    return bench;
  }

  /** Lets the core act. */
  act(outputs: Output<MsrpEvent>[]): this {
    for (const output of outputs) {
      if (output.type === "transmit") this.transmitted.push(output.data);
      else if (output.type === "event") this.events.push(output.event);
      else this.isClosed = true;
    }
    while (this.isTaking && this.core.hasMoreToTransmit) this.writable();
    return this;
  }

  /** The stream has taken what was transmitted. */
  writable(): this {
    const { isTaking } = this;
    this.isTaking = false;
    this.act(this.core.handleWritable(this.now));
    this.isTaking = isTaking;
    return this;
  }

  /** The peer says something; one character an octet. */
  receive(text: string | Uint8Array): this {
    const bytes = typeof text === "string" ? fromLatin1(text) : text;
    return this.act(this.core.receive(bytes, this.now));
  }

  /** Sends and returns the Message-ID. */
  send(
    body: string | Uint8Array,
    more: Partial<Parameters<MsrpConnection["send"]>[1]> = {},
  ): string {
    const { messageId, outputs } = this.core.send(SESSION, {
      contentType: "text/plain",
      body: typeof body === "string" ? fromLatin1(body) : body,
      ...more,
    }, this.now);
    this.act(outputs);
    return messageId;
  }

  /** Time passes; what is due happens. */
  wait(milliseconds: number): this {
    const end = this.now + milliseconds;
    for (;;) {
      const { deadline } = this.core;
      if (deadline === undefined || deadline > end) break;
      this.now = Math.max(this.now, deadline);
      this.act(this.core.handleTimeout(this.now));
    }
    this.now = end;
    return this;
  }

  /** The frames transmitted since the last call. */
  frames(): Chunk[] {
    return readFrames(concatBytes(...this.transmitted.splice(0)));
  }

  /** The same as text; one character an octet. */
  text(): string {
    return latin1(concatBytes(...this.transmitted.splice(0)));
  }

  /** Codes of the responses among {@link frames}. */
  codes(): number[] {
    return this.frames().flatMap(({ startLine }) =>
      startLine.kind === "response" ? [startLine.code] : []
    );
  }

  /** What was reported since the last call. */
  takeEvents(): MsrpEvent[] {
    return this.events.splice(0);
  }

  /** Types of what was reported since the last call. */
  eventTypes(): string[] {
    return this.takeEvents().map((it) => it.type);
  }

  /** The messages received since the last call, as text. */
  messages(): string[] {
    return this.takeEvents().flatMap((it) =>
      it.type === "message-received" ? [latin1(it.body)] : []
    );
  }

  /** Answers a frame of ours, and returns its transaction identifier. */
  answer(chunk: Chunk | undefined, status = "200 OK"): string {
    assert(chunk !== undefined, "there is no frame to answer");
    const { transactionId } = chunk.startLine;
    this.receive(frame(status, { transactionId }));
    return transactionId;
  }
}
