/** What a SIP endpoint is made with, and what a call takes. */

import type { RandomSource } from "../base/output.ts";
import type { WireTap } from "../base/wire_tap.ts";
import type {
  CredentialOptions,
  HeaderField,
  InviteOptions,
  Parameter,
  SipTransport,
  SipUri,
  TimerSettings,
  Uri,
  UserAgentLimits,
} from "../sip/mod.ts";
import type { DnsOptions } from "../transport/mod.ts";
import type { Clock } from "./clock.ts";
import type { SipTlsOptions } from "./sip_connections.ts";
import type { ListenAddress } from "./sip_links.ts";

/** What an endpoint is made with. */
export interface SipEndpointOptions extends CredentialOptions {
  /** Where SIP is received. May be empty: what a call needs is then opened with it. */
  readonly listen: readonly ListenAddress[];
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Told of every datagram, and of every piece of every stream. */
  readonly tap?: WireTap | undefined;
  /** For the User-Agent and Server header fields: `sotto/1.2.3`. */
  readonly userAgent: string;
  readonly tls?: SipTlsOptions | undefined;
  /** The way out for every call: it becomes the first Route, and is what is located (RFC 3261 §8.1.2). */
  readonly proxy?: SipUri | undefined;
  /** Whom to ask for names; the system's name servers by default. */
  readonly dns?: Pick<DnsOptions, "nameServer" | "timeout"> | undefined;
  /** Seconds of the session timer that our calls ask for; 0 for none (RFC 4028). Default 1800. */
  readonly sessionExpires?: number | undefined;
  readonly timers?: TimerSettings | undefined;
  readonly limits?: SipEndpointLimits | undefined;
}

/** How much an endpoint takes on. */
export interface SipEndpointLimits extends UserAgentLimits {
  /** Most connections at once. Default 256. */
  readonly connections?: number;
}

/** A call to place. */
export interface PlaceCallOptions {
  readonly target: SipUri;
  readonly from: {
    readonly displayName?: string | undefined;
    readonly uri: Uri;
    readonly parameters?: readonly Parameter[] | undefined;
  };
  readonly to?: InviteOptions["to"];
  readonly offer: Uint8Array;
  /** Default `application/sdp`. */
  readonly contentType?: string | undefined;
  /** Over what the target says. */
  readonly transport?: SipTransport | undefined;
  readonly headers?: readonly HeaderField[] | undefined;
  readonly contactParams?: readonly Parameter[] | undefined;
  /** How many other targets are tried when the call is redirected (3xx). Default 0: a refusal. */
  readonly redirects?: number | undefined;
  /** Hangs up when aborted, whatever the state. */
  readonly signal?: AbortSignal | undefined;
}
