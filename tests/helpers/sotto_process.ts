/** The real `bin/sotto` as its own process, for tests that tell a whole story. */

const ROOT = new URL("../../", import.meta.url);
const LAUNCHER = decodeURIComponent(new URL("bin/sotto", ROOT).pathname);
/** The launcher takes the `deno` of the PATH: let that be the one that runs the tests. */
const PATH = `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH") ?? ""}`;
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

/** Options of {@link runSotto} and {@link startAnswerer}. */
export interface SottoOptions {
  /** Working folder: relative file names and homes stand in it. */
  readonly folder: string;
  /** Home, relative to the folder. */
  readonly home: string;
}

/** Runs a command to its end. */
export async function runSotto(
  { folder, home }: SottoOptions,
  ...args: readonly string[]
): Promise<SottoResult> {
  const process = spawn(folder, home, args);
  const killer = setTimeout(() => process.kill("SIGKILL"), PATIENCE);
  const { code, stdout, stderr } = await process.output();
  clearTimeout(killer);
  const text = new TextDecoder().decode(stdout);
  return {
    status: code,
    stdout: text,
    stderr: new TextDecoder().decode(stderr),
    events: jsonLines(text),
  };
}

/** `sotto answer --json …` in the background. */
export class Answerer implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #stderr: Promise<string>;
  readonly #events: JsonEvent[] = [];
  readonly #listening = Promise.withResolvers<readonly string[]>();
  #ended: Promise<number> | undefined;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#reading = this.#read();
    this.#stderr = new Response(process.stderr).text();
  }

  /** Starts it, and waits until it listens. */
  static async start(
    { folder, home }: SottoOptions,
    ...args: readonly string[]
  ): Promise<Answerer> {
    const answerer = new Answerer(spawn(folder, home, ["answer", "--json", ...args]));
    await answerer.uris;
    return answerer;
  }

  /** Where it listens, as its `listening` event says. */
  get uris(): Promise<readonly string[]> {
    return this.#listening.promise;
  }

  /** What it has said so far. */
  get events(): readonly JsonEvent[] {
    return this.#events;
  }

  /** A URI of the host and port that it listens at, for another user part. */
  async target(user: string, transport: "udp" | "tcp" | "tls" = "udp"): Promise<string> {
    const uris = await this.uris;
    const uri = uris.find((it) => /;transport=(\w+)/.exec(it)?.[1] === transport) ?? uris[0] ?? "";
    const hostPort = /^sips?:(?:[^@]*@)?([^;>]+)/.exec(uri)?.[1] ?? "";
    return `sip:${user}@${hostPort}${transport === "udp" ? "" : `;transport=${transport}`}`;
  }

  /** Asks it to end, and returns its status. */
  stop(signal: "SIGINT" | "SIGTERM" = "SIGINT"): Promise<number> {
    this.#ended ??= this.#stop(signal);
    return this.#ended;
  }

  /** Waits for it to end by itself. */
  wait(): Promise<number> {
    this.#ended ??= this.#whenEnded();
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGTERM");
  }

  async #stop(signal: "SIGINT" | "SIGTERM"): Promise<number> {
    try {
      this.#process.kill(signal);
    } catch {
      // It has ended by itself; its status tells.
    }
    return await this.#whenEnded();
  }

  async #whenEnded(): Promise<number> {
    const killer = setTimeout(() => this.#process.kill("SIGKILL"), PATIENCE);
    const { code } = await this.#process.status;
    clearTimeout(killer);
    await Promise.all([this.#reading, this.#stderr]);
    return code;
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const bytes of this.#process.stdout) {
      const lines = (rest + new TextDecoder().decode(bytes)).split("\n");
      rest = lines.pop() ?? "";
      for (const event of jsonLines(lines.join("\n"))) {
        this.#events.push(event);
        if (event["type"] === "listening") {
          this.#listening.resolve(event["uris"] as readonly string[]);
        }
      }
    }
    this.#listening.reject(new Error(`it does not listen: ${await this.#stderr}`));
    this.#listening.promise.catch(() => {}); // Only matters to who waits for it.
  }
}

function spawn(folder: string, home: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(LAUNCHER, {
    args: [...args],
    cwd: folder,
    env: { PATH, SOTTO_HOME: `${folder}/${home}`, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function jsonLines(text: string): JsonEvent[] {
  return text.split("\n").filter((it) => it.startsWith("{")).map((it) => JSON.parse(it));
}
