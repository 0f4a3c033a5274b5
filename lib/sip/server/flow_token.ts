/**
 * What the server writes into the user part of its Record-Route: the two flows of a dialog, and
 * a proof that it wrote them (RFC 3261 §16.6 step 4, RFC 5626 §5.2). With it a request inside a
 * dialog needs no state here to find its way, and nobody else's request gets through.
 */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ascii } from "../../base/ascii.ts";
import { decodeUtf8, fromHex, toHex, utf8 } from "../../base/bytes.ts";
import { constantTimeEqual } from "../../base/constant_time.ts";
import type { RandomSource } from "../../base/output.ts";
import type { SipTransport } from "../message/message.ts";
import type { Flow } from "../user_agent/destination.ts";

/** The flows of a dialog, as far as its ends are directly before us. */
export interface DialogFlows {
  /** Towards the one who began it. */
  readonly caller: Flow | undefined;
  /** Towards the one who was called. */
  readonly callee: Flow | undefined;
}

/** Writes and checks tokens. */
export class FlowTokens {
  readonly #key: Uint8Array;

  /** @param random Draws the key: tokens of another run are worth nothing. */
  constructor(random: RandomSource) {
    this.#key = random(32);
  }

  /** A token for the dialog with this Call-ID. It can stand as the user part of a URI. */
  write(flows: DialogFlows, callId: string): string {
    const text = `${writeFlow(flows.caller)}|${writeFlow(flows.callee)}`;
    return `${toHex(utf8(text))}.${this.#mac(text, callId)}`;
  }

  /** The flows of a token that we wrote for this Call-ID, or `undefined` for any other text. */
  read(token: string | undefined, callId: string): DialogFlows | undefined {
    const [, digits, mac = ""] = TOKEN.exec(token ?? "") ?? [];
    if (digits === undefined) return undefined;
    const text = decodeUtf8(fromHex(digits));
    if (text === undefined) return undefined;
    if (!constantTimeEqual(ascii(this.#mac(text, callId)), ascii(mac))) return undefined;
    const [caller = "", callee = ""] = text.split("|");
    return { caller: readFlow(caller), callee: readFlow(callee) };
  }

  /** A short keyed digest for other purposes: the same parts give the same text. */
  digest(...parts: readonly string[]): string {
    return toHex(hmac(sha256, this.#key, utf8(parts.join("\n"))).subarray(0, 8));
  }

  #mac(text: string, callId: string): string {
    return toHex(hmac(sha256, this.#key, utf8(`${text}\n${callId}`)).subarray(0, 16));
  }
}

/** Far longer than any that we write: two flows with IPv6 addresses. */
const TOKEN = /^((?:[0-9a-f]{2}){1,256})\.([0-9a-f]{32})$/;

/** Whether both are the same way to the same peer. */
export function isSameFlow(a: Flow, b: Flow): boolean {
  if (a.transport !== b.transport || a.connection !== b.connection) return false;
  return a.transport !== "udp" ||
    (a.remote.host === b.remote.host && a.remote.port === b.remote.port);
}

function writeFlow(flow: Flow | undefined): string {
  if (flow === undefined) return "";
  const { transport, remote, connection } = flow;
  return [transport, connection ?? "", remote.port, remote.host].join(" ");
}

function readFlow(text: string): Flow | undefined {
  const [, transport, connection = "", port, host] = FLOW.exec(text) ?? [];
  if (host === undefined) return undefined;
  const remote = { host, port: Number(port) };
  const named = transport as SipTransport; // The expression lets no other through.
  return connection === ""
    ? { transport: named, remote }
    : { transport: named, remote, connection: Number(connection) };
}

const FLOW = /^(udp|tcp|tls) (\d*) (\d+) (\S+)$/;
