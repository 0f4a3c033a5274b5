/** Requests as a relay takes them: validated, authorized, answered for their hop, and sent on (RFC 4976 §6.2 to §6.4.2). */
import { PeerError } from "../../base/errors.ts";
import { concatBytes } from "../../base/bytes.ts";
import { escapeText } from "../../base/escape.ts";
import type { Instant } from "../../base/output.ts";
import { type ChunkHead, type ContinuationFlag, headerValue } from "../chunk.ts";
import { writeChunk } from "../chunk_writer.ts";
import { readRequestFields } from "../header_fields.ts";
import { type MsrpUri, msrpUrisMatch } from "../uri.ts";
import { ForwardedSend, type ReturnPath } from "./forwarded_send.ts";
import type { IssuedUri } from "./issued_uris.ts";
import type { RelayBounds } from "./limits.ts";
import type { RelayAuth } from "./relay_auth.ts";
import type { IncomingFrame, RelayConnection } from "./relay_connection.ts";
import type { RelayLifecycle } from "./relay_lifecycle.ts";
import { type RelayTable, reversed } from "./relay_table.ts";
import { type Forwarding, routeRequest } from "./request_routing.ts";

/** What {@link RelayRequests} needs to know. */
export interface RelayRequestsOptions {
  readonly authorities: readonly MsrpUri[];
  readonly blockedMethods: readonly string[];
  readonly mayConnect: (to: MsrpUri) => boolean;
  readonly bounds: Pick<RelayBounds, "failures" | "peersPerSession" | "requestBodyLength">;
}

/** Takes the requests of all connections. */
export class RelayRequests {
  readonly #table: RelayTable;
  readonly #lifecycle: RelayLifecycle;
  readonly #auth: RelayAuth;
  readonly #options: RelayRequestsOptions;

  /** @param table What it works on. */
  constructor(
    table: RelayTable,
    lifecycle: RelayLifecycle,
    auth: RelayAuth,
    options: RelayRequestsOptions,
  ) {
    this.#table = table;
    this.#lifecycle = lifecycle;
    this.#auth = auth;
    this.#options = options;
  }

  /** The head of a request came. */
  begin(connection: RelayConnection, head: ChunkHead, hasBody: boolean): void {
    connection.incoming = this.#judge(connection, head, hasBody);
  }

  /** Octets of its body. */
  add(connection: RelayConnection, bytes: Uint8Array): void {
    const { incoming } = connection;
    if (incoming.kind === "send") {
      if (incoming.send.isRefused) return;
      incoming.send.add(bytes);
      connection.held += bytes.length;
      this.#table.touch(incoming.target);
      this.#table.touch(connection);
    } else if (incoming.kind === "request") {
      incoming.length += bytes.length;
      if (incoming.length <= this.#options.bounds.requestBodyLength) incoming.pieces.push(bytes);
      else {
        this.#refuse(
          connection,
          incoming.head,
          413,
          fault("msrp/body-too-long", "RFC 4975 §7.1", EXPECTED_SHORT),
        );
        connection.incoming = { kind: "skip" };
      }
    }
  }

  /** Its end-line. */
  end(connection: RelayConnection, flag: ContinuationFlag, now: Instant): void {
    const { incoming } = connection;
    connection.incoming = { kind: "skip" };
    if (incoming.kind === "auth") this.#authenticate(connection, incoming.head, now);
    else if (incoming.kind === "request") this.#forward(connection, incoming, flag);
    else if (incoming.kind === "send") {
      const { send, target, head } = incoming;
      if (!send.isRefused) send.end = flag;
      this.#table.touch(target);
      // §6.4.1: at once, and only to the previous hop. What happens further on is reported.
      if (send.failureReport === "yes") this.#table.respond(connection, head, 200);
    }
  }

  /** A request failed; too many in a row end the connection (§6.1, §6.3). */
  countFailure(connection: RelayConnection, error: PeerError): void {
    // §6.3: failures are no reason to part with another relay.
    const isRelay = (connection.facts.relayHosts?.length ?? 0) > 0;
    if (isRelay || connection.target !== undefined) return;
    if (++connection.failures < this.#options.bounds.failures) return;
    connection.queue.pump(); // The last answer goes before the end.
    this.#lifecycle.close(connection, "probation", error);
  }

  #judge(connection: RelayConnection, head: ChunkHead, hasBody: boolean): IncomingFrame {
    const skip = { kind: "skip" } as const;
    const method = methodOf(head);
    if (head.problem !== undefined) {
      this.#refuse(connection, head, 400, head.problem);
      return skip;
    }
    const routing = routeRequest(
      head,
      connection.arrival,
      this.#table.issued,
      this.#options.authorities,
    );
    if (routing.type === "ours") return { kind: "auth", head };
    if (routing.type === "drop") {
      // §6.4.1 wants a failure report, §6.2 the end of the connection.
      this.#table.respond(connection, head, 481);
      connection.queue.pump();
      this.#lifecycle.close(connection, "fault", routing.error);
      return skip;
    }
    if (routing.type === "refuse") {
      this.#refuse(connection, head, routing.code, routing.error);
      return skip;
    }
    if (method !== "SEND") return this.#judgeOther(connection, head, hasBody, routing);
    const target = this.#target(connection, head, routing);
    if (target === undefined) return skip;
    try {
      const { messageId, failureReport, byteRange, contentType } = readRequestFields(head.headers);
      if (hasBody && (messageId === undefined || contentType === undefined)) {
        throw fault("msrp/bad-body", "RFC 4975 §7.1", EXPECTED_FIELDS);
      }
      if ((byteRange?.start ?? 1) > LARGEST_START) {
        throw fault("msrp/bad-byte-range", "RFC 4975 §9", EXPECTED_START);
      }
      const send = new ForwardedSend({
        head: { ...head, toPath: routing.toPath, fromPath: routing.fromPath },
        hasBody,
        returnPath: returnPath(connection, head, routing),
        messageId,
        failureReport,
        byteRange,
      });
      this.#accepted(connection, head, routing);
      connection.held += send.overhead;
      target.queue.enqueue(connection.id, send);
      return { kind: "send", head, send, target };
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      this.#refuse(connection, head, 400, error);
      return skip;
    }
  }

  #judgeOther(
    connection: RelayConnection,
    head: ChunkHead,
    hasBody: boolean,
    routing: Forwarding,
  ): IncomingFrame {
    const method = methodOf(head);
    if (this.#options.blockedMethods.includes(method)) {
      const found = `expected another method than ${escapeText(method, 64)}`;
      this.#refuse(connection, head, 501, fault("msrp/unknown-method", "RFC 4976 §6.4.2", found));
      return { kind: "skip" };
    }
    if (connection.pendingRequests.has(head.startLine.transactionId)) {
      const error = fault("msrp/repeated-transaction", "RFC 4975 §7.1", EXPECTED_FRESH);
      this.#refuse(connection, head, 400, error);
      return { kind: "skip" };
    }
    return { kind: "request", head, hasBody, routing, pieces: [], length: 0 };
  }

  #forward(
    connection: RelayConnection,
    incoming: IncomingFrame & { readonly kind: "request" },
    continuation: ContinuationFlag,
  ): void {
    const { head, hasBody, routing, pieces } = incoming;
    const target = this.#target(connection, head, routing);
    if (target === undefined) return;
    this.#accepted(connection, head, routing);
    const method = methodOf(head);
    const originalId = head.startLine.transactionId;
    const isAnswered = method !== "REPORT";
    const body = hasBody ? concatBytes(...pieces) : undefined;
    const length = incoming.length + REQUEST_OVERHEAD;
    const table = this.#table;
    if (isAnswered) connection.pendingRequests.add(originalId);
    connection.held += length;
    table.touch(connection);
    target.queue.enqueue(connection.id, {
      kind: "request",
      source: connection.id,
      length,
      body,
      write: (transactionId) =>
        writeChunk({
          startLine: { kind: "request", transactionId, method },
          toPath: routing.toPath,
          fromPath: routing.fromPath,
          headers: head.headers,
          body,
          continuation,
        }),
      onLeave: (transactionId) => {
        if (!isAnswered) return;
        this.#lifecycle.requestLeft(target, {
          kind: "request",
          transactionId,
          originalId,
          method,
          hasCredentials: headerValue(head.headers, "Authorization") !== undefined,
          returnPath: returnPath(connection, head, routing),
        });
      },
      onLost: () => {
        connection.pendingRequests.delete(originalId);
        table.respond(connection, head, 408);
      },
    });
    table.touch(target);
  }

  /** The connection to send over; without one the request is refused. */
  #target(
    connection: RelayConnection,
    head: ChunkHead,
    { towards, session, toPath: [next] }: Forwarding,
  ): RelayConnection | undefined {
    const isAllowed = next !== undefined &&
      (towards === "client" || this.#options.mayConnect(next));
    const found = !isAllowed || next === undefined
      ? undefined
      : towards === "client"
      ? this.#lifecycle.towardsClient(session)
      : this.#lifecycle.towards(next, session);
    if (found !== undefined) return found;
    const error = isAllowed
      ? fault("msrp/no-way-there", "RFC 4976 §6.5", "expected room for a further connection")
      : fault("msrp/not-relayed", "RFC 4976 §6.3", "expected a next hop that may be called");
    this.#refuse(connection, head, isAllowed ? 408 : 403, error);
    return undefined;
  }

  /** The request goes on: whoever sent it is no stranger, and answers may take the same way back. */
  #accepted(
    connection: RelayConnection,
    { fromPath: [previous] }: ChunkHead,
    { towards, session }: Forwarding,
  ): void {
    this.#lifecycle.prove(connection);
    if (towards !== "client" || previous === undefined) return;
    rememberPeer(
      session,
      previous,
      connection,
      (it) => this.#table.connections.has(it),
      this.#options.bounds.peersPerSession,
    );
  }

  #authenticate(connection: RelayConnection, head: ChunkHead, now: Instant): void {
    const answer = this.#auth.answer(head, connection.arrival, connection.authority, now);
    this.#table.respond(connection, head, answer.code, answer.headers);
    const { issued, expires, error } = answer;
    if (issued !== undefined && expires !== undefined) {
      this.#lifecycle.prove(connection);
      connection.failures = 0;
      const { uri, username } = issued;
      this.#lifecycle.watchExpiry(issued);
      this.#table.tell({
        type: "session-opened",
        connection: connection.id,
        username,
        uri,
        expires,
      });
    } else if (error !== undefined) {
      this.#refused(connection, "AUTH", answer.code, error);
    }
  }

  #refuse(connection: RelayConnection, head: ChunkHead, code: number, error: PeerError): void {
    this.#table.respond(connection, head, code);
    this.#refused(connection, methodOf(head), code, error);
  }

  #refused(connection: RelayConnection, method: string, code: number, error: PeerError): void {
    this.#table.tell({ type: "request-refused", connection: connection.id, method, code, error });
    // After the probation only AUTHs count: a late SEND to a session that ended is no attack.
    if (!connection.isProven || method === "AUTH") this.countFailure(connection, error);
  }
}

/** Remembers over which connection a peer came, unless another one of that name is still here. */
function rememberPeer(
  session: IssuedUri,
  uri: MsrpUri,
  connection: RelayConnection,
  isHere: (connection: number) => boolean,
  limit: number,
): void {
  const { peers } = session;
  const at = peers.findIndex((it) => msrpUrisMatch(it.uri, uri));
  const known = peers[at];
  if (known !== undefined && isHere(known.connection)) return;
  if (known !== undefined) peers.splice(at, 1);
  peers.push({ uri, connection: connection.id });
  if (peers.length > limit) peers.shift();
}

function returnPath(
  connection: RelayConnection,
  { fromPath }: ChunkHead,
  { via }: Forwarding,
): ReturnPath {
  return { source: connection.id, toPath: fromPath, fromPath: reversed(via) };
}

function methodOf({ startLine }: ChunkHead): string {
  return startLine.kind === "request" ? startLine.method : "";
}

function fault(code: `msrp/${string}`, rule: string, message: string): PeerError {
  return new PeerError(code, rule, message);
}

const EXPECTED_SHORT = "expected a shorter body of a request that is no SEND";
const EXPECTED_FIELDS = "expected a Message-ID and a Content-Type with a body";
const EXPECTED_START = "expected a Byte-Range that begins within any message there is";
const EXPECTED_FRESH = "expected a transaction identifier that no unanswered request has";
/** First octet of a chunk, far above any message; a body of any length may follow. */
const LARGEST_START = 1e14;
/** Octets that a request costs besides its body. */
const REQUEST_OVERHEAD = 1_024;
