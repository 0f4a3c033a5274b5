/** Messages for the transaction machines, and their actions as text. */
import { parseSipMessage } from "../../lib/sip/mod.ts";
import type { SipRequest, SipResponse } from "../../lib/sip/mod.ts";
import { utf8 } from "../../lib/base/bytes.ts";
import { respondTo } from "../../lib/sip/user_agent/responses.ts";
import type { TransactionAction } from "../../lib/sip/transaction/machine.ts";
import type { Timers } from "../../lib/sip/transaction/timers.ts";

/** T1 = 1, so that a delay reads as a multiple of it. T2 = 8, T4 = 10. */
export const UNIT_TIMERS: Timers = { t1: 1, t2: 8, t4: 10, d: 64, trying: 0.4 };

/** A request as it stands on the wire. */
export function request(method: string): SipRequest {
  const message = parseSipMessage(
    utf8([
      `${method} sip:bob@192.0.2.2 SIP/2.0`,
      "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
      "Max-Forwards: 70",
      "Route: <sip:proxy.example.com;lr>",
      "From: <sip:alice@example.com>;tag=a",
      "To: <sip:bob@example.com>",
      "Call-ID: 1@example.com",
      `CSeq: 7 ${method}`,
      "Content-Length: 0",
      "\r\n",
    ].join("\r\n")),
    { transport: "udp" },
  );
  if (message.kind !== "request") throw new TypeError("not a request");
  return message;
}

/** A response to {@link request}, with a To tag. */
export function response(status: number, method: string): SipResponse {
  return respondTo(request(method), status, { toTag: "b" });
}

/** `send INVITE`, `send 180`, `user 200`, `timed-out`, … in order. */
export function describe(actions: readonly TransactionAction[]): string {
  return actions.map((action) => {
    switch (action.type) {
      case "send":
        return `send ${
          action.message.kind === "request" ? action.message.method : action.message.status
        }`;
      case "response":
        return `user ${action.response.status}`;
      case "ack":
        return "user ACK";
      default:
        return action.type;
    }
  }).join(", ");
}
