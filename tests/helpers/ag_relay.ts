/**
 * A relay with the traits of AG Projects' msrprelay, as `docs/spec_notes/msrp.md` lists them: it
 * breaks on `uri` in Authorization, wants its `opaque` back, takes quoted values, proves itself.
 * Its frames and digests are made by hand here. No relay to deploy: it trusts the loopback.
 */
import { createHash, randomBytes } from "node:crypto";
import {
  type ByteStream,
  type Certificate,
  type Listener,
  listenTcp,
  listenTls,
} from "../../lib/transport/mod.ts";
import { type PlainFrame, takeFrame } from "./plain_msrp_client.ts";

/** How it differs. */
export interface AgRelayOptions {
  /** Name and password of each user. */
  readonly users?: Readonly<Record<string, string>>;
  /** What becomes of a connection on which `uri` came: it is closed, or nothing is heard any more. Default `close`. */
  readonly crash?: "close" | "silence";
  /** Listens with TLS. */
  readonly certificate?: Certificate;
  /** Seconds that it grants. Default 600. */
  readonly expires?: number;
  /** Whose AUTH gets another URI each time. Default everybody's, which is what msrprelay does. */
  readonly moves?: (user: string) => boolean;
}

interface Client {
  readonly stream: ByteStream;
  readonly write: (text: string | Uint8Array) => Promise<void>;
  readonly nonces: Map<string, string>;
}

/** The relay. Use with `await using`. */
export class AgRelay implements AsyncDisposable {
  /** Every frame that came, its first line. */
  readonly log: string[] = [];
  /** Connections accepted so far. */
  connections = 0;
  /** AUTH requests that broke it. */
  crashes = 0;
  readonly #listener: Listener;
  readonly #options: AgRelayOptions;
  readonly #owners = new Map<string, Client>();
  readonly #clients = new Set<Client>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #accepting: Promise<void>;

  private constructor(listener: Listener, options: AgRelayOptions) {
    this.#listener = listener;
    this.#options = options;
    this.#accepting = this.#accept();
  }

  /** Listens on a free port of the loopback interface. */
  static async start(options: AgRelayOptions = {}): Promise<AgRelay> {
    const at = { host: "127.0.0.1", port: 0 };
    const { certificate } = options;
    const listener = certificate === undefined
      ? await listenTcp(at)
      : await listenTls(at, { certificate });
    return new AgRelay(listener, options);
  }

  /** Session-ids that are good now. */
  get granted(): string[] {
    return [...this.#owners.keys()].map((it) => it.split("|")[1] ?? "");
  }

  /** Where it listens. */
  get port(): number {
    return this.#listener.local.port;
  }

  /** Cuts all connections. */
  async cut(): Promise<void> {
    await Promise.all([...this.#clients].map((it) => it.stream.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close();
    await this.#accepting;
    await this.cut();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  async #accept(): Promise<void> {
    for await (const stream of this.#listener) {
      this.connections++;
      void this.#serve(stream);
    }
  }

  async #serve(stream: ByteStream): Promise<void> {
    const writer = stream.writable.getWriter();
    const client: Client = {
      stream,
      nonces: new Map(),
      write: async (data) => {
        const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
        await writer.write(bytes).catch(() => {}); // The client may have gone.
      },
    };
    this.#clients.add(client);
    let waiting = new Uint8Array();
    const reader = stream.readable.getReader();
    for (;;) {
      const { value } = await reader.read().catch(() => ({ value: undefined }));
      if (value === undefined) break;
      waiting = new Uint8Array([...waiting, ...value]);
      for (let found = takeFrame(waiting); found !== undefined; found = takeFrame(waiting)) {
        const octets = waiting.slice(0, found.length);
        waiting = waiting.slice(found.length);
        this.log.push(`${found.frame.what} ${found.frame.headers["To-Path"]}`);
        if (await this.#receive(client, found.frame, octets) === "crash") {
          this.crashes++;
          if (this.#options.crash === "silence") return;
          await stream.close();
        }
      }
    }
    this.#clients.delete(client);
    for (const [id, owner] of this.#owners) if (owner === client) this.#owners.delete(id);
    await stream.close();
  }

  async #receive(client: Client, frame: PlainFrame, octets: Uint8Array): Promise<"crash" | void> {
    if (/^\d{3}/.test(frame.what)) return; // Answers end here.
    if (frame.what === "AUTH") return await this.#auth(client, frame);
    await this.#forward(client, frame, octets);
  }

  async #auth(client: Client, { transactionId, headers }: PlainFrame): Promise<"crash" | void> {
    const { users = { alice: "alice-secret", bob: "bob-secret" }, expires = 600 } = this.#options;
    const to = headers["To-Path"] ?? "";
    const from = headers["From-Path"] ?? "";
    const answer = (status: string, lines: string[]): Promise<void> =>
      client.write(
        [
          `MSRP ${transactionId} ${status}`,
          `To-Path: ${from}`,
          `From-Path: ${to}`,
          ...lines,
          `-------${transactionId}$`,
          "",
        ].join("\r\n"),
      );
    const challenge = async (): Promise<void> => {
      const nonce = randomBytes(12).toString("hex");
      const opaque = randomBytes(12).toString("hex");
      client.nonces.set(nonce, opaque);
      await answer("401 Unauthorized", [
        `WWW-Authenticate: Digest realm="ag.example", qop="auth", nonce="${nonce}", opaque="${opaque}"`,
      ]);
    };
    const authorization = headers["Authorization"];
    if (authorization === undefined) return await challenge();
    const given = Object.fromEntries(
      [...authorization.slice(7).matchAll(/(\w+)="?([^",]*)"?/g)].map(([, name, it]) => [name, it]),
    );
    // An unexpected keyword, or a missing one, ends the protocol object there.
    const wanted = "username realm nonce qop nc cnonce response opaque".split(" ");
    const names = Object.keys(given).filter((it) => it !== "algorithm");
    if (names.toSorted().join() !== wanted.toSorted().join()) return "crash";
    const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
    const ha1 = md5(`${given["username"]}:ag.example:${users[given["username"] ?? ""] ?? ""}`);
    const { nonce = "", nc, cnonce, opaque } = given;
    const digest = (method: string): string =>
      md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${to}`)}`);
    const isRight = users[given["username"] ?? ""] !== undefined &&
      client.nonces.get(nonce) === opaque && digest("AUTH") === given["response"];
    if (!isRight) return await challenge();
    const kept = [...this.#owners].find(([id, it]) => it === client && id.startsWith(`${from}|`));
    const id = this.#options.moves?.(given["username"] ?? "") === false && kept !== undefined
      ? kept[0]
      : `${from}|${randomBytes(12).toString("hex")}`;
    this.#owners.set(id, client);
    clearTimeout(this.#timers.get(id));
    this.#timers.set(id, setTimeout(() => this.#owners.delete(id), expires * 1_000));
    await answer("200 OK", [
      `Use-Path: ${this.#uri(id)}`,
      `Expires: ${expires}`,
      `Authentication-Info: nextnonce="${nonce}", rspauth="${
        md5(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${md5(`:${to}`)}`)
      }", cnonce="${cnonce}", nc=${nc}, qop=auth`,
    ]);
  }

  #uri(id: string): string {
    const scheme = this.#options.certificate === undefined ? "msrp" : "msrps";
    return `${scheme}://127.0.0.1:${this.port}/${id.split("|")[1]};tcp`;
  }

  async #forward(client: Client, frame: PlainFrame, octets: Uint8Array): Promise<void> {
    const path = (frame.headers["To-Path"] ?? "").split(" ");
    let owner: Client | undefined;
    let passed = 0;
    for (const uri of path) {
      const id = [...this.#owners.keys()].find((it) => this.#uri(it) === uri);
      if (id === undefined) break;
      owner = this.#owners.get(id);
      passed++;
    }
    const status = owner === undefined || passed === path.length ? "481 No Such Session" : "200 OK";
    if (frame.what === "SEND" && frame.headers["Failure-Report"] !== "no") {
      await client.write(
        `MSRP ${frame.transactionId} ${status}\r\nTo-Path: ${
          frame.headers["From-Path"]?.split(" ")[0]
        }\r\nFrom-Path: ${path[0]}\r\n-------${frame.transactionId}$\r\n`,
      );
    }
    if (owner === undefined || status !== "200 OK") return;
    // One character an octet, so that a body passes untouched.
    const text = new TextDecoder("latin1").decode(octets);
    const moved = path.slice(0, passed).toReversed().join(" ");
    const changed = text
      .replace(/^To-Path: .*$/m, `To-Path: ${path.slice(passed).join(" ")}`)
      .replace(/^From-Path: (.*)\r$/m, `From-Path: ${moved} $1\r`);
    await owner.write(Uint8Array.from(changed, (it) => it.charCodeAt(0)));
  }
}
