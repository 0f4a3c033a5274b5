/** One registrar and proxy core with the test as all of its peers, its network and its clock. */
import { DigestClient, parseChallenges, passwordSecret } from "../../lib/auth/mod.ts";
import { utf8 } from "../../lib/base/bytes.ts";
import {
  type Destination,
  type Flow,
  headerValue,
  headerValues,
  judgeSipMessage,
  parseSipUri,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  type SipTransport,
} from "../../lib/sip/mod.ts";
import type { SipServerEvent, SipServerOutput } from "../../lib/sip/server/events.ts";
import { SipServerCore, type SipServerCoreOptions } from "../../lib/sip/server/server_core.ts";
import { seededRandom } from "./seeded_random.ts";
import { sipText } from "./scripted_sip.ts";

/** Somebody who talks to the server. */
export interface ServerPeer {
  readonly name: string;
  readonly flow: Flow;
  /** What they write into Via and Contact. */
  readonly place: string;
  readonly transport: SipTransport;
}

/** A peer at `host`; over a stream, on connection `connection`. */
export function peer(
  name: string,
  host: string,
  transport: SipTransport = "udp",
  connection?: number,
): ServerPeer {
  const remote = { host, port: transport === "tls" ? 5061 : 5060 };
  const flow: Flow = connection === undefined
    ? { transport, remote }
    : { transport, remote, connection };
  return { name, flow, place: host, transport };
}

export const ALICE: ServerPeer = peer("alice", "192.0.2.1");
export const BOB: ServerPeer = peer("bob", "192.0.2.2");
export const CAROL: ServerPeer = peer("carol", "192.0.2.3");

/** What a request says, where it is not the usual. */
export interface ServerRequestParts {
  readonly uri?: string;
  readonly from?: string;
  readonly to?: string;
  readonly toTag?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly branch?: string;
  readonly maxForwards?: string | null;
  readonly contact?: string | null;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** Via header fields below the sender's own. */
  readonly vias?: readonly string[];
}

let count = 0;

/** A message that the server sent. */
export interface ServerSent<Message extends SipMessage = SipMessage> {
  readonly at: number;
  readonly message: Message;
  readonly to: Destination;
  readonly transaction: string | undefined;
}

/** One server of `example.com` at 192.0.2.100 and 2001:db8::100; alice, bob and carol have accounts. */
export class ScriptedServer {
  readonly core: SipServerCore;
  readonly sent: ServerSent[] = [];
  readonly events: SipServerEvent[] = [];
  readonly closed: number[] = [];
  readonly pongs: Destination[] = [];
  now = 0;

  /** @param options What differs. Nobody is asked for a password unless `isOpen` is `false`. */
  constructor(options: Partial<SipServerCoreOptions> = {}) {
    this.core = new SipServerCore({
      random: seededRandom(11),
      domains: ["example.com"],
      password: (user) =>
        ["alice", "bob", "carol"].includes(user) ? passwordSecret(`secret-${user}`) : undefined,
      isOpen: true,
      serverName: "lab/test",
      places: () => [
        { transport: "udp", local: { host: "192.0.2.100", port: 5060 } },
        { transport: "tcp", local: { host: "192.0.2.100", port: 5060 } },
        { transport: "tls", local: { host: "192.0.2.100", port: 5061 } },
        { transport: "udp", local: { host: "2001:db8::100", port: 5060 } },
      ],
      isOwnAddress: () => false,
      localAddress: ({ transport, host }) => ({
        host: host.includes(":") ? "2001:db8::100" : "192.0.2.100",
        port: transport === "tls" ? 5061 : 5060,
      }),
      ...options,
    });
  }

  /** The text of a request of `from`. */
  requestText(method: string, from: ServerPeer, parts: ServerRequestParts = {}): string {
    const { body = "", sequence = 1 } = parts;
    const host = from.place.includes(":") ? `[${from.place}]` : from.place;
    const contact = parts.contact === undefined ? `<sip:${from.name}@${host}>` : parts.contact;
    const maxForwards = parts.maxForwards === undefined ? "70" : parts.maxForwards;
    const branch = parts.branch ?? `z9hG4bKpeer${++count}`;
    return sipText([
      `${method} ${parts.uri ?? "sip:bob@example.com"} SIP/2.0`,
      `Via: SIP/2.0/${from.transport.toUpperCase()} ${host};branch=${branch};rport`,
      ...(parts.vias ?? []).map((it) => `Via: ${it}`),
      ...maxForwards === null ? [] : [`Max-Forwards: ${maxForwards}`],
      `From: ${parts.from ?? `<sip:${from.name}@example.com>`};tag=${from.name}-tag`,
      `To: ${parts.to ?? "<sip:bob@example.com>"}${
        parts.toTag === undefined ? "" : `;tag=${parts.toTag}`
      }`,
      `Call-ID: ${parts.callId ?? "call-1"}`,
      `CSeq: ${sequence} ${method}`,
      ...contact === null ? [] : [`Contact: ${contact}`],
      ...body === "" ? [] : ["Content-Type: application/sdp"],
      ...parts.headers ?? [],
    ], body);
  }

  /** `from` sends a request. */
  request(method: string, from: ServerPeer, parts: ServerRequestParts = {}): this {
    return this.receive(this.requestText(method, from, parts), from);
  }

  /** `from` sends octets. */
  receive(text: string | Uint8Array, from: ServerPeer): this {
    const bytes = typeof text === "string" ? utf8(text) : text;
    return this.take(this.core.receive(bytes, from.flow, this.now));
  }

  /** Somebody answers a request that the server sent. */
  answer(
    sent: ServerSent<SipRequest>,
    status: number,
    headers: readonly string[] = [],
    tag = "b1",
  ): this {
    const copied = ["Via", "From", "Call-ID", "CSeq", "Record-Route"].flatMap((name) =>
      headerValues(sent.message, name).map((value) => `${name}: ${value}`)
    );
    const to = headerValue(sent.message, "To") ?? "";
    const text = sipText([
      `SIP/2.0 ${status} Whatever`,
      ...copied,
      `To: ${to}${status === 100 || to.includes(";tag=") ? "" : `;tag=${tag}`}`,
      ...headers,
    ]);
    const { transport, host, port, connection } = sent.to;
    const flow: Flow = { transport, remote: { host, port }, connection };
    return this.take(this.core.receive(utf8(text), flow, this.now));
  }

  /** Notes what the core asks for. */
  take(outputs: readonly SipServerOutput[]): this {
    for (const output of outputs) {
      if (output.type === "event") this.events.push(output.event);
      else if (output.type === "close") this.closed.push(output.connection);
      else {
        const { data, to, transaction } = output;
        if (data.length === 2) {
          this.pongs.push(to);
          continue;
        }
        const judged = judgeSipMessage(data, { transport: "tcp" });
        const message = judged.verdict === "answer" ? judged.request : judged.message;
        if (message === undefined) throw new Error("the server sent what is no message");
        this.sent.push({ at: this.now, message, to, transaction });
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

  /** A contact is registered, with the defaults of `who`. */
  register(who: ServerPeer, contact?: string, headers: readonly string[] = []): SipResponse {
    const host = who.place.includes(":") ? `[${who.place}]` : who.place;
    this.request("REGISTER", who, {
      uri: "sip:example.com",
      to: `<sip:${who.name}@example.com>`,
      callId: `register-${++count}`,
      contact: contact ?? `<sip:${who.name}@${host}>`,
      headers,
    });
    return this.takeResponse();
  }

  /** What was sent since the last time, as `INVITE 192.0.2.2`, `200 192.0.2.1`, … */
  said(): string[] {
    return this.sent.splice(0).map(({ message, to }) =>
      `${message.kind === "request" ? message.method : message.status} ${to.host}`
    );
  }

  /** The only message that was sent since the last time, which is a response. */
  takeResponse(): SipResponse {
    const [only, ...others] = this.sent.splice(0);
    if (only?.message.kind !== "response" || others.length > 0) {
      throw new Error("expected one response");
    }
    return only.message;
  }

  /** The requests that were sent since the last time; responses among them are left out. */
  takeRequests(): ServerSent<SipRequest>[] {
    return this.sent.splice(0).flatMap((it) => {
      const { message } = it;
      return message.kind === "request" ? [{ ...it, message }] : [];
    });
  }

  /** The only request that was sent since the last time. */
  takeRequest(): ServerSent<SipRequest> {
    const [only, ...others] = this.takeRequests();
    if (only === undefined || others.length > 0) throw new Error("expected one request");
    return only;
  }

  /** The answer to the challenges of a response, for a request. */
  static credentials(
    challenged: SipResponse,
    method: string,
    uri: string,
    who: { readonly username: string; readonly password: string },
    index = 0,
  ): string {
    const isProxy = challenged.status === 407;
    const values = headerValues(challenged, isProxy ? "Proxy-Authenticate" : "WWW-Authenticate");
    const challenge = parseChallenges(values)[index];
    if (challenge === undefined) throw new Error("there is no such challenge");
    const client = new DigestClient(challenge, {
      credentials: { username: who.username, password: passwordSecret(who.password) },
      random: seededRandom(++count),
    });
    const { value } = client.authorize({ method, uri });
    return `${isProxy ? "Proxy-Authorization" : "Authorization"}: ${value}`;
  }

  /** A URI that is routed without a registration. */
  static route(user: string, uri: string): ReadonlyMap<string, ReturnType<typeof parseSipUri>> {
    return new Map([[user, parseSipUri(uri)]]);
  }
}
