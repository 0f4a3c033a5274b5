/**
 * What commands print through. stdout is the answer: text for people, or with `--json`
 * one object a line and nothing else. stderr is the conversation.
 */
import { PeerError, SottoError } from "../../lib/base/mod.ts";
import { type ColourChoice, createPainter, type Painter, wantsColour } from "./colours.ts";
import { createProgress, type Progress } from "./progress.ts";
import type { Sink } from "./sink.ts";

/** How much stderr says. `quiet`: warnings and errors; `verbose`: details and causes too. */
export type Verbosity = "quiet" | "normal" | "verbose";

/** What a {@link Printer} is made from. */
export interface PrinterOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly json: boolean;
  readonly verbosity: Verbosity;
  readonly colour: ColourChoice;
  /** The value of `NO_COLOR`. */
  readonly noColour: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The only way to stdout and stderr. Text of a peer's must be escaped before it comes here. */
export class Printer {
  /** Whether stdout carries JSON Lines. */
  readonly json: boolean;
  /** How much stderr says. */
  readonly verbosity: Verbosity;
  /** Colours for stdout. */
  readonly paint: Painter;
  /** Colours for stderr. */
  readonly paintError: Painter;
  readonly #stdout: Sink;
  readonly #stderr: Sink;
  readonly #now: () => number;
  readonly #reported = new WeakSet<object>();

  /** @param options Sinks and what the global options say. */
  constructor(options: PrinterOptions) {
    this.json = options.json;
    this.verbosity = options.verbosity;
    this.#stdout = options.stdout;
    this.#stderr = options.stderr;
    this.#now = options.now;
    const painter = (sink: Sink): Painter =>
      createPainter(wantsColour(options.colour, sink.isTerminal, options.noColour));
    this.paint = painter(options.stdout);
    this.paintError = painter(options.stderr);
  }

  /** Whether a person looks at stdout. */
  get stdoutIsTerminal(): boolean {
    return this.#stdout.isTerminal;
  }

  /** Whether a person looks at stderr. */
  get stderrIsTerminal(): boolean {
    return this.#stderr.isTerminal;
  }

  /**
   * With `--json`: something that happened, `{"v":1,"at":…,"type":…,…fields}`. Fields that are
   * `undefined` are left out. Without `--json` nothing: say it with {@link text} or {@link note}.
   *
   * @param at Milliseconds since 1970; now if left out.
   */
  event(type: string, fields: Readonly<Record<string, unknown>> = {}, at?: number): void {
    if (!this.json) return;
    const time = new Date(at ?? this.#now()).toISOString();
    this.#stdout.write(`${oneLine({ v: 1, at: time, type, ...fields })}\n`);
  }

  /** With `--json`: a result, `{"type":…,…fields}`. Without it nothing. */
  result(type: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.json) this.#stdout.write(`${oneLine({ type, ...fields })}\n`);
  }

  /** Without `--json`: the answer for people, on stdout, with a line end. */
  text(text: string): void {
    if (!this.json) this.#stdout.write(`${text}\n`);
  }

  /** Octets as they are on stdout, whatever the mode: exports, scripts, captures. */
  raw(data: Uint8Array | string): void {
    this.#stdout.write(data);
  }

  /** The conversation: what is being done, on stderr, unless `--quiet`. */
  note(message: string): void {
    if (this.verbosity !== "quiet") this.#stderr.write(`sotto: ${message}\n`);
  }

  /** More of it, only with `--verbose`. */
  detail(message: string): void {
    if (this.verbosity === "verbose") this.#stderr.write(`sotto: ${message}\n`);
  }

  /** Something is wrong, and the command goes on. Shown with `--quiet` too. */
  warning(message: string): void {
    this.#stderr.write(`${this.paintError("orange", "sotto: warning:")} ${message}\n`);
  }

  /** What ended the command. Commands throw; the frame calls this. */
  error(message: string, hint?: string): void {
    this.#stderr.write(`${this.paintError("red", "sotto: error:")} ${message}\n`);
    if (hint !== undefined && this.verbosity !== "quiet") {
      this.#stderr.write(`${this.paintError("bold", "sotto: hint:")} ${hint}\n`);
    }
  }

  /**
   * The `error` event of a problem, once for each error object: what a session already
   * reported is not reported again when the command ends with it.
   */
  errorEvent(error: unknown): void {
    if (typeof error === "object" && error !== null) {
      if (this.#reported.has(error)) return;
      this.#reported.add(error);
    }
    this.event("error", {
      code: error instanceof SottoError ? error.code : "cli/internal",
      message: error instanceof Error ? error.message : String(error),
      side: error instanceof PeerError ? "remote" : "local",
      rule: error instanceof PeerError ? error.rule : undefined,
    });
  }

  /** A line on stderr that goes away, when a person looks at stderr. Use with `using`. */
  progress(label: string): Progress {
    const shown = this.#stderr.isTerminal && this.verbosity !== "quiet";
    return createProgress(this.#stderr, label, { shown, now: this.#now });
  }
}

/** What JSON would leave as it is, and terminals, editors and line readers would not. */
const RESTLESS = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** JSON in one line, whoever counts lines, with the controls of C1 and of direction escaped. */
function oneLine(value: unknown): string {
  return JSON.stringify(value).replace(
    RESTLESS,
    (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
