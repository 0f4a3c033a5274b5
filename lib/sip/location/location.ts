/** The words of locating: what is asked of DNS, what it answered, what was decided (RFC 3263). */

import type { SottoError } from "../../base/errors.ts";
import type { RandomSource } from "../../base/output.ts";
import type { SipTransport } from "../message/message.ts";
import type { Destination } from "../user_agent/destination.ts";
import type { NaptrRule } from "./naptr_choice.ts";
import type { SrvServer } from "./srv_order.ts";

/** A question for DNS. `address` means A and AAAA. */
export interface LookUp {
  readonly type: "NAPTR" | "SRV" | "address";
  readonly name: string;
}

/** What DNS answered: the records of the type that was asked for, or why there is no answer. */
export interface LookUpAnswer {
  readonly naptr?: readonly NaptrRule[] | undefined;
  readonly srv?: readonly SrvServer[] | undefined;
  /** In the order in which they are tried. */
  readonly addresses?: readonly string[] | undefined;
  readonly error?: SottoError | undefined;
}

/** One step of the way from a URI to its servers, for people. */
export interface LocationStep {
  /** The section that asks for it: `RFC 3263 §4.1`. */
  readonly clause: string;
  /** What was looked up, if anything. */
  readonly question?: LookUp | undefined;
  /** What came, one line a record; the error if there was one. */
  readonly found?: readonly string[] | undefined;
  /** What follows from it. */
  readonly decision: string;
}

/** Where a message can be sent. */
export interface Location {
  /** In the order in which they are tried. Empty exactly when there is an {@link error}. */
  readonly destinations: readonly Destination[];
  readonly steps: readonly LocationStep[];
  readonly error?: SottoError | undefined;
}

/**
 * A way to a {@link Location} that stops for every look-up: it yields questions, all of which
 * may be asked at once, and wants their answers in the same order.
 */
export type Locating = Generator<readonly LookUp[], Location, readonly LookUpAnswer[]>;

/** What we can and want to do. */
export interface LocationPolicy {
  /** Spreads the load over servers of the same priority. */
  readonly random: RandomSource;
  /** Transports that we have, the one we like best first. Default TLS, TCP, UDP. */
  readonly transports?: readonly SipTransport[] | undefined;
  /** What the user asked for, over what the URI says. `sips` stays TLS. */
  readonly transport?: SipTransport | undefined;
  readonly limits?: LocationLimits | undefined;
}

/** Bounds on what strangers' records can make us do. */
export interface LocationLimits {
  /** Records of one answer that are looked at. Default 64. */
  readonly records?: number;
  /** Services of one domain that are asked for servers, one after the other. Default 4. */
  readonly services?: number;
  /** Servers of one service whose addresses are looked up. Default 16. */
  readonly servers?: number;
  /** Addresses of one name. Default 8. */
  readonly addresses?: number;
  /** Destinations altogether. Default 32. */
  readonly destinations?: number;
}
