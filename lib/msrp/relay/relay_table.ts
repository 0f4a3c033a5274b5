/** The connections of a relay, its timers, and what it is about to do: shared by its parts. */
import type { Instant, RandomSource } from "../../base/output.ts";
import type { ByteRange } from "../byte_range.ts";
import { writeByteRange } from "../byte_range.ts";
import type { ChunkHead, HeaderField } from "../chunk.ts";
import { freshTransactionId, writeChunk } from "../chunk_writer.ts";
import { wantsNoFailureReport } from "../header_fields.ts";
import { statusComment, writeStatus } from "../status.ts";
import type { MsrpUri } from "../uri.ts";
import type { RelayConnectionId, RelayEvent, RelayOutput } from "./events.ts";
import type { ForwardedSend } from "./forwarded_send.ts";
import { IssuedUris } from "./issued_uris.ts";
import type { RelayBounds } from "./limits.ts";
import type { RelayConnection, RelayTimer } from "./relay_connection.ts";
import { Timers } from "./timers.ts";

/** State that the parts of a relay share, and the ways to say something. */
export class RelayTable {
  readonly connections: Map<RelayConnectionId, RelayConnection> = new Map();
  readonly timers: Timers<RelayTimer> = new Timers();
  readonly issued: IssuedUris;
  readonly random: RandomSource;
  readonly bounds: Pick<RelayBounds, "sourceLength">;
  /** Connections over which something may be able to leave. */
  readonly #dirty = new Set<RelayConnection>();
  #outputs: RelayOutput[] = [];

  /** @param bounds What one source may have with us. */
  constructor(random: RandomSource, bounds: Pick<RelayBounds, "sourceLength">) {
    this.random = random;
    this.bounds = bounds;
    this.issued = new IssuedUris(random);
  }

  /** Asks the driver for something. */
  put(output: RelayOutput): void {
    this.#outputs.push(output);
  }

  /** Tells whoever looks on. */
  tell(event: RelayEvent): void {
    this.#outputs.push({ type: "event", event });
  }

  /** What was asked for since the last call, with everything that may leave now. */
  taken(now: Instant): RelayOutput[] {
    for (const connection of this.#dirty) {
      this.#dirty.delete(connection);
      if (connection.isOpen && !connection.isClosed) connection.queue.pump();
      if (connection.queue.isWaiting && !connection.isClosed) {
        connection.lastUsed = now;
        connection.stallTimer ??= this.timers.set(now + STALL_TIMEOUT, {
          kind: "stall",
          connection: connection.id,
        });
      }
      this.#pace(connection);
    }
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** Something may be able to leave over it, or to be read from it. */
  touch(connection: RelayConnection): void {
    this.#dirty.add(connection);
  }

  /** So many octets of a source have left, or were thrown away. */
  release(source: RelayConnectionId, octets: number): void {
    const connection = this.connections.get(source);
    if (connection === undefined) return;
    connection.held -= octets;
    this.#pace(connection);
  }

  /** Answers a request, unless it wants no answer. */
  respond(
    connection: RelayConnection,
    request: ChunkHead,
    code: number,
    headers: readonly HeaderField[] = [],
  ): void {
    const { startLine, toPath, fromPath } = request;
    const [from] = toPath;
    const method = startLine.kind === "request" ? startLine.method : "";
    const isSilent = method === "REPORT" || from === undefined || fromPath.length === 0 ||
      (code >= 300 && wantsNoFailureReport(request.headers));
    if (isSilent || connection.isClosed) return;
    connection.queue.enqueueControl(writeChunk({
      startLine: {
        kind: "response",
        transactionId: startLine.transactionId,
        code,
        comment: statusComment(code),
      },
      // RFC 4975 §7.2: to SEND the previous hop alone is answered, else the whole way back.
      toPath: method === "SEND" ? fromPath.slice(0, 1) : fromPath,
      fromPath: [from],
      headers,
      continuation: "$",
    }));
    this.touch(connection);
  }

  /** Tells the sender of a message that some of it was lost (RFC 4976 §6.4.1), if it wants to know. */
  report(send: ForwardedSend, code: number, byteRange: ByteRange): void {
    const { messageId, failureReport, returnPath } = send;
    this.tell({ type: "message-failed", messageId, code });
    const source = this.connections.get(returnPath.source);
    // Over no other connection: a path that somebody claims is no reason to call anybody.
    const isSilent = failureReport === "no" || messageId === undefined || source === undefined;
    if (isSilent) return;
    source.queue.enqueueControl(writeChunk({
      startLine: {
        kind: "request",
        transactionId: freshTransactionId(
          this.random,
          undefined,
          (it) => source.transactions.has(it),
        ),
        method: "REPORT",
      },
      toPath: returnPath.toPath,
      fromPath: returnPath.fromPath,
      headers: [
        { name: "Message-ID", value: messageId },
        { name: "Byte-Range", value: writeByteRange(byteRange) },
        {
          name: "Status",
          value: writeStatus({ namespace: "000", code, comment: statusComment(code) }),
        },
      ],
      continuation: "$",
    }));
    this.touch(source);
  }

  /** The connection that an authority of ours is reached by, or that was opened to a place. */
  find(isWanted: (connection: RelayConnection) => boolean): RelayConnection | undefined {
    for (const connection of this.connections.values()) {
      if (isWanted(connection)) return connection;
    }
    return undefined;
  }

  /** Octets that came and cannot leave yet, or answers that nobody reads, stop the reading. */
  #pace(connection: RelayConnection): void {
    if (connection.isClosed) return;
    const load = connection.held + connection.queue.controlLength;
    const { sourceLength } = this.bounds;
    if (!connection.isPaused && load > sourceLength) {
      connection.isPaused = true;
      this.put({ type: "pause", connection: connection.id });
    } else if (connection.isPaused && load <= sourceLength / 2) {
      connection.isPaused = false;
      this.put({ type: "resume", connection: connection.id });
    }
  }
}

/** A path of URIs, reversed. */
export function reversed(path: readonly MsrpUri[]): MsrpUri[] {
  return [...path].reverse();
}

/** Milliseconds that a stream may take no octets, before the connection is given up. */
export const STALL_TIMEOUT = 30_000;
