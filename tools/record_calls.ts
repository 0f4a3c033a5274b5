/**
 * Records the calls in fixtures/captures/recordings: two `bin/sotto` processes on loopback,
 * MSRP over plain TCP so that every dissector can read it, with the test keys of
 * fixtures/keys. The caller's `--trace` is the recording.
 *
 * Usage: deno run -A tools/record_calls.ts
 */

const ROOT = new URL("../", import.meta.url);
const TARGET = new URL("fixtures/captures/recordings/", ROOT);
const LAUNCHER = decodeURIComponent(new URL("bin/sotto", ROOT).pathname);
const PATH = `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH") ?? ""}`;

/** A call to record. */
interface Recording {
  readonly file: string;
  /** What both sides are started with. */
  readonly both: readonly string[];
  /** The caller's side of the conversation; the callee echoes. */
  readonly script: readonly string[];
}

const TALK = ["send hello, is this you?", "expect is this you", "send bis später ☂", "expect ☂"];

const RECORDINGS: readonly Recording[] = [
  { file: "plain.pcapng", both: ["--otr", "off"], script: TALK },
  { file: "otr-v2.pcapng", both: ["--otr", "require", "--otr-versions", "2"], script: TALK },
  { file: "otr-v3.pcapng", both: ["--otr", "require", "--otr-versions", "3"], script: TALK },
  {
    file: "smp.pcapng",
    both: ["--otr", "require"],
    script: [
      "send hello",
      "expect hello",
      "smp where did we first meet?",
      "send bye",
      "expect bye",
    ],
  },
  { file: "otr-v3.jsonl", both: ["--otr", "require", "--otr-versions", "3"], script: TALK },
];

for (const recording of RECORDINGS) await record(recording);

async function record({ file, both, script }: Recording): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sotto-record-" });
  try {
    for (const name of ["alice", "bob"]) {
      const chat = `${folder}/${name}/chat`;
      await Deno.mkdir(chat, { recursive: true, mode: 0o700 });
      const key = new URL(`fixtures/keys/${name}.private_key.dsa`, ROOT);
      await Deno.copyFile(key, `${chat}/private_key.dsa`);
      await Deno.chmod(`${chat}/private_key.dsa`, 0o600);
    }
    await Deno.writeTextFile(`${folder}/secret.txt`, "the café by the river\n");
    await Deno.writeTextFile(`${folder}/talk.txt`, `${script.join("\n")}\n`);

    const answering = spawn(folder, "bob", [
      ...["answer", "--once", "--echo", "--listen", "127.0.0.1:0;transport=udp", ...both],
      ...["--from", "bob@example.net", "--smp-answer-file", "secret.txt", "--json"],
    ]);
    const uri = await listeningUri(answering);
    const calling = spawn(folder, "alice", [
      ...["call", uri, "--msrp", "tcp", "--from", "alice@example.com", ...both],
      ...(script.some((line) => line.startsWith("smp "))
        ? ["--smp-secret-file", "secret.txt"]
        : []),
      ...["--script", "talk.txt", "--trace", file, "--json"],
    ]);
    const { code, stderr } = await calling.output();
    if (code !== 0) {
      throw new Error(`the call ended with ${code}: ${new TextDecoder().decode(stderr)}`);
    }
    const answered = await answering.status;
    if (answered.code !== 0) throw new Error(`the answer ended with ${answered.code}`);
    await Deno.mkdir(TARGET, { recursive: true });
    await Deno.copyFile(`${folder}/${file}`, new URL(file, TARGET));
    await Deno.chmod(new URL(file, TARGET), 0o644);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function spawn(folder: string, home: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(LAUNCHER, {
    args: ["--home", home, ...args],
    cwd: folder,
    env: { PATH },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Where the answerer can be called; what it prints afterwards is read and dropped. */
async function listeningUri(process: Deno.ChildProcess): Promise<string> {
  void process.stderr.pipeTo(new WritableStream());
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  void process.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(piece) {
        text += piece;
        const found = /"uris":\["sip:([^"]+)"/.exec(text);
        if (found !== null) resolve(`sip:bob@${found[1]}`);
      },
      close: () => reject(new Error(`the answerer does not listen: ${text}`)),
    }),
  );
  return await promise;
}
