/** The steps of a scripted conversation, whether they came from flags, a file or stdin. */

/** One thing to do or to wait for. */
export type Step =
  | { readonly type: "send"; readonly text: string }
  /** The file that was given as the one at `at`, from 0. */
  | { readonly type: "send-file"; readonly at: number }
  | { readonly type: "expect"; readonly pattern: RegExp }
  | { readonly type: "expect-not"; readonly pattern: RegExp }
  | { readonly type: "wait"; readonly milliseconds: number }
  | { readonly type: "smp"; readonly question: string | undefined }
  | { readonly type: "answer" }
  | { readonly type: "otr"; readonly action: "start" | "stop" | "refresh" }
  | { readonly type: "trust" }
  /** In a conference: a nickname, empty to give it up. */
  | { readonly type: "nick"; readonly nickname: string }
  /** In a conference: a message to one member alone. */
  | { readonly type: "msg"; readonly to: string; readonly text: string }
  | { readonly type: "hangup" };

/** A step with where it was written, for messages about it. */
export interface PlacedStep {
  readonly step: Step;
  /** For people: `--expect`, `script.txt:3`, `stdin line 2`. */
  readonly place: string;
}

/** A step, or steps that somebody is still thinking of: they are waited for when their turn comes. */
export type StepSource = PlacedStep | AsyncIterable<PlacedStep>;

/**
 * Compiles what a user gave as a pattern.
 * @throws {RangeError} naming `place` when it is no regular expression.
 */
export function compilePattern(source: string, place: string): RegExp {
  try {
    return new RegExp(source, "u");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RangeError(`${place}: not a regular expression: ${why}`, { cause: error });
  }
}

/**
 * Reads `500ms`, `30s`, `2m` or plain seconds as milliseconds.
 * @throws {RangeError} naming `place` when it is none of these.
 */
export function parseDuration(text: string, place: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text.trim());
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match?.[2] ?? "s"];
  if (match === null || unit === undefined) {
    throw new RangeError(`${place}: expected a duration such as 500ms, 30s or 2m`);
  }
  return Number(match[1]) * unit;
}
