/** A peer-to-peer relationship that lasts for some time (RFC 3261 §12). */

import { callIdOf, contactsOf, cSeqOf, fromOf, routesOf, toOf } from "../message/header_fields.ts";
import type { SipMessage, SipRequest, SipResponse } from "../message/message.ts";
import {
  isFocusAddress,
  type NameAddress,
  tagOf,
  withoutParameters,
} from "../message/name_address.ts";
import { isSipUri, type SipUri } from "../message/uri.ts";
import { type DialogId, dialogIdOfResponse } from "./dialog_id.ts";
import { routeTo, type Routing } from "./route_set.ts";

/** What a dialog begins with. */
export interface DialogState {
  readonly id: DialogId;
  readonly local: NameAddress;
  readonly remote: NameAddress;
  readonly remoteTarget: SipUri;
  /** In the order in which our requests travel. */
  readonly routeSet: readonly NameAddress[];
  readonly localSequence: number;
  /** Empty for a caller: the peer sent no request yet. */
  readonly remoteSequence: number | undefined;
  readonly isFocus: boolean;
}

/** One dialog, early or confirmed. */
export class Dialog {
  readonly id: DialogId;
  /** Ourselves, with no tag. */
  readonly local: NameAddress;
  /** The peer, with no tag. */
  readonly remote: NameAddress;
  #remoteTarget: SipUri;
  #routeSet: readonly NameAddress[];
  #localSequence: number;
  #remoteSequence: number | undefined;
  #isFocus: boolean;

  /** @param state What it begins with. */
  constructor(state: DialogState) {
    this.id = state.id;
    this.local = state.local;
    this.remote = state.remote;
    this.#remoteTarget = state.remoteTarget;
    this.#routeSet = state.routeSet;
    this.#localSequence = state.localSequence;
    this.#remoteSequence = state.remoteSequence;
    this.#isFocus = state.isFocus;
  }

  /** Where the peer wants our requests. */
  get remoteTarget(): SipUri {
    return this.#remoteTarget;
  }

  /** Whether the peer's latest Contact said `isfocus` (RFC 4579 §5.2). */
  get isFocus(): boolean {
    return this.#isFocus;
  }

  /** Request-URI, Route header fields and next hop of our next request. */
  get routing(): Routing {
    return routeTo(this.#remoteTarget, this.#routeSet);
  }

  /** Number of the last request we sent. */
  get localSequence(): number {
    return this.#localSequence;
  }

  /** Number of the next request we send, but ACK and CANCEL (§12.2.1.1). */
  nextSequence(): number {
    this.#localSequence++;
    return this.#localSequence;
  }

  /** Takes the number of a request of the peer; `false` when it is too low (§12.2.2). */
  acceptSequence(number: number): boolean {
    if (this.#remoteSequence !== undefined && number < this.#remoteSequence) return false;
    this.#remoteSequence = number;
    return true;
  }

  /**
   * Takes the Contact of a target refresh request or of its 2xx (§12.2.1.2, §12.2.2).
   *
   * @returns Whether the peer became a focus, or ceased to be one.
   */
  refreshTarget(message: SipMessage): boolean {
    const contact = usableContact(message);
    if (contact === undefined) return false;
    this.#remoteTarget = contact.target;
    const changed = contact.isFocus !== this.#isFocus;
    this.#isFocus = contact.isFocus;
    return changed;
  }

  /**
   * The 2xx decides the route set, whatever the 1xx before it said (§13.2.2.4).
   *
   * @param response The 2xx to our INVITE.
   */
  confirm(response: SipResponse): void {
    this.#routeSet = routesOf(response, "Record-Route").reverse();
  }
}

/** Target and focus flag of the first Contact that is a SIP URI. */
export function usableContact(
  message: SipMessage,
):
  | { readonly address: NameAddress; readonly target: SipUri; readonly isFocus: boolean }
  | undefined {
  for (const address of contactsOf(message)) {
    if (isSipUri(address.uri)) {
      return { address, target: address.uri, isFocus: isFocusAddress(address) };
    }
  }
  return undefined;
}

/**
 * The dialog that a response to our INVITE makes (§12.1.2).
 *
 * @param request The INVITE.
 * @param response A 1xx with a To tag, or a 2xx.
 */
export function dialogOfCaller(request: SipRequest, response: SipResponse): Dialog {
  const contact = usableContact(response);
  const to = toOf(request);
  return new Dialog({
    id: dialogIdOfResponse(response),
    local: withoutParameters(fromOf(request)),
    remote: withoutParameters(to),
    // A 1xx needs no Contact; until one comes, what was dialled stands in.
    remoteTarget: contact?.target ?? (isSipUri(to.uri) ? to.uri : fallbackTarget),
    routeSet: routesOf(response, "Record-Route").reverse(),
    localSequence: cSeqOf(request).number,
    remoteSequence: undefined,
    isFocus: contact?.isFocus ?? false,
  });
}

/**
 * The dialog that a received INVITE makes (§12.1.1).
 *
 * @param request The INVITE.
 * @param localTag The tag of our responses.
 * @returns `undefined` when the INVITE names no place to reach its sender at.
 */
export function dialogOfCallee(request: SipRequest, localTag: string): Dialog | undefined {
  const contact = usableContact(request);
  const from = fromOf(request);
  // SPEC NOTE sip-3: an RFC 2543 caller may send no Contact; its From is then all there is.
  const target = contact?.target ?? (isSipUri(from.uri) ? from.uri : undefined);
  if (target === undefined) return undefined;
  return new Dialog({
    id: { callId: callIdOf(request), localTag, remoteTag: tagOf(from) ?? "" },
    local: withoutParameters(toOf(request)),
    remote: withoutParameters(from),
    remoteTarget: target,
    routeSet: routesOf(request, "Record-Route"),
    localSequence: 0,
    remoteSequence: cSeqOf(request).number,
    isFocus: contact?.isFocus ?? false,
  });
}

const fallbackTarget: SipUri = { scheme: "sip", host: "invalid", parameters: [], headers: [] };
