/** The Via header fields of what passes: ours put on requests, taken off responses; loops seen (RFC 3261 §16.3 step 4, §16.6 step 8, §16.7 step 3). */

import {
  callIdOf,
  cSeqOf,
  fromOf,
  headerValues,
  toOf,
  topVia,
  viasOf,
} from "../message/header_fields.ts";
import type { HeaderField, SipMessage, SipRequest, SipResponse } from "../message/message.ts";
import { tagOf } from "../message/name_address.ts";
import type { Parameter } from "../message/parameters.ts";
import { branchOf, MAGIC_COOKIE, parseVias, type Via, writeVia } from "../message/via.ts";
import type { FlowTokens } from "./flow_token.ts";
import { type ServerIdentity, transportNamed } from "./server_identity.ts";
import type { Side } from "./record_route.ts";

/** The message with its nearest hop replaced; the others stay as they were written. */
export function withTopVia<Message extends SipMessage>(message: Message, via: Via): Message {
  return replaceTop(message, [{ name: "Via", value: writeVia(via) }]);
}

/** The request with our hop on top. */
export function pushVia(request: SipRequest, side: Side, branch: string): SipRequest {
  const { transport, local } = side;
  const parameters: Parameter[] = [{ name: "branch", value: branch }];
  // RFC 3581 §3: the next hop may be behind an address translator, or we.
  if (transport === "udp") parameters.push({ name: "rport" });
  const via: Via = { version: "2.0", transport: transport.toUpperCase(), ...local, parameters };
  return { ...request, headers: [{ name: "Via", value: writeVia(via) }, ...request.headers] };
}

/** The response without its nearest hop, or `undefined` when it was the last: it is for us alone. */
export function popVia(response: SipResponse): SipResponse | undefined {
  const popped = replaceTop(response, []);
  return popped.headers.some((it) => it.name === "Via") ? popped : undefined;
}

/** Replaces the first value of Via; a field may hold several. */
function replaceTop<Message extends SipMessage>(
  message: Message,
  fields: readonly HeaderField[],
): Message {
  const at = message.headers.findIndex((it) => it.name === "Via");
  const first = message.headers[at];
  if (first === undefined) return message;
  const rest = parseVias(first.value).slice(1).map(writeVia);
  const kept = rest.length === 0 ? [] : [{ name: "Via", value: rest.join(", ") }];
  const headers = [...message.headers];
  headers.splice(at, 1, ...fields, ...kept);
  return { ...message, headers };
}

/** Makes branches, and recognizes them when they come back. */
export class Branches {
  readonly #tokens: FlowTokens;

  /** @param tokens Whose keyed digest marks loops. */
  constructor(tokens: FlowTokens) {
    this.#tokens = tokens;
  }

  /**
   * A branch for a request on its way out: unique, and behind the dot what decided about
   * the request when it came.
   *
   * @param received The request before anything in it was changed.
   */
  make(received: SipRequest, unique: string): string {
    return `${MAGIC_COOKIE}${unique}.${this.#fingerprint(received)}`;
  }

  /**
   * A branch for a request that is forwarded without a transaction: the same for its repetitions
   * (§16.11).
   */
  makeStateless(received: SipRequest): string {
    const via = topVia(received);
    const unique = branchOf(via) ?? writeVia(via);
    const sequence = cSeqOf(received).number;
    return this.make(received, this.#tokens.digest(unique, callIdOf(received), String(sequence)));
  }

  /** Whether the request was here before, and nothing that decides about it has changed since. */
  isLoop(received: SipRequest, identity: ServerIdentity): boolean {
    const mark = `.${this.#fingerprint(received)}`;
    return viasOf(received).some((via) =>
      (branchOf(via)?.endsWith(mark) ?? false) &&
      identity.isHere(via.host, via.port, transportNamed(via.transport))
    );
  }

  /**
   * Everything that decides where a request goes, but not its method, nor its Via: they
   * change with every turn of a loop (§16.6 step 8; RFC 5393 §4.2.1).
   */
  #fingerprint(request: SipRequest): string {
    const { number } = cSeqOf(request);
    return this.#tokens.digest(
      request.requestUri,
      tagOf(fromOf(request)) ?? "",
      tagOf(toOf(request)) ?? "",
      callIdOf(request),
      String(number),
      ...headerValues(request, "Route"),
      ...headerValues(request, "Proxy-Require"),
      ...headerValues(request, "Proxy-Authorization"),
    );
  }
}
