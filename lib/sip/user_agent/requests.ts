/** Requests that begin a dialog, belong to one, or cancel (RFC 3261 §8.1.1, §9.1, §12.2.1.1). */

import type { Dialog } from "../dialog/dialog.ts";
import { headerValue, headerValues } from "../message/header_fields.ts";
import { type HeaderField, NO_BODY, type SipRequest } from "../message/message.ts";
import { type NameAddress, writeNameAddress } from "../message/name_address.ts";
import { withParameter } from "../message/parameters.ts";
import { writeUri } from "../message/uri.ts";

/** §8.1.1.6. */
const MAX_FORWARDS: HeaderField = { name: "Max-Forwards", value: "70" };

/** A request that belongs to no dialog, without Via. */
export interface FreshRequest {
  readonly method: string;
  readonly requestUri: string;
  readonly routes: readonly NameAddress[];
  /** With its tag. */
  readonly from: NameAddress;
  readonly to: NameAddress;
  readonly callId: string;
  readonly sequence: number;
  readonly headers: readonly HeaderField[];
  readonly body?: Uint8Array | undefined;
}

/** Writes it down, without Via. */
export function freshRequest(fresh: FreshRequest): SipRequest {
  return {
    kind: "request",
    method: fresh.method,
    requestUri: fresh.requestUri,
    headers: [
      MAX_FORWARDS,
      ...fresh.routes.map(routeField),
      { name: "From", value: writeNameAddress(fresh.from) },
      { name: "To", value: writeNameAddress(fresh.to) },
      { name: "Call-ID", value: fresh.callId },
      { name: "CSeq", value: `${fresh.sequence} ${fresh.method}` },
      ...fresh.headers,
    ],
    body: fresh.body ?? NO_BODY,
  };
}

/**
 * A request inside `dialog`, without Via.
 *
 * @param sequence The number of the INVITE for its ACK, a new one for everything else.
 */
export function dialogRequest(
  dialog: Dialog,
  method: string,
  sequence: number,
  headers: readonly HeaderField[] = [],
  body: Uint8Array = NO_BODY,
): SipRequest {
  const { requestUri, routes } = dialog.routing;
  return freshRequest({
    method,
    requestUri: writeUri(requestUri),
    routes,
    from: withTag(dialog.local, dialog.id.localTag),
    to: withTag(dialog.remote, dialog.id.remoteTag),
    callId: dialog.id.callId,
    sequence,
    headers,
    body,
  });
}

/** The CANCEL of an INVITE, without Via: it gets the one of the INVITE (§9.1). */
export function cancelRequest(invite: SipRequest): SipRequest {
  const copied = (name: string): HeaderField[] =>
    headerValues(invite, name).map((value) => ({ name, value }));
  const number = (headerValue(invite, "CSeq") ?? "").split(" ")[0] ?? "";
  return {
    kind: "request",
    method: "CANCEL",
    requestUri: invite.requestUri,
    headers: [
      MAX_FORWARDS,
      ...copied("Route"),
      ...copied("From"),
      ...copied("To"),
      ...copied("Call-ID"),
      { name: "CSeq", value: `${number} CANCEL` },
    ],
    body: NO_BODY,
  };
}

/** An address with a tag; with none when the tag is the empty one of an RFC 2543 peer. */
export function withTag(address: NameAddress, tag: string): NameAddress {
  if (tag === "") return address;
  return { ...address, parameters: withParameter(address.parameters, "tag", tag) };
}

function routeField(route: NameAddress): HeaderField {
  return { name: "Route", value: writeNameAddress(route) };
}
