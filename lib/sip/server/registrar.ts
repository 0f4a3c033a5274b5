/** What a REGISTER does to the bindings of a user, and what it is answered (RFC 3261 §10.3, RFC 5626 §6). */

import type { Instant } from "../../base/output.ts";
import { sameHost } from "../message/host.ts";
import {
  callIdOf,
  contactsOf,
  cSeqOf,
  headerValue,
  headerValues,
  tokenList,
  viasOf,
} from "../message/header_fields.ts";
import type { HeaderField, SipRequest } from "../message/message.ts";
import { type NameAddress, writeNameAddress } from "../message/name_address.ts";
import { hasParameter, parameterValue, withParameter } from "../message/parameters.ts";
import { sameUri } from "../message/uri_comparison.ts";
import { isSipUri, type Uri, uriParameter } from "../message/uri.ts";
import type { Via } from "../message/via.ts";
import { defaultPort, type Flow } from "../user_agent/destination.ts";
import type { Binding, LocationTable } from "./location_table.ts";
import { transportOf } from "./server_identity.ts";

/** How long contacts last, in seconds. */
export interface RegistrarTimes {
  /** Given to who asks for nothing. Default 3600. */
  readonly defaultExpires?: number | undefined;
  /** Shorter wishes are refused with 423, unless they are an hour or more. Default 60. */
  readonly minExpires?: number | undefined;
  /** Longer wishes are cut. Default 7200. */
  readonly maxExpires?: number | undefined;
}

/** The answer to a REGISTER. */
export interface RegistrarAnswer {
  readonly status: number;
  readonly reason?: string | undefined;
  readonly headers: readonly HeaderField[];
}

/** Extensions that a REGISTER may require (§10.3 step 2). */
export const REGISTRAR_OPTIONS: readonly string[] = ["outbound"];

/** Writes bindings. */
export class Registrar {
  readonly #table: LocationTable;
  readonly #times: { readonly default: number; readonly min: number; readonly max: number };
  readonly #dateText: ((now: Instant) => string) | undefined;

  /**
   * @param table Where bindings are kept.
   * @param dateText The value of Date (§20.17) at an instant; without it there is none.
   */
  constructor(
    table: LocationTable,
    times: RegistrarTimes = {},
    dateText?: (now: Instant) => string,
  ) {
    this.#table = table;
    this.#times = {
      default: times.defaultExpires ?? 3600,
      min: times.minExpires ?? 60,
      max: times.maxExpires ?? 7200,
    };
    this.#dateText = dateText;
  }

  /**
   * Carries out a REGISTER, wholly or not at all.
   *
   * @param user Whose bindings it is about; that it is their own was checked before.
   */
  register(request: SipRequest, user: string, flow: Flow, now: Instant): RegistrarAnswer {
    const unknown = tokenList(request, "Require").filter((it) => !REGISTRAR_OPTIONS.includes(it));
    if (unknown.length > 0) return refuse(420, { Unsupported: unknown.join(", ") });
    const values = headerValues(request, "Contact");
    const update = values.includes("*")
      ? this.#removeAll(request, user, now)
      : this.#update(request, user, flow, now);
    if ("status" in update) return update;
    if (values.length > 0 && !this.#table.replace(user, update)) {
      return refuse(403, {}, "Too Many Contacts");
    }
    return this.#accept(request, user, now);
  }

  /** `Contact: *` (§10.2.2, §10.3 step 6). */
  #removeAll(
    request: SipRequest,
    user: string,
    now: Instant,
  ): readonly Binding[] | RegistrarAnswer {
    if (headerValue(request, "Expires") !== "0") return refuse(400, {}, "Expected Expires: 0");
    const bindings = this.#table.bindings(user, now);
    return bindings.some((it) => isOld(request, it)) ? outOfOrder() : [];
  }

  #update(
    request: SipRequest,
    user: string,
    flow: Flow,
    now: Instant,
  ): readonly Binding[] | RegistrarAnswer {
    const contacts = contactsOf(request);
    const path = this.#outboundPath(request, contacts);
    if (path === "refused") return refuse(439, {}, "First Hop Lacks Outbound Support");
    const wishes = contacts.map((contact) => ({
      contact,
      expires: this.#expiresOf(contact, request),
      outbound: path === "direct" ? outboundOf(contact) : undefined,
    }));
    const lasting = wishes.filter((it) => it.expires > 0);
    // RFC 5626 §6: one flow registers one instance.
    if (lasting.length > 1 && lasting.some((it) => it.outbound !== undefined)) {
      return refuse(400, {}, "One Contact With reg-id At A Time");
    }
    const { min } = this.#times;
    if (lasting.some((it) => it.expires < min && it.expires < AN_HOUR)) {
      return refuse(423, { "Min-Expires": String(min) });
    }
    let bindings = [...this.#table.bindings(user, now)];
    for (const { contact, expires, outbound } of wishes) {
      const old = bindings.find((it) => isSame(it, contact.uri, outbound));
      if (old !== undefined && isOld(request, old)) return outOfOrder();
      const binding: Binding = {
        user,
        contact: withoutExpires(contact),
        expiresAt: now + 1000 * Math.min(expires, this.#times.max),
        callId: callIdOf(request),
        sequence: cSeqOf(request).number,
        outbound,
        flow: outbound !== undefined || isContactOfSender(contact.uri, request, flow)
          ? flow
          : undefined,
      };
      if (old === undefined) bindings.push(binding);
      else bindings = bindings.map((it) => it === old ? binding : it);
      if (expires === 0) bindings = bindings.filter((it) => it !== binding);
    }
    return bindings;
  }

  /** §10.3 step 7: the parameter, else the header field, else our own habit. */
  #expiresOf(contact: NameAddress, request: SipRequest): number {
    const text = parameterValue(contact.parameters, "expires") ?? headerValue(request, "Expires");
    // §20.10, §20.19: what is no number of 32 bits is taken as if it were not there.
    return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : this.#times.default;
  }

  /** RFC 5626 §6: whether the one who registers is directly before us, as `reg-id` needs. */
  #outboundPath(
    request: SipRequest,
    contacts: readonly NameAddress[],
  ): "direct" | "none" | "refused" {
    if (viasOf(request).length === 1) return "direct";
    const asks = tokenList(request, "Supported").includes("outbound") &&
      contacts.some((it) => hasParameter(it.parameters, "reg-id"));
    return asks ? "refused" : "none";
  }

  #accept(request: SipRequest, user: string, now: Instant): RegistrarAnswer {
    const bindings = this.#table.bindings(user, now);
    const headers: HeaderField[] = bindings.map((it) => {
      const seconds = String(Math.max(1, Math.ceil((it.expiresAt - now) / 1000)));
      const parameters = withParameter(it.contact.parameters, "expires", seconds);
      return { name: "Contact", value: writeNameAddress({ ...it.contact, parameters }) };
    });
    const usesOutbound = tokenList(request, "Supported").includes("outbound") &&
      bindings.some((it) =>
        it.outbound !== undefined && it.callId === callIdOf(request) &&
        it.sequence === cSeqOf(request).number
      );
    if (usesOutbound) headers.push({ name: "Require", value: "outbound" });
    headers.push({ name: "Supported", value: REGISTRAR_OPTIONS.join(", ") });
    const date = this.#dateText?.(now);
    if (date !== undefined) headers.push({ name: "Date", value: date });
    return { status: 200, headers };
  }
}

/** Seconds: shorter wishes alone may be refused as too short (§10.3 step 7). */
const AN_HOUR = 3600;

function refuse(
  status: number,
  headers: Readonly<Record<string, string>>,
  reason?: string,
): RegistrarAnswer {
  return {
    status,
    reason,
    headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
  };
}

/** §10.3 step 7: the update is aborted, and the request fails. */
function outOfOrder(): RegistrarAnswer {
  return refuse(500, {}, "CSeq Out Of Order");
}

/** Whether a request of the same Call-ID wrote this binding later. */
function isOld(request: SipRequest, binding: Binding): boolean {
  return binding.callId === callIdOf(request) && cSeqOf(request).number <= binding.sequence;
}

function isSame(binding: Binding, uri: Uri, outbound: Binding["outbound"]): boolean {
  if (outbound === undefined || binding.outbound === undefined) {
    return outbound === binding.outbound && sameUri(binding.contact.uri, uri);
  }
  return binding.outbound.instance === outbound.instance &&
    binding.outbound.regId === outbound.regId;
}

/** Instance and flow number; one without the other identifies nothing (RFC 5626 §6). */
function outboundOf({ parameters }: NameAddress): Binding["outbound"] {
  const instance = parameterValue(parameters, "+sip.instance");
  const number = parameterValue(parameters, "reg-id");
  if (instance === undefined || number === undefined || !/^[1-9]\d{0,9}$/.test(number)) {
    return undefined;
  }
  return { instance, regId: Number(number) };
}

function withoutExpires(contact: NameAddress): NameAddress {
  const parameters = contact.parameters.filter(({ name }) => name.toLowerCase() !== "expires");
  return { ...contact, parameters };
}

/**
 * Whether a contact is the very socket that its request says it comes from: then the flow leads
 * there even where the address does not, as behind a NAT. A contact for somebody else is
 * reached by its URI (note sip-server-2).
 */
function isContactOfSender(uri: Uri, request: SipRequest, flow: Flow): boolean {
  if (!isSipUri(uri)) return false;
  const [via, ...others] = viasOf(request);
  if (via === undefined || others.length > 0) return false;
  return sameHost(uri.host, via.host) && isSameTransport(uri, flow) && isSamePort(uri, via, flow);
}

function isSameTransport(uri: Uri & { readonly host: string }, flow: Flow): boolean {
  if (!isSipUri(uri)) return false;
  // A contact that names no transport is reached by the one it came by.
  return (transportOf(uri) ?? flow.transport) === flow.transport &&
    (uriParameter(uri, "maddr") === undefined);
}

function isSamePort(uri: { readonly port?: number | undefined }, via: Via, flow: Flow): boolean {
  const usual = defaultPort(flow.transport);
  return (uri.port ?? usual) === (via.port ?? usual);
}
