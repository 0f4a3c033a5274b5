/**
 * An engine of the benchmark: a program that does a work for a while and tells how long each
 * sample took.
 *
 * It introduces itself with one line of JSON, `{"engines":[{"engine","version","works":[…]}]}`.
 * Then it reads lines `WORK BUDGET BATCH` (milliseconds, steps a sample) and answers each with
 * `{"ms":[…]}`, milliseconds a step, one number a sample, or `{"error":…}`. It ends with its
 * stdin. Between commands it waits, so that engines can take turns on one processor.
 */

/** What an engine is, and what it can do. */
export interface Introduction {
  readonly engine: string;
  readonly version: string;
  readonly works: readonly string[];
}

/** A running engine. */
export class EngineProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #commands: WritableStreamDefaultWriter<Uint8Array>;
  #rest = "";
  /** One program may stand for several, as libotr's driver does for libgcrypt. */
  readonly introductions: readonly Introduction[] = [];

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#commands = child.stdin.getWriter();
  }

  /**
   * Starts a program and waits for its introduction.
   * @throws {Error} when it ends without one; the message holds what it wrote to stderr.
   */
  static async start(program: string, args: readonly string[] = []): Promise<EngineProcess> {
    const child = new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const complaints = new Response(child.stderr).text();
    const engine = new EngineProcess(child);
    try {
      const { engines } = await engine.#answer() as { engines: readonly Introduction[] };
      return Object.assign(engine, { introductions: engines });
    } catch (cause) {
      await engine[Symbol.asyncDispose]();
      throw new Error(`${program} did not start: ${(await complaints).trim()}`, { cause });
    }
  }

  /**
   * Has a work done.
   *
   * @param budget Milliseconds; one sample is taken in any case.
   * @param batch Steps a sample.
   * @returns Milliseconds a step, one number a sample.
   * @throws {Error} when the engine cannot.
   */
  async run(work: string, budget: number, batch: number): Promise<readonly number[]> {
    await this.#commands.write(new TextEncoder().encode(`${work} ${budget} ${batch}\n`));
    const { ms, error } = await this.#answer();
    if (!Array.isArray(ms)) throw new Error(`${work}: ${error}`);
    return ms as number[];
  }

  /** Ends the program. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#commands.close().catch(() => {}); // It may have ended before us.
    await this.#lines.cancel();
    await this.#child.status;
  }

  async #answer(): Promise<Readonly<Record<string, unknown>>> {
    let end = this.#rest.indexOf("\n");
    while (end < 0) {
      const { done, value } = await this.#lines.read();
      if (done) throw new Error("the engine ended");
      const from = this.#rest.length;
      this.#rest += value;
      end = this.#rest.indexOf("\n", from);
    }
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return JSON.parse(line) as Record<string, unknown>;
  }
}
