/**
 * The tour of `deno task demo`: a lab on loopback, two identities with accounts there, each
 * its own process and home, a call through the proxy with OTR, verification by SMP, and what
 * went over the wire, explained. Everything is the real `bin/sotto`; nothing is prepared.
 * Exits 0 only if it all happened.
 *
 * Usage: deno run -A tools/demo.ts [--keep]
 */

const ROOT = new URL("..", import.meta.url).pathname;
const IS_TERMINAL = Deno.stdout.isTerminal();
const COLOUR = IS_TERMINAL || Deno.env.get("FORCE_COLOR") === "1" ? "always" : "never";
/** The launcher looks for `deno` on the PATH: it is the one that runs this. */
const ENVIRONMENT = {
  PATH: `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH") ?? ""}`,
};

/** What a command printed, and how it ended. */
interface Outcome {
  readonly text: string;
  readonly status: number;
}

async function main(): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "sotto-demo-" });
  try {
    return await tour(folder);
  } catch (error) {
    say(`\ndemo failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    if (!Deno.args.includes("--keep")) await Deno.remove(folder, { recursive: true });
    else say(`\nkept: ${folder}`);
  }
}

async function tour(folder: string): Promise<number> {
  await Deno.writeTextFile(`${folder}/secret.txt`, "the café by the river\n");
  await Deno.writeTextFile(`${folder}/accounts.txt`, "alice:wonderland\nbob:builder\n");
  await Deno.writeTextFile(`${folder}/alice.txt`, "wonderland\n");
  await Deno.writeTextFile(`${folder}/bob.txt`, "builder\n");
  await Deno.writeTextFile(
    `${folder}/talk.txt`,
    [
      "send hello bob, is this line private?",
      "expect is this line private",
      "smp where did we first meet?",
      "send now I know that it is you",
      "expect it is you",
      "",
    ].join("\n"),
  );

  heading("A lab: registrar, proxy, relay and two bots, on this machine");
  await using lab = await Background.start(folder, [
    "lab",
    "--home",
    "lab",
    "--domain",
    "lab.example",
    "--users",
    "accounts.txt",
  ], /^ {2}(sip:\S+);transport=udp\n/m);
  const proxy = `${lab.found};lr`;

  heading("Alice and Bob each make a key");
  await run(folder, ["keygen", "--home", "alice"]);
  await run(folder, ["keygen", "--home", "bob"]);

  heading("Bob registers and waits for calls; he knows where they first met");
  await using _bob = await Background.start(folder, [
    "answer",
    "--home",
    "bob",
    "--listen",
    "127.0.0.1:0;transport=udp",
    "--from",
    "bob@lab.example",
    "--proxy",
    proxy,
    "--register",
    "--password-file",
    "bob.txt",
    "--echo",
    "--smp-answer-file",
    "secret.txt",
  ], /^sotto: (registered .*)\n/m);

  heading("Alice calls: encrypted but unverified (orange), then SMP, then verified (green)");
  const call = await run(folder, [
    "call",
    "bob@lab.example",
    "--home",
    "alice",
    "--from",
    "alice@lab.example",
    "--proxy",
    proxy,
    "--password-file",
    "alice.txt",
    "--otr",
    "require",
    "--script",
    "talk.txt",
    "--smp-secret-file",
    "secret.txt",
    "--trace",
    "call.pcapng",
  ]);
  const orange = call.text.indexOf("[orange]");
  const green = call.text.indexOf("[green]");
  if (orange < 0 || green < orange) throw new Error("the lock did not go from orange to green");

  heading("Alice will know Bob again");
  const list = await run(folder, ["peers", "list", "--home", "alice"]);
  if (!list.text.includes("verified")) throw new Error("the trust was not saved");

  heading("What went over the wire");
  const dump = await run(folder, ["msrp-dump", "call.pcapng"]);
  if (!dump.text.includes("SEND")) throw new Error("the trace shows no SEND");
  if (dump.text.includes("hello bob")) throw new Error("the trace shows plaintext");

  heading(
    "done: two accounts, SIP through a proxy, MSRP over TLS, OTR inside: nobody in between read it",
  );
  return 0;
}

/** A command that runs until the tour is over. */
class Background implements AsyncDisposable {
  /** What was waited for in its output. */
  readonly found: string;
  readonly #process: Deno.ChildProcess;
  readonly #output: Promise<unknown>;

  private constructor(found: string, process: Deno.ChildProcess, output: Promise<unknown>) {
    this.found = found;
    this.#process = process;
    this.#output = output;
  }

  /** Starts it, and waits until it printed `wanted`, whose group is what was {@link found}. */
  static async start(
    folder: string,
    args: readonly string[],
    wanted: RegExp,
  ): Promise<Background> {
    echo(args);
    const process = spawn(folder, args);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let text = "";
    let isFound = false;
    // Both are read to the end: a closed pipe would end the program, as it ends any.
    const look = (piece: string): void => {
      text += piece;
      const line = isFound ? null : wanted.exec(text);
      if (line === null) return;
      isFound = true;
      say(line[0].trimEnd());
      resolve(line[1] ?? "");
    };
    const output = Promise.all([collect(process.stdout, look), collect(process.stderr, look)]);
    void output.then(() => reject(new Error(`${args[0]} ended too early: ${text}`)));
    return new Background(await promise, process, output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // It ended by itself, which the tour has noticed.
    }
    await this.#process.status;
    await this.#output;
  }
}

/** Runs `sotto`, shows what it prints, and fails unless it ends with 0. */
async function run(folder: string, args: readonly string[]): Promise<Outcome> {
  echo(args);
  const process = spawn(folder, args);
  let text = "";
  const show = (piece: string): void => {
    text += piece;
    Deno.stdout.writeSync(new TextEncoder().encode(piece));
  };
  const [{ code }] = await Promise.all([
    process.status,
    collect(process.stdout, show),
    collect(process.stderr, show),
  ]);
  if (code !== 0) throw new Error(`sotto ${args[0]} ended with ${code}`);
  return { text, status: code };
}

function spawn(folder: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(`${ROOT}bin/sotto`, {
    args: [...args, "--color", COLOUR],
    cwd: folder,
    env: ENVIRONMENT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  onText: (text: string) => void,
): Promise<string> {
  let all = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as never)) {
    all += text;
    onText(text as unknown as string);
  }
  return all;
}

function heading(text: string): void {
  say(COLOUR === "always" ? `\n\x1b[1m# ${text}\x1b[0m` : `\n# ${text}`);
}

function echo(args: readonly string[]): void {
  const shown = args.map((arg) => /^[\w./:@=-]+$/.test(arg) ? arg : `'${arg}'`).join(" ");
  say(COLOUR === "always" ? `\x1b[2m$\x1b[0m sotto ${shown}` : `$ sotto ${shown}`);
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

Deno.exit(await main());
