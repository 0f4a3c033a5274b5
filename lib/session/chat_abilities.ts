/** What a chat of ours takes, and how a refusal reads in SIP (RFC 4975 §8.6, RFC 3261 §20.43). */
import type { MsrpAbilities, MsrpRefusal } from "../sdp/mod.ts";

/** Media types of ours at the top level. */
export const ACCEPT_TYPES: readonly string[] = [
  "message/cpim",
  "text/*",
  "application/im-iscomposing+xml",
];
/** The same inside CPIM. */
export const ACCEPT_WRAPPED_TYPES: readonly string[] = [
  "text/*",
  "application/im-iscomposing+xml",
  "message/imdn+xml",
];
/** RFC 7701 §5.2: nothing else comes and goes at the top level of a switch. */
export const SWITCH_TYPES: readonly string[] = ["message/cpim"];

export const ABILITIES: MsrpAbilities = {
  transports: ["TCP/TLS/MSRP", "TCP/MSRP"],
  sendTypes: ["message/cpim", "text/plain"],
};

/** A refusal with what SIP says of it. */
export interface OfferRefusal {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly text: string;
}

/** 488 with a Warning from `host`. */
export function describeRefusal(
  { warningCode, warningText }: MsrpRefusal,
  host = "sotto",
): OfferRefusal {
  return {
    status: 488,
    reason: "Not Acceptable Here",
    headers: [{ name: "Warning", value: `${warningCode} ${host} "${warningText}"` }],
    text: warningText,
  };
}
