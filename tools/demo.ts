/**
 * The tour of `deno task demo`: two identities on loopback, each its own process and home,
 * a call with OTR, verification by SMP, and what went over the wire, explained. Everything
 * is the real `bin/sotto`; nothing is prepared. Exits 0 only if it all happened.
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

  heading("Alice and Bob each make a key");
  await run(folder, ["keygen", "--home", "alice"]);
  await run(folder, ["keygen", "--home", "bob"]);

  heading("Bob waits for calls; he knows where they first met");
  await using bob = await Answerer.start(folder, [
    "answer",
    "--home",
    "bob",
    "--listen",
    "127.0.0.1:0;transport=udp",
    "--echo",
    "--smp-answer-file",
    "secret.txt",
  ]);

  heading("Alice calls: encrypted but unverified (orange), then SMP, then verified (green)");
  const call = await run(folder, [
    "call",
    bob.uri,
    "--home",
    "alice",
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

  heading("done: two processes, SIP, MSRP over TLS, OTR inside, and nobody in between");
  return 0;
}

/** Bob's end, running until the tour is over. */
class Answerer implements AsyncDisposable {
  /** Where he can be called. */
  readonly uri: string;
  readonly #process: Deno.ChildProcess;
  readonly #output: Promise<string>;

  private constructor(uri: string, process: Deno.ChildProcess, output: Promise<string>) {
    this.uri = uri;
    this.#process = process;
    this.#output = output;
  }

  static async start(folder: string, args: readonly string[]): Promise<Answerer> {
    echo(args);
    const process = spawn(folder, args);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const output = collect(process.stderr, (text) => {
      const found = /listening on sip:(?:[^@\s]*@)?(\S+)/.exec(text);
      if (found !== null) resolve(`sip:bob@${found[1]}`);
    });
    void output.then((text) => reject(new Error(`bob does not listen: ${text}`)));
    // Read what he prints: a closed pipe would end him, as it ends any program.
    void collect(process.stdout, () => {});
    const uri = await promise;
    say(`sotto: listening on ${uri}`);
    return new Answerer(uri, process, output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // He ended by himself, which the tour has noticed.
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
