/** The real `bin/sotto` as its own process, for tests that tell a whole story. */
import { Growing } from "./session_watchdog.ts";

const ROOT = new URL("../../", import.meta.url);
/** The launcher, for tests that start it through something else: a shell, a terminal. */
export const LAUNCHER: string = decodeURIComponent(new URL("bin/sotto", ROOT).pathname);
/** The launcher takes the `deno` of the PATH: let that be the one that runs the tests. */
export const PROGRAM_PATH: string = `${Deno.execPath().replace(/\/[^/]*$/, "")}:${
  Deno.env.get("PATH") ?? ""
}`;
/** Milliseconds after which a process that should have ended is killed. */
const PATIENCE = 60_000;

/** A line of `--json`. */
export type JsonEvent = Readonly<Record<string, unknown>>;

/** How a process ended. */
export interface SottoResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of stdout that are JSON. */
  readonly events: readonly JsonEvent[];
}

/** Options of {@link runSotto}, {@link startSotto} and {@link Answerer.start}. */
export interface SottoOptions {
  /** Working folder: relative file names and homes stand in it. */
  readonly folder: string;
  /** Home, relative to the folder. */
  readonly home: string;
  /** Variables beside those of the home. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the command line begins with: another host of a `TranslatedNetwork`. */
  readonly within?: readonly string[];
  /** What it reads from stdin; without it, nothing. */
  readonly stdin?: string | ReadableStream<Uint8Array>;
}

/** Runs a command to its end. */
export async function runSotto(
  options: SottoOptions,
  ...args: readonly string[]
): Promise<SottoResult> {
  return await startSotto(options, ...args).result();
}

/** Starts a command that goes on in the background: use with `await using`. */
export function startSotto(options: SottoOptions, ...args: readonly string[]): SottoProcess {
  return new SottoProcess(options, args);
}

/** A command that goes on in the background. */
export class SottoProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #stdout: Promise<string>;
  readonly #stderr: Promise<string>;
  readonly #events = new Growing<JsonEvent>("an event", (it) => JSON.stringify(it));
  readonly #errors = new Growing<string>("a line on stderr", (it) => it);
  #ended: Promise<number> | undefined;

  /** Starts it. */
  constructor(options: SottoOptions, args: readonly string[]) {
    this.#process = spawn(options, args);
    this.#stdout = follow(this.#process.stdout, (line) => {
      for (const event of jsonLines(line)) this.#events.push(event);
    });
    this.#stderr = follow(this.#process.stderr, (line) => this.#errors.push(line));
  }

  /** What it has said so far. */
  get events(): readonly JsonEvent[] {
    return this.#events.all;
  }

  /** The first event that is wanted; waits for it. */
  async event(isWanted: (event: JsonEvent) => boolean): Promise<JsonEvent> {
    return await this.#orEnd(this.#events.first(isWanted));
  }

  /** The first line of stderr that contains `text`; waits for it. */
  async says(text: string): Promise<string> {
    return await this.#orEnd(this.#errors.first((line) => line.includes(text)));
  }

  /** Sends a signal, and does not wait. */
  signal(signal: Deno.Signal): void {
    try {
      this.#process.kill(signal);
    } catch {
      // It has ended by itself; its status tells.
    }
  }

  /** Asks it to end, and returns its status. */
  async stop(signal: "SIGINT" | "SIGTERM" = "SIGINT"): Promise<number> {
    if (this.#ended === undefined) this.signal(signal);
    return await this.wait();
  }

  /** Waits for it to end by itself. */
  wait(): Promise<number> {
    this.#ended ??= this.#whenEnded();
    return this.#ended;
  }

  /** Waits for it to end by itself, and returns everything. */
  async result(): Promise<SottoResult> {
    const status = await this.wait();
    const [stdout, stderr] = await Promise.all([this.#stdout, this.#stderr]);
    return { status, stdout, stderr, events: this.events };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGTERM");
  }

  async #whenEnded(): Promise<number> {
    const killer = setTimeout(() => this.signal("SIGKILL"), PATIENCE);
    const { code } = await this.#process.status;
    clearTimeout(killer);
    await Promise.all([this.#stdout, this.#stderr]);
    return code;
  }

  /** What never comes because the process ended is told with its last words. */
  async #orEnd<T>(wanted: Promise<T>): Promise<T> {
    const over = Promise.all([this.#process.status, this.#stdout, this.#stderr]);
    const end = over.then(async ([{ code }, , stderr]): Promise<T> => {
      await Promise.resolve(); // What was its last line may be the one that is wanted.
      throw new Error(`it ended with ${code}: ${stderr}`);
    });
    end.catch(() => {}); // The race has told whoever waits.
    wanted.catch(() => {});
    return await Promise.race([wanted, end]);
  }
}

/** `sotto answer --json …` in the background. */
export class Answerer extends SottoProcess {
  /** Starts it, and waits until it listens. */
  static async start(
    options: SottoOptions,
    ...args: readonly string[]
  ): Promise<Answerer> {
    const answerer = new Answerer(options, ["answer", "--json", ...args]);
    await answerer.uris;
    return answerer;
  }

  /** Where it listens, as its `listening` event says. */
  get uris(): Promise<readonly string[]> {
    return this.event((it) => it["type"] === "listening").then((it) =>
      it["uris"] as readonly string[]
    );
  }

  /** A URI of the host and port that it listens at, for another user part. */
  async target(user: string, transport: "udp" | "tcp" | "tls" = "udp"): Promise<string> {
    const uris = await this.uris;
    const uri = uris.find((it) => /;transport=(\w+)/.exec(it)?.[1] === transport) ?? uris[0] ?? "";
    const hostPort = /^sips?:(?:[^@]*@)?([^;>]+)/.exec(uri)?.[1] ?? "";
    return `sip:${user}@${hostPort}${transport === "udp" ? "" : `;transport=${transport}`}`;
  }
}

function spawn(options: SottoOptions, args: readonly string[]): Deno.ChildProcess {
  const { folder, home, environment = {}, stdin, within = [] } = options;
  const [program = LAUNCHER, ...rest] = [...within, LAUNCHER, ...args];
  const process = new Deno.Command(program, {
    args: rest,
    cwd: folder,
    env: { PATH: PROGRAM_PATH, SOTTO_HOME: `${folder}/${home}`, NO_COLOR: "1", ...environment },
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (stdin !== undefined) {
    // A process that does not read to the end has its reasons.
    new Response(stdin).body?.pipeTo(process.stdin).catch(() => {});
  }
  return process;
}

/** Reads to the end, tells of each line as it comes, and returns everything. */
async function follow(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let told = 0;
  for await (const bytes of stream) {
    text += decoder.decode(bytes, { stream: true });
    for (let end; (end = text.indexOf("\n", told)) !== -1; told = end + 1) {
      onLine(text.slice(told, end));
    }
  }
  return text;
}

function jsonLines(text: string): JsonEvent[] {
  return text.split("\n").filter((it) => it.startsWith("{")).map((it) => JSON.parse(it));
}
