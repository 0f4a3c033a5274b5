/** A SIP user agent on real sockets: the core, its clock, its connections, its calls. */

import { SottoError } from "../base/errors.ts";
import type { Instant } from "../base/output.ts";
import type { HostPort } from "../base/wire_tap.ts";
import {
  DEFAULT_TIMERS,
  type Destination,
  isAddress,
  isSipUri,
  type NameAddress,
  newCallId,
  newTag,
  registrationHop,
  type RegistrationOptions,
  type SipOutput,
  type SipTransport,
  type SipUri,
  UserAgentCore,
  writeHostPort,
} from "../sip/mod.ts";
import { followRedirects } from "./call_redirects.ts";
import { EventQueue } from "./event_queue.ts";
import { firstReachable, withinPatience } from "./first_reachable.ts";
import {
  type CallControl,
  type CallHandle,
  type IncomingCall,
  IncomingCallHandle,
  type OutgoingCall,
  OutgoingCallHandle,
} from "./sip_call.ts";
import type { Registration } from "./registration.ts";
import type { ConnectionFlow } from "./sip_connections.ts";
import type { PlaceCallOptions, SipEndpointOptions } from "./sip_endpoint_options.ts";
import { type KeepAliveOptions, type KeptFlow, SipKeepAlives } from "./sip_keep_alive.ts";
import { SipLinks } from "./sip_links.ts";
import { outboundRoutes, SipLocator } from "./sip_locator.ts";
import { SipRegistrations } from "./sip_registrations.ts";
import { SipStreams } from "./sip_streams.ts";

export type { Call, IncomingCall, OfferEvent, OutgoingCall, SipCallEvent } from "./sip_call.ts";
export type { SipTlsOptions } from "./sip_connections.ts";
export type * from "./sip_endpoint_options.ts";
export type { KeepAliveOptions, KeptFlow } from "./sip_keep_alive.ts";
export type { ListenAddress } from "./sip_links.ts";

/** How long {@link Call.hangup} waits for the peer's answer, in milliseconds. */
const HANGUP_PATIENCE = 5_000;
/** Seconds after which a silent peer is taken for gone (RFC 4028 §4 recommends half an hour). */
const SESSION_EXPIRES = 1800;
/** How long {@link SipEndpoint.close} waits for what has to leave, in milliseconds. */
const CLOSE_GRACE = 1_000;
/** Calls that may wait for somebody to read {@link SipEndpoint.calls}. */
const MOST_WAITING = 256;

/** A SIP user agent. See the module comment. */
export class SipEndpoint implements AsyncDisposable {
  readonly #options: SipEndpointOptions;
  readonly #core: UserAgentCore;
  readonly #links: SipLinks;
  readonly #locator: SipLocator;
  readonly #handles = new Map<number, CallHandle>();
  readonly #registrations: SipRegistrations;
  readonly #incoming = new EventQueue<IncomingCall>(MOST_WAITING);
  readonly #streams: SipStreams;
  readonly #keepAlives: SipKeepAlives;
  readonly #closing = new AbortController();
  #nudge = Promise.withResolvers<void>();
  readonly #timing: Promise<void>;
  #uris: readonly string[] = [];
  #closed: Promise<void> | undefined;

  private constructor(options: SipEndpointOptions) {
    this.#options = options;
    this.#streams = new SipStreams(options.limits);
    this.#locator = new SipLocator({
      clock: options.clock,
      random: options.random,
      dns: { ...options.dns, signal: this.#closing.signal },
    });
    this.#links = new SipLinks({
      clock: options.clock,
      locator: this.#locator,
      tap: options.tap,
      tls: options.tls ?? {},
      connectionLimit: options.limits?.connections ?? 256,
      handler: {
        receiveDatagram: (data, flow) =>
          this.#perform((now) => this.#core.receive(data, flow, now)),
        receiveStun: (data, from) => this.#keepAlives.receiveStun(data, from),
        receiveOctets: (data, flow) => this.#receiveOctets(data, flow),
        receiveEnd: (connection) => this.#receiveEnd(connection),
      },
    });
    this.#keepAlives = new SipKeepAlives({
      clock: options.clock,
      random: options.random,
      send: (data, to) => this.#links.send(data, to),
      expectPong: (connection) => this.#streams.expectPong(connection),
      closeConnection: (connection) => this.#links.closeConnection(connection),
    });
    this.#core = new UserAgentCore({
      random: options.random,
      userAgent: options.userAgent,
      credentials: options.credentials,
      digestMinimum: options.digestMinimum,
      digestQop: options.digestQop,
      localAddress: (transport, host) => this.#links.localAddress(transport, host),
      timers: options.timers,
      limits: options.limits,
      sessionExpires: (options.sessionExpires ?? SESSION_EXPIRES) || undefined,
    });
    this.#registrations = new SipRegistrations({
      clock: options.clock,
      core: this.#core,
      perform: (act) => this.#perform(act),
      reach: (wanted) => this.#withinPatience(this.#reachRegistrar(wanted)),
      keepAlive: (flow) => this.#keepAlives.start(flow),
      markFailed: (to) => this.#locator.health.markFailed(to, options.clock.now()),
    });
    this.#timing = this.#keepTime();
  }

  /**
   * Opens an endpoint.
   *
   * @throws {SottoError} `transport/…` when it cannot listen, `sip/no-certificate` for TLS
   * without one.
   */
  static async open(options: SipEndpointOptions): Promise<SipEndpoint> {
    const endpoint = new SipEndpoint(options);
    try {
      const uris: string[] = [];
      for (const address of options.listen) {
        const { local } = await endpoint.#links.listen(address);
        uris.push(uriOf(address.transport, local));
      }
      endpoint.#uris = uris;
      return endpoint;
    } catch (error) {
      await endpoint.close();
      throw error;
    }
  }

  /** A SIP URI for every address that was asked for, in order, with the port it got. */
  get uris(): readonly string[] {
    return this.#uris;
  }

  /** Calls in progress, in either direction. */
  get callCount(): number {
    return this.#core.callCount;
  }

  /** Calls that come in, for one reader. Ends when the endpoint is closed. */
  calls(): AsyncIterable<IncomingCall> {
    return this.#incoming;
  }

  /**
   * The address of ours that suits a call to `target`: for its SDP.
   *
   * @throws {SottoError} what {@link locate} throws.
   */
  async localHostFor(target: SipUri, transport?: SipTransport): Promise<string> {
    const [to] = await this.locate(target, transport);
    return to === undefined ? "" : this.#links.localAddress(to.transport, to.host).host;
  }

  /**
   * Where a request to `target` goes: to the outbound proxy if there is one (RFC 3263 §4). In
   * the order of trial, not empty; servers that failed lately come last.
   *
   * @param transport Over what the URI says.
   * @throws {SottoError} `sip/unsupported-uri`, `sip/not-available`, `sip/no-server`,
   * `transport/name-not-found`, `transport/name-server`.
   */
  locate(target: SipUri, transport?: SipTransport): Promise<readonly Destination[]> {
    return this.#locator.locate(this.#options.proxy ?? target, transport);
  }

  /** The address of ours that suits an incoming call: for its SDP. */
  localHostForCall(call: IncomingCall): Promise<string> {
    // Media go to the caller, and the INVITE may have come through a proxy elsewhere.
    const contact = call.remoteContact?.uri;
    const caller = contact !== undefined && isSipUri(contact) && isAddress(contact.host)
      ? contact.host
      : call.source.host;
    const { host } = this.#links.localAddress(call.transport, caller);
    return Promise.resolve(host);
  }

  /** Places a call. Returns at once; everything else is an event of the call. */
  invite(options: PlaceCallOptions): OutgoingCall {
    const { random } = this.#options;
    const ids = { callId: newCallId(random), localTag: newTag(random) };
    const call = new OutgoingCallHandle(this.#control, ids, options.target);
    const { signal } = options;
    const onAbort = () => void call.hangup();
    signal?.addEventListener("abort", onAbort, { once: true });
    void call.over.then(() => signal?.removeEventListener("abort", onAbort));
    if (signal?.aborted) void call.hangup();
    if ((options.redirects ?? 0) > 0) {
      call.redirect = followRedirects(options, (redirected) => {
        if (call.number !== undefined) this.#handles.delete(call.number);
        call.number = undefined;
        void this.#place(call, redirected);
      });
    }
    void this.#place(call, options);
    return call;
  }

  /**
   * Registers an address and keeps it registered. Returns at once; everything else is an event
   * of the registration: `refused` too when the registrar cannot be found or reached at all.
   * Close it before the endpoint, or the binding stays until it runs out.
   */
  register(options: RegistrationOptions): Registration {
    const routes = options.routes ?? outboundRoutes(this.#options.proxy);
    return this.#registrations.start({ ...options, routes });
  }

  /**
   * Keeps a flow alive, and tells when it is dead (RFC 5626 §4.4). Flows of registrations are
   * kept alive by themselves.
   *
   * @throws {SottoError} `transport/…` when there is no connection and none can be made.
   */
  async keepAlive(options: KeepAliveOptions): Promise<KeptFlow> {
    return this.#keepAlives.start({ ...options, to: await this.#links.flowTo(options.to) });
  }

  /** Closes every socket, once what was handed to them has left. Hangs up nothing by itself. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** The same as {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#keepAlives.close();
    await this.#links.close(CLOSE_GRACE);
    this.#closing.abort();
    this.#nudge.resolve();
    await this.#timing;
    this.#incoming.close();
    for (const call of this.#handles.values()) call.finish();
    this.#handles.clear();
    this.#registrations.close();
  }

  async #reachRegistrar(options: RegistrationOptions): Promise<readonly Destination[]> {
    const { destinations, transport } = options;
    return await this.#firstReachable(
      destinations ?? await this.#locator.locate(registrationHop(options), transport),
    );
  }

  async #place(
    call: OutgoingCallHandle,
    options: PlaceCallOptions & { readonly sequence?: number },
  ): Promise<void> {
    let destinations: readonly Destination[] = [];
    try {
      destinations = await this.#withinPatience(this.#reach(options));
    } catch (error) {
      if (!(error instanceof SottoError)) throw error;
      call.take({ type: "failed", error });
      return;
    }
    if (call.isOver || this.#closing.signal.aborted) return;
    const { displayName, uri, parameters = [] } = options.from;
    const { callId, localTag } = call;
    this.#perform((now) => {
      const placed = this.#core.invite({
        target: options.target,
        from: displayName === undefined ? { uri, parameters } : { displayName, uri, parameters },
        to: options.to,
        offer: options.offer,
        contentType: options.contentType,
        transport: options.transport,
        headers: options.headers,
        contactParameters: options.contactParams,
        routes: this.#routesOf(options),
        destinations,
        callId,
        localTag,
        sequence: options.sequence,
      }, now);
      call.number = placed.call;
      this.#handles.set(placed.call, call);
      return placed.outputs;
    });
  }

  /** The servers for a call, from the first that can be reached on. */
  async #reach(options: PlaceCallOptions): Promise<readonly Destination[]> {
    const [first] = this.#routesOf(options);
    const hop = first !== undefined && isSipUri(first.uri) ? first.uri : options.target;
    return await this.#firstReachable(await this.locate(hop, options.transport));
  }

  /** The outbound proxy, then the way that the registrar told for this address (RFC 3608 §5). */
  #routesOf({ from }: PlaceCallOptions): readonly NameAddress[] {
    const service = this.#registrations.of(from.uri)?.serviceRoute ?? [];
    return [...outboundRoutes(this.#options.proxy), ...service];
  }

  #firstReachable(destinations: readonly Destination[]): Promise<readonly Destination[]> {
    return firstReachable(destinations, {
      prepare: (to) => this.#links.prepare(to),
      health: this.#locator.health,
      clock: this.#options.clock,
    });
  }

  /** Connecting takes no longer than an INVITE waits for its answer. */
  #withinPatience<Result>(preparing: Promise<Result>): Promise<Result> {
    const { clock, timers } = this.#options;
    return withinPatience(preparing, clock, 64 * (timers?.t1 ?? DEFAULT_TIMERS.t1));
  }

  /** The door of the calls. */
  readonly #control: CallControl = {
    hangUp: (call) => this.#hangUp(call),
    reoffer: (call, sdp) => {
      const { number } = call;
      if (number === undefined) throw noSession();
      this.#perform((now) => this.#core.offer(number, sdp, now));
    },
    respond: (call, id, answer, status) =>
      this.#forCall(
        call,
        (number, now) => this.#core.respondToOffer(number, id, answer, status, now),
      ),
    ring: (call) => this.#forCall(call, (number, now) => this.#core.ring(number, now)),
    answer: (call, sdp, contactParameters) =>
      this.#forCall(
        call,
        (number, now) => this.#core.answer(number, sdp, { contactParameters }, now),
      ),
    reject: async (call, status, reason, headers) => {
      this.#forCall(call, (number, now) => this.#core.reject(number, status, reason, headers, now));
      await this.#links.flush();
    },
  };

  #forCall(call: CallHandle, act: (number: number, now: Instant) => SipOutput[]): void {
    const { number } = call;
    if (number !== undefined) this.#perform((now) => act(number, now));
  }

  async #hangUp(call: CallHandle): Promise<void> {
    if (call.isOver) return;
    const { number } = call;
    if (number === undefined) {
      // Nothing was sent yet, and now nothing will be.
      call.take({ type: "ended", by: "local", reason: "cancelled" });
      return;
    }
    this.#perform((now) => this.#core.hangUp(number, now));
    const { clock } = this.#options;
    const waiting = new AbortController();
    await Promise.race([
      call.over,
      clock.reached(clock.now() + HANGUP_PATIENCE, waiting.signal),
    ]);
    waiting.abort();
  }

  #receiveOctets(data: Uint8Array, flow: ConnectionFlow): void {
    for (const framed of this.#streams.feed(flow.connection, data)) {
      switch (framed.type) {
        case "message":
          this.#perform((now) => this.#core.receive(framed.bytes, flow, now));
          break;
        case "ping":
          this.#perform(() => this.#core.receivePing(flow));
          break;
        case "pong":
          this.#keepAlives.receivePong(flow.connection);
          break;
        case "broken":
          this.#perform(() => this.#core.receiveBroken(framed.error, framed.head, flow));
          break;
        default:
          framed satisfies never;
      }
    }
  }

  #receiveEnd(connection: number): void {
    this.#keepAlives.receiveEnd(connection);
    const error = new SottoError("transport/reset", "the peer closed the connection");
    for (const transaction of this.#streams.end(connection)) {
      this.#perform((now) => this.#core.receiveTransportError(transaction, error, now));
    }
    this.#perform((now) => this.#core.receiveFlowEnd(connection, now));
  }

  /** The only way to the core: what it asks for is carried out in order. */
  #perform(act: (now: Instant) => SipOutput[]): void {
    for (const output of act(this.#options.clock.now())) {
      switch (output.type) {
        case "transmit":
          this.#transmit(output);
          break;
        case "close":
          void this.#links.closeConnection(output.connection);
          break;
        case "event":
          this.#report(output.event);
          break;
        default:
          output satisfies never;
      }
    }
    this.#nudge.resolve();
  }

  #transmit(output: SipOutput & { readonly type: "transmit" }): void {
    const { data, to, transaction } = output;
    const onLink = (connection: number): void => {
      if (transaction !== undefined) this.#streams.carry(connection, transaction);
    };
    this.#links.send(data, to, onLink).catch(async (error: unknown) => {
      if (transaction === undefined || this.#closing.signal.aborted) return;
      if (await this.#links.sendElsewhere(data, to)) return;
      const failure = error instanceof Error ? error : new Error(String(error));
      this.#perform((now) => this.#core.receiveTransportError(transaction, failure, now));
    });
  }

  #report(event: (SipOutput & { readonly type: "event" })["event"]): void {
    switch (event.type) {
      case "incoming-call": {
        const call = new IncomingCallHandle(this.#control, event);
        this.#handles.set(event.call, call);
        try {
          this.#incoming.push(call);
        } catch (error) {
          if (!(error instanceof SottoError)) throw error;
          void call.reject(486); // Nobody takes the calls that wait already.
        }
        break;
      }
      case "call": {
        const call = this.#handles.get(event.call);
        if (call?.take(event.event) === false) {
          this.#perform((now) => this.#core.hangUp(event.call, now));
        }
        if (call?.isOver) this.#handles.delete(event.call);
        break;
      }
      case "dead-server":
        this.#locator.health.markFailed(event.to, this.#options.clock.now(), event.retryAfter);
        break;
      case "registration":
        this.#registrations.take(event.registration, event.event);
        break;
      case "malformed":
        break; // The trace shows it; a person has nothing to do about it.
      default:
        event satisfies never;
    }
  }

  async #keepTime(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#closing.signal.aborted) {
      const waiting = new AbortController();
      this.#nudge = Promise.withResolvers<void>();
      await Promise.race([
        clock.reached(this.#core.deadline, waiting.signal),
        this.#nudge.promise,
      ]);
      waiting.abort();
      const { deadline } = this.#core;
      if (deadline !== undefined && deadline <= clock.now()) {
        this.#perform((now) => this.#core.handleTimeout(now));
      }
    }
  }
}

function noSession(): SottoError {
  return new SottoError("sip/no-session", "there is no session that could be changed");
}

function uriOf(transport: SipTransport, { host, port }: HostPort): string {
  const parameter = transport === "udp" ? "" : `;transport=${transport}`;
  return `sip:${writeHostPort(host, port)}${parameter}`;
}
