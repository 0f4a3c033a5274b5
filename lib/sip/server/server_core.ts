/**
 * A SIP registrar and proxy of one domain, without sockets: octets and time go in, an ordered
 * list of outputs comes out (RFC 3261 §10.3, §16; RFC 5626; RFC 6026).
 *
 * What is refused is refused without state (§8.2.7): only requests that were let in cost memory.
 */

import type { DigestAlgorithm } from "../../auth/mod.ts";
import { ascii } from "../../base/ascii.ts";
import { PeerError } from "../../base/errors.ts";
import type { Instant, RandomSource } from "../../base/output.ts";
import type { Secret } from "../../base/secret.ts";
import type { HostPort } from "../../base/wire_tap.ts";
import { answerStun, isStun } from "../flow/stun_message.ts";
import { topVia } from "../message/header_fields.ts";
import type { HeaderField, SipRequest } from "../message/message.ts";
import { judgeSipMessage, type MessageLimits } from "../message/message_parser.ts";
import { writeNameAddress } from "../message/name_address.ts";
import { reasonPhrase } from "../message/status.ts";
import { isSipUri, parseUri, type SipUri, writeUri } from "../message/uri.ts";
import { DEFAULT_TIMERS, type TimerSettings } from "../transaction/timers.ts";
import { annotateVia, type Destination, type Flow, wayBack } from "../user_agent/destination.ts";
import { respondTo, statelessTag } from "../user_agent/responses.ts";
import { newTag } from "../user_agent/tokens.ts";
import { AccessControl, type ServerRefusal } from "./access.ts";
import type { Branch } from "./branch.ts";
import { DeadlineQueue } from "./deadline_queue.ts";
import type { SipServerEvent, SipServerOutput } from "./events.ts";
import { FlowTokens } from "./flow_token.ts";
import { type Binding, type BindingLimits, LocationTable } from "./location_table.ts";
import { Proxy } from "./proxy.ts";
import { Registrar, type RegistrarTimes } from "./registrar.ts";
import { ServerIdentity, type ServerPlace } from "./server_identity.ts";
import { Outbox } from "../user_agent/outbox.ts";
import { TargetFinder } from "./targets.ts";
import { TransactionTable } from "./transaction_table.ts";
import { withTopVia } from "./via_stack.ts";

/** What a server is made with. */
export interface SipServerCoreOptions {
  readonly random: RandomSource;
  /** Domains it is responsible for, names or addresses; the first is the realm of its digest. */
  readonly domains: readonly string[];
  /** The password of a user (UTF-8, normalization form C), `undefined` for a stranger. */
  readonly password: (user: string) => Secret | undefined;
  /** Users that never register, and where they lead. Anybody may call them. */
  readonly routes?: ReadonlyMap<string, SipUri> | undefined;
  /** Let everybody register and call whatever name they like, unasked. Default no. */
  readonly isOpen?: boolean | undefined;
  /** Send requests for other domains on, for users of ours. Default no. */
  readonly relaysForeign?: boolean | undefined;
  /** What digest offers, the most preferred first. Default SHA-512-256, SHA-256, MD5. */
  readonly algorithms?: readonly DigestAlgorithm[] | undefined;
  /** For the Server header field. */
  readonly serverName: string;
  /** Where it listens now. */
  readonly places: () => readonly ServerPlace[];
  /** Whether an address is one of this machine's. */
  readonly isOwnAddress: (host: string) => boolean;
  /** Our address on the way to, or from, somebody. */
  readonly localAddress: (peer: Destination) => HostPort;
  /** The value of Date (§20.17) at an instant, for registrations; without it there is none. */
  readonly dateText?: ((now: Instant) => string) | undefined;
  readonly times?: RegistrarTimes | undefined;
  readonly timers?: TimerSettings | undefined;
  /** Timer C: how long a forwarded INVITE may ring, in milliseconds. Default 185,000. */
  readonly timerC?: number | undefined;
  readonly limits?: SipServerLimits | undefined;
}

/** How much a server takes on. */
export interface SipServerLimits extends BindingLimits, MessageLimits {
  /** Most forwarded requests that wait for their final response. Default 2,000. */
  readonly requests?: number | undefined;
  /** Most transactions of every kind, those that only wait for stragglers included. Default 20,000. */
  readonly transactions?: number | undefined;
}

/** Longer than three minutes (§16.6 step 11). */
const TIMER_C = 185_000;

/** See the file comment. */
export class SipServerCore {
  readonly #options: SipServerCoreOptions;
  readonly #outbox = new Outbox<SipServerEvent>();
  readonly #identity: ServerIdentity;
  readonly #locations: LocationTable;
  readonly #registrar: Registrar;
  readonly #access: AccessControl;
  readonly #table: TransactionTable;
  readonly #branchTimers = new DeadlineQueue<Branch>();
  readonly #proxy: Proxy;
  readonly #mostTransactions: number;
  /** Connections that were seen and have not ended. */
  readonly #open = new Set<number>();

  /**
   * @param options What it is made with.
   * @throws {TypeError} when no domain is given.
   */
  constructor(options: SipServerCoreOptions) {
    const [realm] = options.domains;
    if (realm === undefined) throw new TypeError("expected a domain");
    this.#options = options;
    const { random, isOpen = false, relaysForeign = false, limits = {}, password } = options;
    const timers = { ...DEFAULT_TIMERS, ...options.timers };
    const identity = new ServerIdentity(options);
    const tokens = new FlowTokens(random);
    this.#identity = identity;
    this.#mostTransactions = limits.transactions ?? 20_000;
    this.#locations = new LocationTable(limits);
    this.#registrar = new Registrar(this.#locations, options.times, options.dateText);
    this.#access = new AccessControl({ ...options, identity, realm, isOpen });
    this.#table = new TransactionTable({ timers, outbox: this.#outbox });
    this.#proxy = new Proxy({
      random,
      identity,
      tokens,
      access: this.#access,
      finder: new TargetFinder({
        identity,
        table: this.#locations,
        routes: options.routes ?? new Map(),
        isUser: (user) => isOpen || password(user) !== undefined,
        relaysForeign,
      }),
      table: this.#table,
      timers: this.#branchTimers,
      outbox: this.#outbox,
      localAddress: options.localAddress,
      isOpen: ({ transport, connection }) =>
        transport === "udp" || (connection !== undefined && this.#open.has(connection)),
      timerC: options.timerC ?? TIMER_C,
      cancelPatience: 64 * timers.t1,
      limit: limits.requests ?? 2_000,
    });
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    const deadlines = [this.#table, this.#locations].map((it) => it.deadline);
    return [...deadlines, this.#branchTimers.earliest].filter((it) => it !== undefined)
      .reduce<Instant | undefined>((a, b) => a === undefined || b < a ? b : a, undefined);
  }

  /** Contacts that are registered. */
  get contactCount(): number {
    return this.#locations.size;
  }

  /** Transactions of every kind. */
  get transactionCount(): number {
    return this.#table.size;
  }

  /** Forwarded requests that wait for their final response. */
  get pendingCount(): number {
    return this.#proxy.size;
  }

  /** Whether somebody is reached over this connection: it is worth keeping. */
  isNeeded(connection: number): boolean {
    return this.#locations.usesFlow(connection);
  }

  /** A datagram, or a message that `StreamFramer` cut out of a stream, arrived. */
  receive(bytes: Uint8Array, flow: Flow, now: Instant): SipServerOutput[] {
    if (flow.transport === "udp" && isStun(bytes)) return this.#answerStun(bytes, flow);
    if (flow.connection !== undefined) this.#open.add(flow.connection);
    const judged = judgeSipMessage(bytes, {
      transport: flow.transport,
      limits: this.#options.limits,
    });
    try {
      if (judged.verdict === "answer") {
        this.#refuse(judged.request, flow, { status: judged.status, headers: [] });
        this.#reportMalformed(judged.error, flow);
      } else if (judged.verdict === "drop") {
        if (!isKeepAlive(bytes)) this.#reportMalformed(judged.error, flow);
      } else if (judged.message.kind === "response") {
        this.#table.receiveResponse(judged.message, now);
      } else this.#receiveRequest(judged.message, flow, now);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      // Something that only a proxy reads is malformed, Route parameters for instance.
      if (judged.verdict === "valid" && judged.message.kind === "request") {
        if (judged.message.method !== "ACK") {
          this.#refuse(judged.message, flow, { status: 400, headers: [] });
        }
      }
      this.#reportMalformed(error, flow);
    }
    return this.#outbox.take();
  }

  /** RFC 5626 §5.4, §8: over UDP, keep-alives are STUN. */
  #answerStun(bytes: Uint8Array, flow: Flow): SipServerOutput[] {
    const answer = answerStun(bytes, flow.remote);
    if (answer !== undefined) this.#outbox.transmitBytes(answer, backTo(undefined, flow));
    return this.#outbox.take();
  }

  /** `StreamFramer` saw a keep-alive: it is answered (RFC 5626 §5.4). */
  receivePing(flow: Flow): SipServerOutput[] {
    this.#outbox.transmitBytes(ascii("\r\n"), wayBack(undefined, flow));
    return this.#outbox.take();
  }

  /** `StreamFramer` lost its way: the request is answered if there was one, and the connection closed. */
  receiveBroken(error: PeerError, head: Uint8Array | undefined, flow: Flow): SipServerOutput[] {
    if (head !== undefined) {
      const judged = judgeSipMessage(head, {
        transport: flow.transport,
        limits: this.#options.limits,
      });
      if (judged.verdict === "answer") {
        this.#refuse(judged.request, flow, { status: judged.status, headers: [] });
      }
    }
    this.#reportMalformed(error, flow);
    if (flow.connection !== undefined) this.#outbox.close(flow.connection);
    return this.#outbox.take();
  }

  /** A connection ended. */
  receiveFlowEnd(connection: number): SipServerOutput[] {
    this.#open.delete(connection);
    this.#reportGone(this.#locations.dropFlow(connection), "flow-ended");
    return this.#outbox.take();
  }

  /** A message could not be sent. */
  receiveTransportError(transaction: string, now: Instant): SipServerOutput[] {
    this.#table.receiveTransportError(transaction, now);
    return this.#outbox.take();
  }

  /** {@link deadline} has passed. */
  handleTimeout(now: Instant): SipServerOutput[] {
    this.#table.handleTimeout(now);
    for (const branch of this.#branchTimers.takeDue(now)) branch.handleTimeout(now);
    this.#reportGone(this.#locations.expire(now), "expired");
    return this.#outbox.take();
  }

  #receiveRequest(received: SipRequest, flow: Flow, now: Instant): void {
    const request = withTopVia(received, annotateVia(topVia(received), flow));
    const reception = this.#table.receiveRequest(request, now);
    if (reception === "absorbed") return;
    if (reception === "stray-ack") {
      this.#proxy.forwardAck(request, flow, now);
      return;
    }
    if (this.#table.size >= this.#mostTransactions) {
      this.#refuse(request, flow, {
        status: 503,
        headers: [{ name: "Retry-After", value: "5" }],
      });
    } else if (request.method === "REGISTER") this.#register(request, flow, now);
    else if (request.method === "CANCEL" && this.#cancel(request, flow, now)) return;
    else this.#forward(request, flow, now);
  }

  #register(request: SipRequest, flow: Flow, now: Instant): void {
    const uri = parseUri(request.requestUri);
    if (!isSipUri(uri) || !this.#identity.owns(uri)) {
      this.#forward(request, flow, now); // §10.3 step 1.
      return;
    }
    const admission = this.#access.register(request, now);
    if ("status" in admission) {
      this.#refuse(request, flow, admission);
      return;
    }
    const { user } = admission;
    const incoming = this.#table.serve(request, backTo(request, flow), now);
    const answer = this.#registrar.register(request, user, flow, now);
    const { status, reason } = answer;
    const response = respondTo(request, status, {
      reason,
      toTag: newTag(this.#options.random),
      headers: [...answer.headers, this.#serverField],
    });
    this.#table.respond(incoming, response, now);
    if (status === 200) {
      const contacts = this.#locations.bindings(user, now)
        .map(({ contact }) => writeNameAddress(contact));
      const { remote: source, transport } = flow;
      this.#outbox.report({ type: "registered", user, contacts, source, transport });
    } else this.#reportRefused(request, flow, status, reason ?? reasonPhrase(status));
  }

  /** §16.10: whether there was something to cancel. */
  #cancel(request: SipRequest, flow: Flow, now: Instant): boolean {
    const invite = this.#table.cancelled(request);
    if (invite === undefined) return false;
    const incoming = this.#table.serve(request, backTo(request, flow), now);
    const toTag = newTag(this.#options.random);
    this.#table.respond(incoming, respondTo(request, 200, { toTag }), now);
    this.#proxy.cancel(invite, now);
    return true;
  }

  #forward(request: SipRequest, flow: Flow, now: Instant): void {
    const decision = this.#proxy.decide(request, flow, now);
    switch (decision.type) {
      case "refuse":
        this.#refuse(request, flow, decision.refusal);
        break;
      case "server":
        this.#answer(request, flow);
        break;
      case "forward": {
        const incoming = this.#table.serve(request, backTo(request, flow), now);
        this.#proxy.forward(decision.plan, incoming, flow, now);
        break;
      }
      default:
        decision satisfies never;
    }
  }

  /** A request to the server itself: OPTIONS alone means something there (§11.2). */
  #answer(request: SipRequest, flow: Flow): void {
    if (request.method === "OPTIONS") {
      const response = respondTo(request, 200, {
        toTag: statelessTag(request),
        headers: [
          { name: "Allow", value: "REGISTER, OPTIONS" },
          { name: "Supported", value: "outbound" },
          this.#serverField,
        ],
      });
      this.#outbox.transmit(response, backTo(request, flow));
    } else this.#refuse(request, flow, { status: 404, headers: [] });
  }

  /** Answers without state: a repeated request is refused again in the same way (§8.2.7). */
  #refuse(received: SipRequest, flow: Flow, { status, reason, headers }: ServerRefusal): void {
    let request = received;
    let to: Destination = backTo(undefined, flow);
    try {
      request = withTopVia(received, annotateVia(topVia(received), flow));
      to = backTo(request, flow);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      // Its Via is malformed: the answer goes to where the octets came from.
    }
    const response = respondTo(request, status, {
      reason,
      toTag: statelessTag(request),
      headers: [...headers, this.#serverField],
    });
    this.#outbox.transmit(response, to);
    this.#reportRefused(received, flow, status, response.reason);
  }

  get #serverField(): HeaderField {
    return { name: "Server", value: this.#options.serverName };
  }

  #reportRefused(request: SipRequest, flow: Flow, status: number, reason: string): void {
    const { method, requestUri } = request;
    this.#outbox.report({
      type: "refused",
      method,
      requestUri,
      status,
      reason,
      source: flow.remote,
    });
  }

  #reportMalformed(error: PeerError, flow: Flow): void {
    this.#outbox.report({ type: "malformed", error, source: flow.remote });
  }

  #reportGone(bindings: readonly Binding[], reason: "expired" | "flow-ended"): void {
    for (const { user, contact } of bindings) {
      this.#outbox.report({ type: "unregistered", user, contact: writeUri(contact.uri), reason });
    }
  }
}

/** The way of the responses: over UDP, out of the socket that the request came in by. */
function backTo(request: SipRequest | undefined, flow: Flow): Destination {
  const to = wayBack(request === undefined ? undefined : topVia(request), flow);
  return flow.connection === undefined ? to : { ...to, connection: flow.connection };
}

/** Line ends alone, which some clients send over UDP to keep an address translator awake. */
function isKeepAlive(bytes: Uint8Array): boolean {
  return bytes.every((it) => it === 0x0d || it === 0x0a || it === 0);
}
