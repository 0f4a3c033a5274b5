/**
 * Transcripts: what a person or a script types, and to the octet what comes back.
 *
 * ```text
 * # A comment.
 * $ sotto fingerprint bob@example.com
 * 4AF9F2B1 …
 * ! sotto: warning: what came on stderr, line by line
 * ? 1
 * ```
 *
 * A command is given to `sh`; the lines without a mark are its stdout, those with `! ` its
 * stderr, `? N` its status where that is not 0. `<home>` stands for the folder that the
 * transcript runs in; `<digits>`, `<groups>` and `<stamp>` for a fingerprint in its two
 * spellings, and for the time in the name of a backup, which differ in every run.
 */

/** One command and what it must do. */
export interface TranscriptStep {
  /** Line in the transcript, from 1. */
  readonly line: number;
  readonly command: string;
  /** Expected stdout, without the line end of its last line. */
  readonly stdout: string;
  /** Expected stderr, the same. */
  readonly stderr: string;
  readonly status: number;
}

/** Reads a transcript. @throws {SyntaxError} with the line that is none. */
export function parseTranscript(text: string): TranscriptStep[] {
  const steps: { line: number; command: string; out: string[]; err: string[]; status: number }[] =
    [];
  for (const [index, line] of text.split("\n").entries()) {
    const step = steps.at(-1);
    if (line.startsWith("$ ")) {
      steps.push({ line: index + 1, command: line.slice(2), out: [], err: [], status: 0 });
    } else if (line.startsWith("# ") || line === "#" || line === "") continue;
    else if (step === undefined) throw new SyntaxError(`line ${index + 1}: expected a command`);
    else if (line.startsWith("! ")) step.err.push(line.slice(2));
    else if (/^\? \d+$/.test(line)) step.status = Number(line.slice(2));
    else step.out.push(line === "." ? "" : line);
  }
  return steps.map(({ line, command, out, err, status }) => ({
    line,
    command,
    stdout: out.join("\n"),
    stderr: err.join("\n"),
    status,
  }));
}

/** What a command did, with everything replaced that differs in every run. */
export async function runStep(
  step: TranscriptStep,
  folder: string,
  bin: string,
): Promise<TranscriptStep> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", step.command.replaceAll("<home>", folder)],
    cwd: folder,
    env: {
      // The Deno that runs this, also where none is on the PATH.
      PATH: `${bin}:${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH") ?? ""}`,
      SOTTO_HOME: `${folder}/home`,
      NO_COLOR: "",
      VISUAL: "",
      EDITOR: "",
    },
    stdin: "null",
  }).output();
  return {
    ...step,
    stdout: normalise(stdout, folder),
    stderr: normalise(stderr, folder),
    status: code,
  };
}

function normalise(bytes: Uint8Array, folder: string): string {
  return new TextDecoder().decode(bytes)
    .replaceAll(folder, "<home>")
    .replace(/"[0-9a-f]{40}"/g, (it) => KNOWN.test(it) ? it : '"<digits>"')
    .replace(/([0-9A-F]{8} ){4}[0-9A-F]{8}/g, (it) => KNOWN.test(it) ? it : "<groups>")
    .replace(/\d{8}-\d{6}\.bak/g, "<stamp>.bak")
    .replace(/"at":"[^"]*"/g, '"at":"<time>"')
    // Empty lines are no part of a transcript.
    .split("\n").filter((line) => line !== "").join("\n");
}

/** Fingerprints of the fixtures: these are shown as they are. */
const KNOWN = /4af9f2b1|4AF9F2B1|257920d7|257920D7/;
