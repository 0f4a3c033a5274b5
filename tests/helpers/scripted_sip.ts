/** One user agent core with the test as its peer, its network and its clock. */
import { utf8 } from "../../lib/base/bytes.ts";
import {
  type CallEvent,
  type Destination,
  type Flow,
  headerValue,
  type IncomingCallEvent,
  type InviteOptions,
  judgeSipMessage,
  parseNameAddress,
  parseSipUri,
  type SipMessage,
  type SipOutput,
  type SipRequest,
  type SipResponse,
  type SipTransport,
  UserAgentCore,
  type UserAgentEvent,
  type UserAgentOptions,
} from "../../lib/sip/mod.ts";
import { seededRandom } from "./seeded_random.ts";

/** Lines of a message, with its Content-Length; `body` after the empty line. */
export function sipText(lines: readonly string[], body = ""): string {
  return [...lines, `Content-Length: ${utf8(body).length}`, "", body].join("\r\n");
}

/** A session description that nobody reads. */
export const SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\n";
/** Another one. */
export const OTHER_SDP: string = SDP.replace("o=- 1", "o=- 2");

/** What a request of the scripted peer says, where it is not the usual. */
export interface RequestParts {
  readonly uri?: string;
  readonly branch?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly fromTag?: string;
  readonly toTag?: string | undefined;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly contact?: string | undefined;
  readonly via?: string;
}

let branches = 0;

/** A request of the scripted peer, who is `alice` at 192.0.2.1. */
export function requestText(method: string, parts: RequestParts = {}): string {
  const { body = "", sequence = 1 } = parts;
  const contact = "contact" in parts ? parts.contact : "<sip:alice@192.0.2.1>";
  return sipText([
    `${method} ${parts.uri ?? "sip:bob@192.0.2.2"} SIP/2.0`,
    `Via: ${
      parts.via ?? `SIP/2.0/UDP 192.0.2.1;branch=${parts.branch ?? `z9hG4bKp${++branches}`};rport`
    }`,
    "Max-Forwards: 70",
    `From: <sip:alice@example.com>;tag=${parts.fromTag ?? "a1"}`,
    `To: <sip:bob@example.com>${parts.toTag === undefined ? "" : `;tag=${parts.toTag}`}`,
    `Call-ID: ${parts.callId ?? "call-1"}`,
    `CSeq: ${sequence} ${method}`,
    ...contact === undefined ? [] : [`Contact: ${contact}`],
    ...body === "" ? [] : ["Content-Type: application/sdp"],
    ...parts.headers ?? [],
  ], body);
}

/** What a response of the scripted peer says beside what it copies. */
export interface ResponseParts {
  readonly toTag?: string | undefined;
  readonly reason?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly contact?: string | undefined;
}

/** A response of the scripted peer to a request of the core. */
export function responseText(
  request: SipRequest,
  status: number,
  parts: ResponseParts = {},
): string {
  const copied = ["Via", "From", "Call-ID", "CSeq", "Record-Route"].flatMap((name) =>
    request.headers.filter((it) => it.name === name).map((it) => `${it.name}: ${it.value}`)
  );
  const to = headerValue(request, "To") ?? "";
  const toTag = "toTag" in parts ? parts.toTag : "b1";
  const contact = "contact" in parts ? parts.contact : "<sip:bob@192.0.2.1>";
  return sipText([
    `SIP/2.0 ${status} ${parts.reason ?? "Whatever"}`,
    ...copied,
    `To: ${to}${toTag === undefined || to.includes(";tag=") ? "" : `;tag=${toTag}`}`,
    ...contact === undefined ? [] : [`Contact: ${contact}`],
    ...(parts.body ?? "") === "" ? [] : ["Content-Type: application/sdp"],
    ...parts.headers ?? [],
  ], parts.body);
}

/** A message that the core sent, and where to. */
export interface Sent<Message extends SipMessage = SipMessage> {
  readonly at: number;
  readonly message: Message;
  readonly data: Uint8Array;
  readonly to: Destination;
  readonly transaction: string | undefined;
}

/** One core, alone with the test. */
export class ScriptedSip {
  readonly core: UserAgentCore;
  readonly sent: Sent[] = [];
  readonly events: UserAgentEvent[] = [];
  readonly closed: number[] = [];
  now = 0;

  /** @param options What differs from the usual core at 192.0.2.2. */
  constructor(options: Partial<UserAgentOptions> = {}) {
    this.core = new UserAgentCore({
      random: seededRandom(7),
      userAgent: "sotto/test",
      localAddress: (transport: SipTransport) => ({
        host: "192.0.2.2",
        port: transport === "tls" ? 5061 : 5060,
      }),
      ...options,
    });
  }

  /** How messages of the scripted peer come. */
  static readonly udp: Flow = { transport: "udp", remote: { host: "192.0.2.1", port: 5060 } };
  static readonly tcp: Flow = {
    transport: "tcp",
    remote: { host: "192.0.2.1", port: 40_000 },
    connection: 1,
  };

  /** The core gets a message. */
  receive(text: string | Uint8Array, flow: Flow = ScriptedSip.udp): this {
    const bytes = typeof text === "string" ? utf8(text) : text;
    return this.take(this.core.receive(bytes, flow, this.now));
  }

  /** Notes what the core asks for. */
  take(outputs: readonly SipOutput[]): this {
    for (const output of outputs) {
      if (output.type === "event") this.events.push(output.event);
      else if (output.type === "close") this.closed.push(output.connection);
      else {
        const { data, to, transaction } = output;
        const judged = judgeSipMessage(data, { transport: "tcp" });
        const message = judged.verdict === "answer" ? judged.request : judged.message;
        if (message === undefined) continue; // A keep-alive.
        this.sent.push({ at: this.now, message, data, to, transaction });
      }
    }
    return this;
  }

  /** Time passes; timers fire when they are due. */
  advance(milliseconds: number): this {
    const end = this.now + milliseconds;
    for (;;) {
      const { deadline } = this.core;
      if (deadline === undefined || deadline > end) break;
      this.now = Math.max(this.now, deadline);
      this.take(this.core.handleTimeout(this.now));
    }
    this.now = end;
    return this;
  }

  /** Places a call to `sip:bob@192.0.2.1`, or what `options` say. */
  invite(options: Partial<InviteOptions> = {}): number {
    const placed = this.core.invite({
      target: parseSipUri("sip:bob@192.0.2.1"),
      from: parseNameAddress('"Alice" <sip:alice@example.com>'),
      offer: utf8(SDP),
      ...options,
    }, this.now);
    this.take(placed.outputs);
    return placed.call;
  }

  /** What was sent since the last time, as `INVITE`, `200`, … */
  said(): string[] {
    return this.sent.splice(0).map(({ message }) =>
      message.kind === "request" ? message.method : String(message.status)
    );
  }

  /** The last message that was sent, as a request. */
  lastRequest(method?: string): Sent<SipRequest> {
    const found = this.sent.findLast(({ message }) =>
      message.kind === "request" && (method === undefined || message.method === method)
    );
    if (found?.message.kind !== "request") throw new Error(`no ${method ?? "request"} was sent`);
    return { ...found, message: found.message };
  }

  /** The last message that was sent, as a response. */
  lastResponse(): Sent<SipResponse> {
    const found = this.sent.at(-1);
    if (found?.message.kind !== "response") throw new Error("the last message is no response");
    return { ...found, message: found.message };
  }

  /** The events of calls since the last time. */
  heard(): CallEvent[] {
    return this.events.splice(0).flatMap((it) => it.type === "call" ? [it.event] : []);
  }

  /** The last call that came in. */
  incoming(): IncomingCallEvent {
    const found = this.events.findLast((it) => it.type === "incoming-call");
    if (found?.type !== "incoming-call") throw new Error("no call came in");
    return found;
  }

  /**
   * A call that came in, was answered and acknowledged.
   *
   * @returns The core's number, and the tag it chose.
   */
  established(parts: RequestParts = {}): { readonly call: number; readonly tag: string } {
    this.receive(requestText("INVITE", { body: SDP, ...parts }));
    const { call, localTag } = this.incoming();
    this.take(this.core.answer(call, utf8(OTHER_SDP), {}, this.now));
    this.receive(requestText("ACK", { ...parts, body: "", toTag: localTag }));
    this.sent.length = 0;
    this.events.length = 0;
    return { call, tag: localTag };
  }

  /** A call that we placed, and that was answered. */
  placed(options: Partial<InviteOptions> = {}, parts: ResponseParts = {}): number {
    const call = this.invite(options);
    const { message } = this.lastRequest("INVITE");
    this.receive(responseText(message, 200, { body: OTHER_SDP, ...parts }));
    this.sent.length = 0;
    this.events.length = 0;
    return call;
  }
}
