/** A SIP phone made of text: it knows one dialog, no timers, and nothing of `lib/sip`. */
import { bindUdp, type DatagramSocket, type HostPort } from "../../lib/transport/mod.ts";
import { Growing } from "./session_watchdog.ts";

/** A message as it came, not judged. */
export interface SipText {
  /** `INVITE`, or the status of a response. */
  readonly what: string;
  readonly start: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly from: HostPort;
}

/** What a message of the phone says beside the usual. */
export interface SipParts {
  readonly body?: string;
  /** Parameters of its Contact: `;isfocus`. */
  readonly contactParameters?: string;
  readonly headers?: readonly string[];
  readonly contentType?: string;
}

interface Dialog {
  readonly callId: string;
  /** Header values with their tags, as this side writes them in requests. */
  readonly from: string;
  readonly to: string;
  readonly target: string;
  readonly at: HostPort;
  /** Values of Route, nearest first (RFC 3261 §12.1). */
  readonly routes?: readonly string[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
let lastBranch = 0;

/** A phone on a UDP port of the loopback interface. */
export class SipPhone implements AsyncDisposable {
  readonly user: string;
  /** Everything that came, in order; ACKs included. */
  readonly received: Growing<SipText>;
  /** Whether a BYE, a CANCEL and what else is not waited for gets its 200 by itself. */
  answersByes = true;
  readonly #socket: DatagramSocket;
  readonly #reading: Promise<void>;
  #dialog: Dialog | undefined;
  #sequence = 0;

  private constructor(user: string, socket: DatagramSocket) {
    this.user = user;
    this.#socket = socket;
    this.received = new Growing(`a SIP message to ${user}`, (it) => it.start);
    this.#reading = this.#read();
  }

  /** Opens the port. */
  static async open(user: string): Promise<SipPhone> {
    return new SipPhone(user, await bindUdp({ host: "127.0.0.1", port: 0 }));
  }

  /** Where it can be called. */
  get uri(): string {
    return `sip:${this.user}@127.0.0.1:${this.#socket.local.port}`;
  }

  /** Requests and responses that came so far: `INVITE`, `200`, … */
  get heard(): string[] {
    return this.received.all.map((it) => it.what);
  }

  /** The first message of a kind, counted from `skip` of the same kind on. */
  async next(what: string, skip = 0): Promise<SipText> {
    let left = skip;
    const seen = new Set<SipText>();
    return await this.received.first((it) => {
      if (it.what !== what || seen.has(it)) return false;
      seen.add(it);
      if (left === 0) return true;
      left -= 1;
      return false;
    }).catch((error) => {
      throw new Error(`${what} (number ${skip + 1}): ${error.message}`);
    });
  }

  /** Answers a request. A 2xx to an INVITE makes the dialog. */
  async respond(request: SipText, status: string, parts: SipParts = {}): Promise<void> {
    const to = headerOf(request, "To");
    const tagged = to.includes(";tag=") || status.startsWith("100") ? to : `${to};tag=plain-1`;
    if (request.what === "INVITE" && status.startsWith("2")) {
      this.#dialog ??= {
        callId: headerOf(request, "Call-ID"),
        from: tagged,
        to: headerOf(request, "From"),
        target: uriOf(headerOf(request, "Contact")),
        at: request.from,
        routes: recordRoutes(request),
      };
    }
    const lines = [
      `SIP/2.0 ${status}`,
      ...request.headers.filter(([name]) => /^via$/i.test(name)).map(([, it]) => `Via: ${it}`),
      ...recordRoutes(request).map((it) => `Record-Route: ${it}`),
      `From: ${headerOf(request, "From")}`,
      `To: ${tagged}`,
      `Call-ID: ${headerOf(request, "Call-ID")}`,
      `CSeq: ${headerOf(request, "CSeq")}`,
    ];
    await this.#send(lines, parts, request.from);
  }

  /** Places a call; the answer has to be waited for and acknowledged. */
  async invite(target: string, parts: SipParts = {}): Promise<void> {
    const [, host = "", port = ""] = /@([^:;>]+):(\d+)/.exec(target) ?? [];
    this.#dialog = {
      callId: `plain-${crypto.randomUUID()}`,
      from: `<sip:${this.user}@example.net>;tag=plain-1`,
      to: `<${target}>`,
      target,
      at: { host, port: Number(port) },
    };
    await this.request("INVITE", parts);
  }

  /** Acknowledges a response to our INVITE, and learns the other side's tag. */
  async acknowledge(response: SipText, parts: SipParts = {}): Promise<void> {
    const dialog = this.#known();
    const contact = response.headers.find(([name]) => /^contact$/i.test(name))?.[1];
    this.#dialog = {
      ...dialog,
      to: headerOf(response, "To"),
      target: contact === undefined ? dialog.target : uriOf(contact),
      routes: dialog.routes ?? recordRoutes(response).toReversed(),
    };
    await this.#request("ACK", parts, Number(headerOf(response, "CSeq").split(" ")[0]));
  }

  /** A request of the call. */
  async request(method: string, parts: SipParts = {}): Promise<void> {
    this.#sequence += 1;
    await this.#request(method, parts, this.#sequence);
  }

  /** Takes back the INVITE that was sent last. */
  async cancel(): Promise<void> {
    await this.#request("CANCEL", {}, this.#sequence, `z9hG4bK-plain-${lastBranch}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket.close();
    await this.#reading;
  }

  #known(): Dialog {
    if (this.#dialog === undefined) throw new Error("there is no call");
    return this.#dialog;
  }

  async #request(
    method: string,
    parts: SipParts,
    sequence: number,
    branch = `z9hG4bK-plain-${++lastBranch}`,
  ): Promise<void> {
    const { callId, from, to, target, at, routes = [] } = this.#known();
    const { port } = this.#socket.local;
    const lines = [
      `${method} ${target} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=${branch}`,
      "Max-Forwards: 70",
      ...routes.map((it) => `Route: ${it}`),
      `From: ${from}`,
      `To: ${to}`,
      `Call-ID: ${callId}`,
      `CSeq: ${sequence} ${method}`,
    ];
    await this.#send(lines, parts, at);
  }

  async #send(lines: readonly string[], parts: SipParts, to: HostPort): Promise<void> {
    const { body = "", contactParameters = "", headers = [] } = parts;
    const { contentType = "application/sdp" } = parts;
    const text = [
      ...lines,
      `Contact: <${this.uri}>${contactParameters}`,
      ...headers,
      ...body === "" ? [] : [`Content-Type: ${contentType}`],
      `Content-Length: ${encoder.encode(body).length}`,
      "",
      body,
    ].join("\r\n");
    await this.#socket.send(encoder.encode(text), to);
  }

  async #read(): Promise<void> {
    for await (const { data, from } of this.#socket) {
      const message = readSip(decoder.decode(data), from);
      if (message === undefined) continue;
      this.received.push(message);
      if (this.answersByes && (message.what === "BYE" || message.what === "CANCEL")) {
        await this.respond(message, "200 OK");
      }
    }
  }
}

/** A header field's value; the first one. */
export function headerOf(message: SipText, name: string): string {
  const found = message.headers.find(([it]) => it.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw new Error(`${message.start} has no ${name}`);
  return found[1];
}

function recordRoutes(message: SipText): string[] {
  return message.headers.filter(([name]) => /^record-route$/i.test(name))
    .flatMap(([, value]) => value.split(",").map((it) => it.trim()));
}

function readSip(text: string, from: HostPort): SipText | undefined {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [start = "", ...lines] = head.split("\r\n");
  if (start === "") return undefined;
  const [first = "", second = ""] = start.split(" ");
  return {
    what: first === "SIP/2.0" ? second : first,
    start,
    headers: lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const;
    }),
    body: rest.join("\r\n\r\n"),
    from,
  };
}

function uriOf(contact: string): string {
  return /<([^>]+)>/.exec(contact)?.[1] ?? contact.split(";")[0] ?? contact;
}
