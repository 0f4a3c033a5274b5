/**
 * How many sessions one process holds, what each costs, and how fast messages are delivered:
 *
 *     deno task bench:load [--idle 2000] [--chatting 200] [--seconds 10] [--rate 5] [--json]
 *
 * One process listens and holds everything that is measured; a second one connects and talks.
 * Both share the machine, and so do their times.
 */
import { parseArgs } from "node:util";
import { utf8 } from "../../lib/base/bytes.ts";
import type { LoadOrder } from "./load_party.ts";
import { shortNumber } from "./short_number.ts";
import { quantile } from "./statistics.ts";

/** How much. */
export interface LoadOptions {
  /** Sessions that say nothing. */
  readonly idle: number;
  /** Sessions that talk. */
  readonly chatting: number;
  /** How long each kind of talk goes on. */
  readonly seconds: number;
  /** Messages a second of each session in the measured talk. */
  readonly rate: number;
}

/** What came out, for one transport. */
export interface LoadResult {
  readonly transport: "tcp" | "tls";
  readonly idle: number;
  readonly chatting: number;
  /** Octets of resident memory that each idle session added. */
  readonly memoryPerSession: number;
  /** Share of one processor that the holder used while nobody talked, 0 … 1. */
  readonly idleProcessor: number;
  /** Messages a second with the next one sent as soon as one was delivered. */
  readonly messagesPerSecond: number;
  /** Milliseconds from `send` to the success report at {@link LoadOptions.rate}. */
  readonly p50: number;
  readonly p99: number;
  /** Messages of that talk. */
  readonly measured: number;
}

/** Measures one transport. @throws {Error} when a session does not open or a message fails. */
export async function measureLoad(
  transport: "tcp" | "tls",
  options: LoadOptions,
): Promise<LoadResult> {
  await using holder = new PartyProcess("holder", transport);
  await using caller = new PartyProcess("caller", transport);
  // A few sessions first: code is loaded and compiled before anything is counted.
  await openBetween(holder, caller, 50);
  await caller.order({ do: "chat", sessions: 50, seconds: 1, rate: 0 });
  const before = await holder.order<{ rss: number }>({ do: "memory" });
  await openBetween(holder, caller, options.idle);
  const after = await holder.order<{ rss: number }>({ do: "memory" });
  const start = await holder.order<{ ms: number }>({ do: "cpu" });
  await new Promise((resolve) => setTimeout(resolve, options.seconds * 1000));
  const end = await holder.order<{ ms: number }>({ do: "cpu" });
  const talk = { do: "chat", sessions: options.chatting, seconds: options.seconds } as const;
  const fast = await caller.order<Talk>({ ...talk, rate: 0 });
  const even = await caller.order<Talk>({ ...talk, rate: options.rate });
  if (fast.failed + even.failed > 0) {
    throw new Error(`${fast.failed + even.failed} messages failed`);
  }
  return {
    transport,
    idle: options.idle,
    chatting: options.chatting,
    memoryPerSession: (after.rss - before.rss) / options.idle,
    idleProcessor: (end.ms - start.ms) / (options.seconds * 1000),
    messagesPerSecond: fast.sent / fast.seconds,
    p50: quantile(even.ms, 0.5),
    p99: quantile(even.ms, 0.99),
    measured: even.sent,
  };
}

/** The results as a table in Markdown. */
export function loadTable(results: readonly LoadResult[]): string {
  return [
    "| | memory of an idle session | processor, all idle | messages a second | p50 | p99 |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...results.map((it) =>
      `| ${it.idle.toLocaleString("en")} idle, ${it.chatting} chatting, ${
        it.transport === "tls" ? "TLS" : "TCP"
      } | ${shortNumber(it.memoryPerSession / 1024)} KiB | ${
        shortNumber(it.idleProcessor * 100)
      } % | ${shortNumber(it.messagesPerSecond)} | ${shortNumber(it.p50)} ms | ${
        shortNumber(it.p99)
      } ms |`
    ),
  ].join("\n");
}

interface Talk {
  readonly sent: number;
  readonly failed: number;
  readonly seconds: number;
  readonly ms: readonly number[];
}

async function openBetween(
  holder: PartyProcess,
  caller: PartyProcess,
  sessions: number,
): Promise<void> {
  const [theirs, ours] = await Promise.all(
    [holder, caller].map((it) => it.order<{ paths: string[] }>({ do: "prepare", sessions })),
  );
  await Promise.all([
    holder.order({ do: "open", paths: ours?.paths ?? [] }),
    caller.order({ do: "open", paths: theirs?.paths ?? [] }),
  ]);
}

/** A side of the load as a process of its own. */
class PartyProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #answers: ReadableStreamDefaultReader<string>;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  #rest = "";

  constructor(role: "holder" | "caller", transport: "tcp" | "tls") {
    const script = new URL("./load_party.ts", import.meta.url).pathname;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--v8-flags=--expose-gc", script, role, transport],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#answers = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#orders = this.#child.stdin.getWriter();
  }

  async order<Answer>(order: LoadOrder): Promise<Answer> {
    await this.#orders.write(utf8(`${JSON.stringify(order)}\n`));
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#answers.read();
      if (done) throw new Error("a side of the load ended");
      this.#rest += value;
    }
    const at = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, at);
    this.#rest = this.#rest.slice(at + 1);
    return JSON.parse(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orders.close().catch(() => {}); // It may have ended by itself.
    await this.#answers.cancel().catch(() => {});
    await this.#child.status;
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      idle: { type: "string", default: "2000" },
      chatting: { type: "string", default: "200" },
      seconds: { type: "string", default: "10" },
      rate: { type: "string", default: "5" },
      json: { type: "boolean", default: false },
    },
  });
  const options = {
    idle: Number(values.idle),
    chatting: Number(values.chatting),
    seconds: Number(values.seconds),
    rate: Number(values.rate),
  };
  const results = [];
  for (const transport of ["tcp", "tls"] as const) {
    results.push(await measureLoad(transport, options));
  }
  Deno.stdout.writeSync(utf8(`${values.json ? JSON.stringify(results) : loadTable(results)}\n`));
}
