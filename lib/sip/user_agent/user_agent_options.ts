/** What a user agent is made with, and how much it takes on. */

import type { RandomSource } from "../../base/output.ts";
import type { HostPort } from "../../base/wire_tap.ts";
import type { SipTransport } from "../message/message.ts";
import type { MessageLimits } from "../message/message_parser.ts";
import type { TimerSettings } from "../transaction/timers.ts";
import type { CredentialOptions } from "./request_credentials.ts";

/** How much a user agent takes on. */
export interface UserAgentLimits extends MessageLimits {
  /** Most transactions at once; further requests are answered 503. Default 4096. */
  readonly transactions?: number;
  /** Most calls at once; further ones are answered 486. Default 256. */
  readonly calls?: number;
}

/** What a user agent is made with. */
export interface UserAgentOptions extends CredentialOptions {
  readonly random: RandomSource;
  /** What the User-Agent and Server header fields say. */
  readonly userAgent: string;
  /**
   * The address under which a peer at `host` reaches us over `transport`: it goes into Via and
   * Contact. Must answer at once.
   */
  readonly localAddress: (transport: SipTransport, host: string) => HostPort;
  /**
   * Seconds after which a silent peer is taken for gone: our calls ask for a session timer of
   * that length (RFC 4028). Not below 90. None when left out; those of others are honoured.
   */
  readonly sessionExpires?: number | undefined;
  readonly timers?: TimerSettings | undefined;
  readonly limits?: UserAgentLimits | undefined;
}
