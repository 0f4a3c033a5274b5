/** How long commands take from their start to their end, beside an empty Deno script. */
import { median, quantile } from "./statistics.ts";

/** A command whose start is measured. */
export interface StartCommand {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

/** What became of it. */
export interface StartTime {
  readonly name: string;
  /** Milliseconds. */
  readonly median: number;
  /** Milliseconds. */
  readonly p90: number;
  readonly n: number;
}

const LAUNCHER = decodeURIComponent(new URL("../../bin/sotto", import.meta.url).pathname);

/**
 * The commands, an empty script first, with a home that has a key.
 *
 * @param folder An empty one; it holds the home and the script.
 */
export async function startCommands(folder: string): Promise<StartCommand[]> {
  const [empty, word] = [`${folder}/empty.ts`, `${folder}/word.ts`];
  const bare = ["run", "--quiet", "--no-config"];
  const home = ["--home", `${folder}/home`];
  await Deno.writeTextFile(empty, "");
  await Deno.writeTextFile(word, 'console.log("hello");');
  await runToEnd({ name: "keygen", program: LAUNCHER, args: [...home, "keygen"] });
  return [
    { name: "an empty script", program: Deno.execPath(), args: [...bare, empty] },
    { name: "a script that prints a word", program: Deno.execPath(), args: [...bare, word] },
    { name: "sotto --version", program: LAUNCHER, args: ["--version"] },
    { name: "sotto fingerprint", program: LAUNCHER, args: [...home, "fingerprint"] },
  ];
}

/**
 * Runs a command and waits for its end.
 * @throws {Error} when it fails.
 */
export async function runToEnd({ name, program, args }: StartCommand): Promise<void> {
  const path = `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH") ?? ""}`;
  const { success, stderr } = await new Deno.Command(program, {
    args: [...args],
    env: { PATH: path },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`${name} failed: ${new TextDecoder().decode(stderr)}`);
}

/** Measures them in turn; the first round fills the caches and is not counted. */
export async function measureStarts(
  commands: readonly StartCommand[],
  rounds: number,
): Promise<StartTime[]> {
  const samples = commands.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, command] of commands.entries()) {
      const start = performance.now();
      await runToEnd(command);
      if (round > 0) samples[at]?.push(performance.now() - start);
    }
  }
  return commands.map(({ name }, at) => {
    const ms = samples[at] ?? [];
    return {
      name,
      median: Number(median(ms).toPrecision(4)),
      p90: Number(quantile(ms, 0.9).toPrecision(4)),
      n: ms.length,
    };
  });
}
