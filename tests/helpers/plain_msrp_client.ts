/**
 * A chat client that knows MSRP as RFC 4975 writes it, and no OTR. Its SIP, its SDP and its
 * frames are written by hand here, so that nothing of ours is tested against itself.
 */
import { type SipParts, SipPhone, type SipText } from "./session_phone.ts";
import { Growing, inTime } from "./session_watchdog.ts";

/** A frame as it came. */
export interface PlainFrame {
  readonly transactionId: string;
  /** `SEND`, `REPORT`, or the status line behind the transaction: `200 OK`. */
  readonly what: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded as UTF-8; absent when the frame has none. */
  readonly body: string | undefined;
  readonly flag: string;
  /** The content, out of the CPIM that it may be in. */
  readonly content: string | undefined;
  readonly contentType: string | undefined;
}

/** How the client differs from one that takes everything and answers everything. */
export interface PlainOptions {
  readonly acceptTypes?: string;
  /** Left out of the description when `null`. */
  readonly acceptWrappedTypes?: string | null;
  /** `active` connects to the other side; `null` says nothing and waits. */
  readonly setup?: "active" | "passive" | null;
  readonly isFocus?: boolean;
  /** Status line for a SEND, `undefined` for none. Default: `200 OK`, where one is wanted. */
  readonly answer?: (frame: PlainFrame) => string | undefined;
  /** Whether success reports are sent where they are asked for. Default `true`. */
  readonly reports?: boolean;
  /** Last change to its session description. */
  readonly describe?: (sdp: string) => string;
}

/** What a SEND of the client says beside the usual. */
export interface SendParts {
  readonly contentType?: string;
  readonly headers?: readonly string[];
  readonly messageId?: string;
  /** Replaces the computed `1-n/n`. */
  readonly byteRange?: string;
  readonly flag?: string;
  /** Puts the content into CPIM. */
  readonly cpim?: boolean;
}

const SESSION_ID = "plain7c0ffee";
const encoder = new TextEncoder();

/** The client. One call in its life. */
export class PlainMsrpClient implements AsyncDisposable {
  readonly phone: SipPhone;
  /** Every frame that came, responses included. */
  readonly frames: Growing<PlainFrame> = new Growing(
    "an MSRP frame",
    (it) => `${it.what} ${it.content ?? ""}`,
  );
  /** Resolves when the other side has closed the connection. */
  readonly disconnected: PromiseWithResolvers<void> = Promise.withResolvers<void>();
  readonly #options: PlainOptions;
  readonly #listener: Deno.TcpListener;
  #connection: Deno.TcpConn | undefined;
  #reading: Promise<void> = Promise.resolve();
  #accepting: Promise<void> = Promise.resolve();
  #theirPath = "";
  #sequence = 0;
  #isClosed = false;

  private constructor(phone: SipPhone, options: PlainOptions) {
    this.phone = phone;
    this.#options = options;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  }

  /** Opens both its ports. */
  static async open(options: PlainOptions = {}): Promise<PlainMsrpClient> {
    return new PlainMsrpClient(await SipPhone.open("plain"), options);
  }

  /** The contents of all SENDs that had one, in order. */
  get sends(): PlainFrame[] {
    return this.frames.all.filter((it) => it.what === "SEND" && it.body !== undefined);
  }

  /** Its session description. */
  get sdp(): string {
    const { setup = "passive", describe = (sdp) => sdp } = this.#options;
    const { acceptTypes = "message/cpim text/plain text/html application/im-iscomposing+xml" } =
      this.#options;
    const { acceptWrappedTypes = "*" } = this.#options;
    const { port } = this.#listener.addr;
    return describe([
      "v=0",
      "o=- 3 3 IN IP4 127.0.0.1",
      "s=-",
      "c=IN IP4 127.0.0.1",
      "t=0 0",
      `m=message ${port} TCP/MSRP *`,
      `a=accept-types:${acceptTypes}`,
      ...acceptWrappedTypes === null ? [] : [`a=accept-wrapped-types:${acceptWrappedTypes}`],
      `a=path:${this.#ownPath}`,
      ...setup === null ? [] : [`a=setup:${setup}`],
      "",
    ].join("\r\n"));
  }

  /** Waits for the call, answers it and has MSRP. */
  async answerCall(parts: SipParts = {}): Promise<SipText> {
    const invite = await this.phone.next("INVITE");
    this.#learn(invite.body);
    const isActive = this.#options.setup === "active";
    if (!isActive) this.#acceptOne();
    await this.phone.respond(invite, "200 OK", { body: this.sdp, ...this.#focus, ...parts });
    if (isActive) await this.#connect();
    return invite;
  }

  /** Calls `target`, and has MSRP once the call is answered. */
  async call(target: string, parts: SipParts = {}): Promise<SipText> {
    await this.phone.invite(target, { body: this.sdp, ...this.#focus, ...parts });
    const answer = await this.phone.next("200");
    this.#learn(answer.body);
    const isActive = (this.#options.setup ?? "passive") === "active";
    if (!isActive) this.#acceptOne();
    await this.phone.acknowledge(answer);
    if (isActive) await this.#connect();
    return answer;
  }

  /** Takes the connection of whoever sent the description in `message`. */
  expectConnection(message: SipText): void {
    this.#learn(message.body);
    this.#acceptOne();
  }

  /** Connects to whoever sent the description in `message`, late. */
  async connectTo(message: SipText): Promise<void> {
    this.#learn(message.body);
    await this.#connect();
  }

  /** The first SEND whose content passes; waits for it. */
  async heard(isWanted: string | ((content: string) => boolean)): Promise<PlainFrame> {
    return await this.frames.first(({ what, content }) =>
      what === "SEND" && content !== undefined &&
      (typeof isWanted === "string" ? content === isWanted : isWanted(content))
    );
  }

  /** The first frame of a kind: `REPORT`, `200`, `415`. */
  async frame(what: string, from = 0): Promise<PlainFrame> {
    return await this.frames.first((it) => it.what.split(" ")[0] === what, from);
  }

  /** Says something in one SEND. Returns the transaction. */
  async say(content: string, parts: SendParts = {}): Promise<string> {
    const { contentType = "text/plain", messageId = this.#newId("m"), flag = "$" } = parts;
    const body = parts.cpim === true ? inCpim(content, contentType) : content;
    const { length } = encoder.encode(body);
    const transactionId = this.#newId("t");
    await this.write([
      `MSRP ${transactionId} SEND`,
      `To-Path: ${this.#theirPath}`,
      `From-Path: ${this.#ownPath}`,
      `Message-ID: ${messageId}`,
      `Byte-Range: ${parts.byteRange ?? `1-${length}/${length}`}`,
      ...parts.headers ?? [],
      `Content-Type: ${parts.cpim === true ? "message/cpim" : contentType}`,
      "",
      body,
      `-------${transactionId}${flag}`,
      "",
    ].join("\r\n"));
    return transactionId;
  }

  /** A SEND without a body: the bind, and some people's keep-alive. */
  async sayNothing(headers: readonly string[] = []): Promise<string> {
    const transactionId = this.#newId("t");
    await this.write([
      `MSRP ${transactionId} SEND`,
      `To-Path: ${this.#theirPath}`,
      `From-Path: ${this.#ownPath}`,
      `Message-ID: ${this.#newId("m")}`,
      "Byte-Range: 1-0/0",
      ...headers,
      `-------${transactionId}$`,
      "",
    ].join("\r\n"));
    return transactionId;
  }

  /** The frame of any other method. */
  async demand(method: string, headers: readonly string[] = []): Promise<string> {
    const transactionId = this.#newId("t");
    await this.write([
      `MSRP ${transactionId} ${method}`,
      `To-Path: ${this.#theirPath}`,
      `From-Path: ${this.#ownPath}`,
      ...headers,
      `-------${transactionId}$`,
      "",
    ].join("\r\n"));
    return transactionId;
  }

  /** From now on its requests go to another path: what a middlebox does. */
  rewritePath(change: (path: string) => string): void {
    this.#theirPath = change(this.#theirPath);
  }

  /** Octets as they are. */
  async write(text: string): Promise<void> {
    const connection = await this.#connected();
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  }

  /** Cuts the connection. */
  disconnect(): void {
    try {
      this.#connection?.close();
    } catch {
      // The other side was faster.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    try {
      this.#listener.close();
    } catch {
      // Closed in the test already.
    }
    await this.#accepting;
    this.disconnect();
    await this.#reading;
    await this.phone[Symbol.asyncDispose]();
  }

  get #ownPath(): string {
    return `msrp://127.0.0.1:${this.#listener.addr.port}/${SESSION_ID};tcp`;
  }

  get #focus(): SipParts {
    return this.#options.isFocus === true ? { contactParameters: ";isfocus" } : {};
  }

  #learn(sdp: string): void {
    this.#theirPath = /^a=path:(.+?)\r?$/m.exec(sdp)?.[1] ?? "";
  }

  #acceptOne(): void {
    this.#accepting = this.#listener.accept().then(
      (connection) => this.#begin(connection),
      (error) => {
        if (!this.#isClosed) throw error;
      },
    );
  }

  async #connect(): Promise<void> {
    const [, hostname = "", port = ""] = /msrp:\/\/([^:/]+):(\d+)/.exec(this.#theirPath) ?? [];
    this.#begin(await Deno.connect({ hostname, port: Number(port) }));
    await this.sayNothing();
  }

  #begin(connection: Deno.TcpConn): void {
    this.#connection = connection;
    this.#reading = this.#read(connection);
  }

  async #connected(): Promise<Deno.TcpConn> {
    await inTime(this.#accepting, () => "an MSRP connection");
    if (this.#connection === undefined) throw new Error("there is no MSRP connection");
    return this.#connection;
  }

  async #read(connection: Deno.TcpConn): Promise<void> {
    let waiting = new Uint8Array();
    const piece = new Uint8Array(65_536);
    for (;;) {
      const count = await connection.read(piece).catch(() => null);
      if (count === null) break;
      const joined = new Uint8Array(waiting.length + count);
      joined.set(waiting);
      joined.set(piece.subarray(0, count), waiting.length);
      waiting = joined;
      for (;;) {
        const found = takeFrame(waiting);
        if (found === undefined) break;
        waiting = waiting.slice(found.length);
        await this.#onFrame(found.frame);
      }
    }
    this.disconnected.resolve();
  }

  async #onFrame(frame: PlainFrame): Promise<void> {
    if (frame.what === "SEND") {
      const { answer = () => "200 OK" } = this.#options;
      const isWanted = frame.headers["Failure-Report"] !== "no";
      const status = isWanted ? answer(frame) : undefined;
      const to = frame.headers["From-Path"] ?? "";
      const from = frame.headers["To-Path"] ?? "";
      if (status !== undefined) {
        await this.#answer(frame.transactionId, status, to, from);
      }
      const { reports = true } = this.#options;
      if (reports && status === "200 OK" && frame.headers["Success-Report"] === "yes") {
        await this.demand("REPORT", [
          `Message-ID: ${frame.headers["Message-ID"]}`,
          `Byte-Range: ${frame.headers["Byte-Range"]}`,
          "Status: 000 200 OK",
        ]).catch(() => {}); // The connection may have gone.
      }
    }
    this.frames.push(frame);
  }

  async #answer(transactionId: string, status: string, to: string, from: string): Promise<void> {
    await this.write([
      `MSRP ${transactionId} ${status}`,
      `To-Path: ${to}`,
      `From-Path: ${from}`,
      `-------${transactionId}$`,
      "",
    ].join("\r\n")).catch(() => {}); // The connection may have gone.
  }

  #newId(prefix: string): string {
    this.#sequence += 1;
    return `${prefix}plain${this.#sequence}`;
  }
}

/** Content in a CPIM wrapper with bare LF line ends inside, as one family of clients writes it. */
export function inCpim(content: string, contentType: string): string {
  return [
    "From: Plain <sip:plain@example.net>",
    "To: <sip:alice@example.com>",
    "DateTime: 2026-02-03T10:11:12.131415+01:00",
    "",
    `MIME-Version: 1.0\nContent-Type: ${contentType}\n\n${content}`,
  ].join("\r\n");
}

/** The first whole frame in `bytes`, and how many octets it takes. */
export function takeFrame(bytes: Uint8Array): { frame: PlainFrame; length: number } | undefined {
  // One character an octet, so that positions are positions.
  const text = new TextDecoder("latin1").decode(bytes);
  const start = /^MSRP ([^ ]+) ([^\r]+)\r\n/.exec(text);
  if (start === null) return undefined;
  const [line, transactionId = "", what = ""] = start;
  const end = new RegExp(
    `\r\n-------${transactionId.replace(/[^A-Za-z0-9]/g, "\\$&")}([$+#])\r\n`,
  ).exec(text);
  if (end === null) return undefined;
  const head = text.slice(line.length, end.index);
  const gap = head.indexOf("\r\n\r\n");
  const lines = (gap < 0 ? head : head.slice(0, gap)).split("\r\n");
  const headers = Object.fromEntries(lines.map((it) => {
    const colon = it.indexOf(":");
    return [it.slice(0, colon), it.slice(colon + 1).trim()];
  }));
  const bodyAt = line.length + gap + 4;
  const body = gap < 0 ? undefined : new TextDecoder().decode(bytes.subarray(bodyAt, end.index));
  return {
    frame: {
      transactionId,
      what,
      headers,
      body,
      flag: end[1] ?? "",
      ...unwrap(headers["Content-Type"], body),
    },
    length: end.index + end[0].length,
  };
}

function unwrap(
  contentType: string | undefined,
  body: string | undefined,
): { content: string | undefined; contentType: string | undefined } {
  if (contentType !== "message/cpim" || body === undefined) return { content: body, contentType };
  // Header fields, an empty line, header fields of the content, an empty line, the content.
  const parts = /^[^]*?\r?\n\r?\n([^]*?)\r?\n\r?\n([^]*)$/.exec(body);
  const type = /^content-type:\s*(.+?)\r?$/im.exec(parts?.[1] ?? "")?.[1];
  return { content: parts?.[2], contentType: type };
}
