/**
 * One side of the load: a process that holds many MSRP sessions and does what stdin says, a
 * line of JSON an order, each answered by a line of JSON.
 *
 *     deno run -A --v8-flags=--expose-gc tools/bench/load_party.ts holder|caller tcp|tls
 *
 * | order                                  | answer                                             |
 * | -------------------------------------- | -------------------------------------------------- |
 * | `{"do":"prepare","sessions":N}`        | `{"paths":[…]}`, for the other side                |
 * | `{"do":"open","paths":[…]}`            | `{"open":N}`, when all are bound                   |
 * | `{"do":"memory"}`                      | `{"rss":octets,"heap":octets}`, after a collection |
 * | `{"do":"chat","sessions":N,"seconds":S,"rate":R}` | `{"sent":N,"seconds":S,"ms":[…]}`       |
 * | `{"do":"cpu"}`                         | `{"ms":N}`: processor time so far                  |
 *
 * The holder listens on one port for all its sessions; the caller connects once for each. In a
 * chat each session sends a message, waits until its success report is there, and sends the
 * next, R times a second or (R = 0) at once. `ms` holds the time from `send` to the report.
 */
import process from "node:process";
import { utf8 } from "../../lib/base/bytes.ts";
import { parseMsrpPath, writeMsrpPath } from "../../lib/msrp/mod.ts";
import {
  delay,
  MsrpEndpoint,
  type MsrpSession,
  platformRandom,
  type PreparedMsrp,
  SystemClock,
} from "../../lib/session/mod.ts";
import { type Certificate, makeSelfSignedCertificate } from "../../lib/transport/mod.ts";

/** Connections that are being opened at the same time. */
const OPENING = 32;
/** A person's line. */
const WORDS = utf8("x".repeat(100));

/** What a side can be told. */
export type LoadOrder =
  | { readonly do: "prepare"; readonly sessions: number }
  | { readonly do: "open"; readonly paths: readonly string[] }
  | { readonly do: "memory" }
  | { readonly do: "cpu" }
  | {
    readonly do: "chat";
    readonly sessions: number;
    readonly seconds: number;
    readonly rate: number;
  };

/** One side with its sessions. */
export class LoadParty implements AsyncDisposable {
  readonly #role: "holder" | "caller";
  readonly #transport: "tcp" | "tls";
  readonly #clock = new SystemClock();
  readonly #endpoint: MsrpEndpoint;
  #certificate: Certificate | undefined;
  #prepared: PreparedMsrp[] = [];
  #sessions: MsrpSession[] = [];

  /** @param role The holder listens, the caller connects. */
  constructor(role: "holder" | "caller", transport: "tcp" | "tls") {
    this.#role = role;
    this.#transport = transport;
    this.#endpoint = new MsrpEndpoint({
      clock: this.#clock,
      random: platformRandom,
      strangerLimit: 4096,
    });
  }

  /** Carries out one order. */
  async carryOut(order: LoadOrder): Promise<unknown> {
    switch (order.do) {
      case "prepare":
        return { paths: await this.#prepare(order.sessions) };
      case "open":
        await this.#open(order.paths);
        return { open: this.#sessions.filter((it) => it.isOpen).length };
      case "memory":
        (globalThis as { gc?: () => void }).gc?.();
        return { rss: Deno.memoryUsage().rss, heap: Deno.memoryUsage().heapUsed };
      case "cpu":
        return { ms: (process.cpuUsage().user + process.cpuUsage().system) / 1000 };
      case "chat":
        return await this.#chat(order.sessions, order.seconds, order.rate);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endpoint.close();
  }

  async #prepare(count: number): Promise<string[]> {
    if (this.#transport === "tls") {
      this.#certificate ??= await makeSelfSignedCertificate({ commonName: "load" });
    }
    const port = this.#role === "holder" ? freePort() : 0;
    for (let at = 0; at < count; at++) {
      this.#prepared.push(
        await this.#endpoint.prepare({
          transport: this.#transport,
          host: "127.0.0.1",
          listen: this.#role === "holder",
          port,
          certificate: this.#certificate,
        }),
      );
    }
    return this.#prepared.map(({ localPath }) => writeMsrpPath(localPath));
  }

  async #open(paths: readonly string[]): Promise<void> {
    const waiting = this.#prepared.splice(0).map((prepared, at) => [prepared, paths[at]] as const);
    const openNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [prepared, path = ""] = next;
        const session = await prepared.open({
          role: this.#role === "holder" ? "passive" : "active",
          remotePath: parseMsrpPath(path),
          acceptTypes: ["text/plain"],
          allowUntrusted: true,
          timeoutMs: 300_000,
        });
        this.#sessions.push(session);
        void drain(session);
      }
    };
    // The holder waits for all at once: it cannot know who comes first.
    const workers = this.#role === "holder" ? waiting.length : OPENING;
    await Promise.all(Array.from({ length: workers }, openNext));
  }

  async #chat(count: number, seconds: number, rate: number): Promise<unknown> {
    const ms: number[] = [];
    let failed = 0;
    const began = this.#clock.now();
    const until = began + seconds * 1000;
    const talk = async (session: MsrpSession, at: number): Promise<void> => {
      const interval = rate === 0 ? 0 : 1000 / rate;
      let due = began + interval * at / count; // Not all at the same instant.
      for (;;) {
        if (interval > 0) await delay(this.#clock, Math.max(0, due - this.#clock.now()));
        const start = this.#clock.now();
        if (start >= until) return;
        due = Math.max(due + interval, start);
        const { status } = await session.send({
          contentType: "text/plain",
          body: WORDS,
          successReport: true,
        });
        if (status === "delivered") ms.push(this.#clock.now() - start);
        else failed++;
      }
    };
    await Promise.all(this.#sessions.slice(0, count).map(talk));
    return { sent: ms.length, failed, seconds: (this.#clock.now() - began) / 1000, ms };
  }
}

async function drain(session: MsrpSession): Promise<void> {
  for await (const _event of session.events) {
    // Whoever reads on reports what came before as delivered.
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

if (import.meta.main) {
  const [role, transport] = Deno.args;
  await using party = new LoadParty(
    role === "holder" ? "holder" : "caller",
    transport === "tls" ? "tls" : "tcp",
  );
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const answer = await party.carryOut(JSON.parse(line));
      const octets = utf8(`${JSON.stringify(answer)}\n`);
      for (let at = 0; at < octets.length;) at += Deno.stdout.writeSync(octets.subarray(at));
    }
  }
}
