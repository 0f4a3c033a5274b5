/** What a registrar and proxy reports, and what it asks its driver to do. */

import type { PeerError } from "../../base/errors.ts";
import type { HostPort } from "../../base/wire_tap.ts";
import type { SipTransport } from "../message/message.ts";
import type { SipTask } from "../events.ts";

/** Something that happened at the server, for its log. Texts are as peers wrote them: escape them before anybody sees them. */
export type SipServerEvent =
  /** A REGISTER was accepted; `contacts` are what the user has now. */
  | {
    readonly type: "registered";
    readonly user: string;
    readonly contacts: readonly string[];
    readonly source: HostPort;
    readonly transport: SipTransport;
  }
  /** A contact went away by itself: its time was over, or the flow of it ended. */
  | {
    readonly type: "unregistered";
    readonly user: string;
    readonly contact: string;
    readonly reason: "expired" | "flow-ended";
  }
  /** A request was answered by the server itself with an error or a challenge. */
  | {
    readonly type: "refused";
    readonly method: string;
    readonly requestUri: string;
    readonly status: number;
    readonly reason: string;
    readonly source: HostPort;
  }
  /** A request was sent on, to that many places at once. */
  | {
    readonly type: "forwarded";
    readonly method: string;
    readonly requestUri: string;
    readonly callId: string;
    readonly targets: readonly string[];
    readonly source: HostPort;
  }
  /** A forwarded request got its final response. */
  | {
    readonly type: "answered";
    readonly method: string;
    readonly requestUri: string;
    readonly callId: string;
    readonly status: number;
  }
  /** Octets that were dropped, or answered with an error. */
  | { readonly type: "malformed"; readonly error: PeerError; readonly source: HostPort };

/** What the server asks its driver to do, in order. */
export type SipServerOutput = SipTask<SipServerEvent>;
