/**
 * One registration from the first REGISTER to the last: refreshed before it runs out, tried
 * again after failures, taken back at the end (RFC 3261 §10.2, RFC 5626 §4.2, §4.5, RFC 3608 §5).
 */

import { PeerError, SottoError } from "../../base/errors.ts";
import { escapeText } from "../../base/escape.ts";
import type { Instant } from "../../base/output.ts";
import { routeTo, type Routing } from "../dialog/route_set.ts";
import { headerValue } from "../message/header_fields.ts";
import type { HeaderField, SipRequest, SipResponse, SipTransport } from "../message/message.ts";
import { type NameAddress, writeNameAddress } from "../message/name_address.ts";
import type { Parameter } from "../message/parameters.ts";
import { quote } from "../message/text_scanner.ts";
import { isSipUri, type SipUri, type Uri, writeUri } from "../message/uri.ts";
import { sameUri } from "../message/uri_comparison.ts";
import { type CallContext, contactAddress } from "../user_agent/call_context.ts";
import { ALLOW } from "../user_agent/capabilities.ts";
import { type Destination, destinationOf } from "../user_agent/destination.ts";
import { PendingRequest, type PendingUser } from "../user_agent/pending_request.ts";
import { freshRequest, withTag } from "../user_agent/requests.ts";
import { newCallId, newSequence, newTag } from "../user_agent/tokens.ts";
import type { Failure } from "../user_agent/transaction_layer.ts";
import {
  type Binding,
  bindingsOf,
  deltaSeconds,
  isOutboundResponse,
  ownBinding,
  serviceRouteOf,
} from "./bindings.ts";
import { retryDelay, type RetryTimes } from "./retry_delay.ts";

/** What is registered, and where. */
export interface RegistrationOptions extends RetryTimes {
  /** The address of record. */
  readonly address: NameAddress;
  /** The domain of the registrar. @default the address's, without its user */
  readonly registrar?: SipUri | undefined;
  /** How long the binding should last, in seconds. @default 3600 */
  readonly expires?: number | undefined;
  /** `urn:uuid:…` of this device: the same for ever (RFC 5626 §4.1). Without one there is no `outbound`. */
  readonly instance?: string | undefined;
  /** The number of this flow among those of the device. @default 1 */
  readonly regId?: number | undefined;
  /** The way through an outbound proxy. */
  readonly routes?: readonly NameAddress[] | undefined;
  /** Where REGISTER goes, in order (RFC 3263 §4.3). What the route or the registrar say if left out. */
  readonly destinations?: readonly Destination[] | undefined;
  /** Over what the registrar's URI says. */
  readonly transport?: SipTransport | undefined;
  /** More parameters of our Contact. */
  readonly contactParameters?: readonly Parameter[] | undefined;
  /** More header fields. */
  readonly headers?: readonly HeaderField[] | undefined;
}

/** What happens to a registration. */
export type RegistrationEvent =
  /** A REGISTER is on its way, and nothing is bound as far as we know. */
  | { readonly type: "registering" }
  /** Bound, again after each refresh. */
  | {
    readonly type: "registered";
    /** How long, in seconds. */
    readonly expires: number;
    /** When it will be refreshed. */
    readonly refreshAt: Instant;
    /** Ours; `undefined` when the registrar does not list it as we sent it. */
    readonly own: Binding | undefined;
    /** All bindings of the address, ours among them. */
    readonly bindings: readonly Binding[];
    readonly serviceRoute: readonly NameAddress[];
    /** The registrar keeps the flow: it wants keep-alives (RFC 5626 §4.4). */
    readonly isOutbound: boolean;
    /** What the registrar calls itself. */
    readonly server: string | undefined;
    /** How its answer came. */
    readonly destination: Destination;
    readonly response: SipResponse;
  }
  /** It will not be tried again. */
  | {
    readonly type: "refused";
    readonly error: SottoError;
    /** The registrar's answer, if that is what ended it. */
    readonly response: SipResponse | undefined;
  }
  /** It will be tried again. A binding that stood may still stand. */
  | { readonly type: "failed"; readonly error: SottoError; readonly retryAt: Instant }
  /** Taken back. `isConfirmed` is false when the registrar did not say so: it will run out. */
  | { readonly type: "unregistered"; readonly isConfirmed: boolean };

/** The surroundings of one registration. */
export interface RegistrationContext extends
  Pick<
    CallContext,
    | "layer"
    | "random"
    | "timers"
    | "userAgent"
    | "credentials"
    | "localAddress"
    | "reportDeadServer"
  > {
  /** Tells the application. */
  report(event: RegistrationEvent): void;
  /** Nothing more will happen to this registration. */
  forget(): void;
}

/** Where it is. */
export type RegistrationState =
  /** The first REGISTER, or one after a failure, waits for its answer. */
  | "registering"
  | "registered"
  /** A refresh waits for its answer. */
  | "refreshing"
  /** It failed, and will be tried again. */
  | "waiting"
  | "unregistering"
  | "over";

/** Asked for when nothing else is. */
const DEFAULT_EXPIRES = 3600;
/** Longest lifetime that a 423 may demand, in seconds: a week. */
const MOST_EXPIRES = 7 * 86_400;
/** Longest time before the end at which a long registration is refreshed, in milliseconds. */
const REFRESH_MARGIN = 300_000;
/** Longest wait that a Retry-After may ask for, in seconds. */
const MOST_RETRY_AFTER = 3600;

/** One registration. */
export class Registration implements PendingUser {
  readonly #context: RegistrationContext;
  readonly #options: RegistrationOptions;
  readonly #routing: Routing;
  readonly #callId: string;
  readonly #localTag: string;
  #sequence: number;
  #state: RegistrationState = "registering";
  #expires: number;
  /** Given up after a 439. */
  #wantsOutbound: boolean;
  #wantsEnd = false;
  #pending: PendingRequest | undefined;
  /** The Contact of the REGISTER that is on its way. */
  #sent: Uri | undefined;
  /** The Contact that is bound. */
  #bound: Uri | undefined;
  /** Where it is looked for. */
  #located: readonly Destination[];
  /** How the registrar was reached last. */
  #flow: Destination | undefined;
  #failures = 0;
  /** When it is refreshed or tried again. */
  #timer: Instant | undefined;
  #badProof: PeerError | undefined;

  /** Sends the first REGISTER. */
  constructor(context: RegistrationContext, options: RegistrationOptions, now: Instant) {
    this.#context = context;
    this.#options = options;
    this.#routing = routeTo(registrarOf(options), options.routes ?? []);
    this.#callId = newCallId(context.random);
    this.#localTag = newTag(context.random);
    this.#sequence = newSequence(context.random);
    this.#expires = options.expires ?? DEFAULT_EXPIRES;
    this.#wantsOutbound = options.instance !== undefined;
    this.#located = options.destinations ?? [];
    this.#begin(now);
  }

  /** Where it is. */
  get state(): RegistrationState {
    return this.#state;
  }

  /** When {@link handleTimeout} wants to be called, if at all. */
  get deadline(): Instant | undefined {
    return this.#timer;
  }

  /** {@link deadline} may have passed. */
  handleTimeout(now: Instant): void {
    if (this.#timer !== undefined && this.#timer <= now) this.#begin(now);
  }

  /** Registers anew at once: the network changed, or somebody does not want to wait. */
  refresh(now: Instant): void {
    if (this.#state === "registered" || this.#state === "waiting") this.#begin(now);
  }

  /**
   * Where the registrar is from now on, in order: after a failure DNS is asked again (RFC 5626
   * §4.2.1). Nothing is sent by it.
   */
  relocate(destinations: readonly Destination[]): void {
    this.#located = destinations;
  }

  /** The connection that carried it is gone, or its keep-alives are not answered (RFC 5626 §4.5). */
  receiveFlowEnd(connection: number, now: Instant): void {
    if (this.#flow?.connection !== connection) return;
    this.#flow = undefined;
    // The first attempt after a flow that worked need not wait.
    if (this.#state === "registered") this.#begin(now);
  }

  /** Takes the binding back. An answer that is still owed is waited for (RFC 3261 §10.2). */
  end(now: Instant): void {
    if (this.#state === "over" || this.#state === "unregistering") return;
    this.#timer = undefined;
    if (this.#state === "registering" || this.#state === "refreshing") this.#wantsEnd = true;
    else if (this.#bound === undefined) this.#finish({ type: "unregistered", isConfirmed: true });
    else this.#unregister(now);
  }

  /** A response to REGISTER. */
  receiveResponse(response: SipResponse, now: Instant): void {
    if (response.status < 200) return;
    if (this.#state === "unregistering") {
      this.#finish({ type: "unregistered", isConfirmed: response.status < 300 });
    } else if (response.status < 300) this.#receiveSuccess(response, now);
    else this.#receiveRefusal(response, now);
  }

  /** Credentials or another server are tried. */
  receiveRetry(): boolean {
    return this.#state !== "over";
  }

  /** REGISTER got no final response, or none that credentials could change. */
  receiveFailure(failure: Failure | "credentials", now: Instant, error?: Error): void {
    if (this.#state === "unregistering") {
      this.#finish({ type: "unregistered", isConfirmed: false });
      return;
    }
    const { host, port, transport } = this.#pending?.destination ?? this.#destinations[0];
    const known = error instanceof SottoError
      ? error
      : failure === "timeout"
      ? new SottoError("sip/timeout", `no answer from ${host}:${port} over ${transport}`)
      : new SottoError("sip/not-delivered", `nothing could be sent to ${host}:${port}`, {
        cause: error,
      });
    if (failure === "credentials") this.#refuse(known, undefined);
    else this.#retryLater(known, undefined, now);
  }

  #receiveSuccess(response: SipResponse, now: Instant): void {
    if (this.#badProof !== undefined) {
      this.#refuse(this.#badProof, response);
      return;
    }
    let bindings: Binding[];
    let serviceRoute: NameAddress[];
    try {
      bindings = bindingsOf(response);
      serviceRoute = serviceRouteOf(response);
    } catch (error) {
      if (!(error instanceof PeerError)) throw error;
      this.#retryLater(error, undefined, now);
      return;
    }
    const sent = this.#sent;
    const { instance } = this.#options;
    const own = sent === undefined ? undefined : ownBinding(bindings, sent, instance, this.#regId);
    // SPEC NOTE sip-38: a registrar that lists our binding in another form has it all the same.
    const expires = own?.expires ?? deltaSeconds(headerValue(response, "Expires")) ??
      this.#expires;
    this.#bound = sent;
    this.#failures = 0;
    const pending = this.#pending;
    this.#pending = undefined;
    const destination = pending?.destination ?? this.#destinations[0];
    const connection = pending?.link?.connection;
    this.#flow = connection === undefined ? destination : { ...destination, connection };
    if (this.#wantsEnd) {
      this.#unregister(now);
      return;
    }
    this.#state = "registered";
    this.#timer = now + refreshDelay(expires);
    this.#context.report({
      type: "registered",
      expires,
      refreshAt: this.#timer,
      own,
      bindings,
      serviceRoute,
      isOutbound: isOutboundResponse(response),
      server: headerValue(response, "Server"),
      destination: this.#flow,
      response,
    });
  }

  #receiveRefusal(response: SipResponse, now: Instant): void {
    const { status } = response;
    if (status === 423 && this.#takeMinimum(response)) {
      this.#send(this.#expires, now);
      return;
    }
    if (status === 439 && this.#wantsOutbound) {
      // RFC 5626 §4.2.1: the first hop knows nothing of flows; it goes without.
      this.#wantsOutbound = false;
      this.#send(this.#expires, now);
      return;
    }
    const error = new SottoError(
      "sip/registration-refused",
      `the registrar says ${status} ${escapeText(response.reason, 80)}`,
    );
    if (WORTH_A_RETRY.has(status)) this.#retryLater(error, response, now);
    else this.#refuse(error, response);
  }

  /** RFC 3261 §10.2.8. @returns Whether there is a new lifetime to ask for. */
  #takeMinimum(response: SipResponse): boolean {
    const minimum = deltaSeconds(headerValue(response, "Min-Expires"));
    if (minimum === undefined || minimum <= this.#expires || minimum > MOST_EXPIRES) return false;
    this.#expires = minimum;
    return true;
  }

  #retryLater(error: SottoError, response: SipResponse | undefined, now: Instant): void {
    this.#pending = undefined;
    this.#flow = undefined;
    if (this.#wantsEnd) {
      if (this.#bound === undefined) this.#finish({ type: "unregistered", isConfirmed: false });
      else this.#unregister(now);
      return;
    }
    this.#failures++;
    this.#state = "waiting";
    const header = response === undefined ? undefined : headerValue(response, "Retry-After");
    const asked = deltaSeconds(/^\s*\d+/.exec(header ?? "")?.[0]);
    const delay = asked === undefined
      ? retryDelay(this.#failures, this.#options, this.#context.random)
      : 1000 * Math.min(asked, MOST_RETRY_AFTER);
    this.#timer = now + delay;
    this.#context.report({ type: "failed", error, retryAt: this.#timer });
  }

  #refuse(error: SottoError, response: SipResponse | undefined): void {
    this.#finish({ type: "refused", error, response });
  }

  #finish(event: RegistrationEvent): void {
    this.#state = "over";
    this.#timer = undefined;
    this.#pending = undefined;
    this.#context.report(event);
    this.#context.forget();
  }

  /** Registers, or refreshes. */
  #begin(now: Instant): void {
    const isRefresh = this.#state === "registered";
    this.#state = isRefresh ? "refreshing" : "registering";
    if (!isRefresh) this.#context.report({ type: "registering" });
    this.#send(this.#expires, now);
  }

  #unregister(now: Instant): void {
    this.#state = "unregistering";
    this.#send(0, now);
  }

  #send(expires: number, now: Instant): void {
    this.#timer = undefined;
    const { layer, credentials } = this.#context;
    this.#pending = new PendingRequest({
      layer,
      credentials,
      write: (sequence, to) => this.#write(sequence, to, expires),
      nextSequence: () => this.#sequence++,
      destinations: this.#destinations,
      user: this,
      reportBadProof: (error) => this.#badProof = error,
      reportDeadServer: this.#context.reportDeadServer,
    }, now);
  }

  /** RFC 3261 §10.2.4: a refresh goes where the registration went; the others come after it. */
  get #destinations(): readonly [Destination, ...Destination[]] {
    const [first, ...others] = this.#located;
    const all = first === undefined
      ? [destinationOf(this.#routing.nextHop, this.#options.transport)] as const
      : [first, ...others] as const;
    const flow = this.#flow;
    if (flow === undefined) return all;
    return [flow, ...all.filter((it) => !isSamePlace(it, flow))];
  }

  get #regId(): number | undefined {
    return this.#wantsOutbound ? this.#options.regId ?? 1 : undefined;
  }

  #write(sequence: number, to: Destination, expires: number): SipRequest {
    const { address, headers = [] } = this.#options;
    const { userAgent } = this.#context;
    const contact = this.#contactFor(to);
    const isUnregister = expires === 0;
    // What is bound under another address of ours would stay behind: it goes in the same breath.
    const old = this.#bound !== undefined && !sameUri(this.#bound, contact.uri)
      ? this.#bound
      : undefined;
    this.#sent = contact.uri;
    const removed: Parameter = { name: "expires", value: "0" };
    const contacts = [
      ...(isUnregister && old !== undefined ? [] : [{
        ...contact,
        parameters: [...contact.parameters, { name: "expires", value: String(expires) }],
      }]),
      // RFC 5626 §4.2: with a flow's number the registrar replaces the old one itself.
      ...(old === undefined || (this.#wantsOutbound && !isUnregister)
        ? []
        : [{ uri: old, parameters: [removed] }]),
    ];
    return freshRequest({
      method: "REGISTER",
      requestUri: writeUri(this.#routing.requestUri),
      routes: this.#routing.routes,
      from: withTag(address, this.#localTag),
      to: address,
      callId: this.#callId,
      sequence,
      headers: [
        ...contacts.map((it) => ({ name: "Contact", value: writeNameAddress(it) })),
        { name: "Expires", value: String(expires) },
        { name: "Supported", value: this.#wantsOutbound ? "path, outbound, gruu" : "path" },
        ALLOW,
        { name: "User-Agent", value: userAgent },
        ...headers,
      ],
    });
  }

  #contactFor(to: Destination): NameAddress {
    const { address, instance, contactParameters = [] } = this.#options;
    const parameters = [...contactParameters];
    if (instance !== undefined) {
      parameters.push({ name: "+sip.instance", value: quote(`<${instance}>`) });
      const regId = this.#regId;
      if (regId !== undefined) parameters.push({ name: "reg-id", value: String(regId) });
    }
    return contactAddress(this.#context, {
      transport: to.transport,
      host: to.host,
      local: address,
      isSecure: isSipUri(address.uri) && address.uri.scheme === "sips",
      parameters,
    });
  }
}

/**
 * Where REGISTER goes first: the outbound proxy, or the registrar (RFC 3261 §10.2.6). For the
 * one who looks the destinations up.
 *
 * @throws {TypeError} when the address is no SIP URI.
 */
export function registrationHop(options: RegistrationOptions): SipUri {
  return routeTo(registrarOf(options), options.routes ?? []).nextHop;
}

/** Statuses after which time may heal. */
const WORTH_A_RETRY: ReadonlySet<number> = new Set([408, 430, 480, 491, 500, 502, 503, 504]);

/** The domain of the address, without user (§10.2). */
function registrarOf({ address, registrar }: RegistrationOptions): SipUri {
  const uri = registrar ?? address.uri;
  if (!isSipUri(uri)) throw new TypeError("only a sip or sips address can be registered");
  const { scheme, host, port, parameters } = uri;
  return {
    scheme,
    host,
    ...(port === undefined ? {} : { port }),
    parameters: registrar === undefined ? [] : parameters,
    headers: [],
  };
}

/** Early enough for a timeout and another attempt; never later than half of a short lifetime. */
function refreshDelay(expires: number): number {
  const lifetime = 1000 * expires;
  return Math.max(lifetime / 2, lifetime - REFRESH_MARGIN);
}

function isSamePlace(a: Destination, b: Destination): boolean {
  return a.transport === b.transport && a.host === b.host && a.port === b.port;
}
