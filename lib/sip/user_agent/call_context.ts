/** What a call needs from the user agent around it. */

import type { PeerError } from "../../base/errors.ts";
import type { RandomSource } from "../../base/output.ts";
import type { HostPort } from "../../base/wire_tap.ts";
import type { HeaderField, SipTransport } from "../message/message.ts";
import { type NameAddress, writeNameAddress } from "../message/name_address.ts";
import type { Parameter } from "../message/parameters.ts";
import { isSipUri } from "../message/uri.ts";
import type { CallEvent } from "../events.ts";
import type { Timers } from "../transaction/timers.ts";
import type { RequestCredentials } from "./request_credentials.ts";
import type { Session } from "./session.ts";
import type { DeadServer } from "./pending_request.ts";
import type { TransactionLayer } from "./transaction_layer.ts";

/** The surroundings of one call. */
export interface CallContext {
  readonly layer: TransactionLayer;
  readonly random: RandomSource;
  readonly timers: Timers;
  /** Value of User-Agent and Server. */
  readonly userAgent: string;
  /** Seconds between signs of life that our INVITE asks for; none when left out (RFC 4028). */
  readonly sessionExpires: number | undefined;
  /** Of all requests of this call. */
  readonly credentials: RequestCredentials;
  /** A server accepted us, and its own proof is wrong. */
  readonly reportBadProof: (error: PeerError) => void;
  /** A server is silent, unreachable, or says 503. */
  readonly reportDeadServer: (server: DeadServer) => void;
  readonly localAddress: (transport: SipTransport, host: string) => HostPort;
  /** Tells the application. */
  report(event: CallEvent): void;
  /** Requests of this session's dialog go to it from now on. */
  adopt(session: Session): void;
  /** No more. */
  release(session: Session): void;
  /** Nothing more will happen to this call. */
  forget(): void;
}

/** Where we want to be reached, and what we say about ourselves there. */
export interface ContactOptions {
  readonly transport: SipTransport;
  /** Who will use it. */
  readonly host: string;
  /** Ourselves: the user part is taken from it. */
  readonly local: NameAddress;
  /** §12.1.1: `sips` when we were called, or call, by a `sips` URI. */
  readonly isSecure: boolean;
  /** Of the header field: `isfocus` and the like. */
  readonly parameters: readonly Parameter[];
}

/** The Contact header field for a peer that we talk to in this way. */
export function contactField(
  context: Pick<CallContext, "localAddress">,
  options: ContactOptions,
): HeaderField {
  return { name: "Contact", value: writeNameAddress(contactAddress(context, options)) };
}

/** The address in it. */
export function contactAddress(
  context: Pick<CallContext, "localAddress">,
  { transport, host, local, isSecure, parameters }: ContactOptions,
): NameAddress {
  const user = isSipUri(local.uri) ? local.uri.user : undefined;
  const uri = {
    scheme: isSecure ? "sips" as const : "sip" as const,
    ...(user === undefined ? {} : { user }),
    ...context.localAddress(transport, host),
    parameters: transport === "udp" ? [] : [{ name: "transport", value: transport }],
    headers: [],
  };
  return { uri, parameters };
}
