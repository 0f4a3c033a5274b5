/**
 * An input line below scrolling messages. On a terminal node's readline edits the line and
 * every message is printed above it; without one, lines are read as they come.
 */
import type { Interface } from "node:readline";
import { Writable } from "node:stream";
import { readLines } from "./lines.ts";

/** What `chat` needs of a terminal. */
export interface LineEditor extends Disposable {
  /** Lines that the person entered. Ends at Ctrl-D or the end of input. */
  readonly lines: AsyncIterable<string>;
  /** Prints `text` above the input line. */
  print(text: string): void;
  /** Shows another prompt from now on. */
  setPrompt(prompt: string): void;
  /** Asks for one line that is not shown while it is typed. */
  askHidden(label: string): Promise<string>;
  /** Called when the person types; for "is typing". */
  onTyping: (() => void) | undefined;
}

/** How to make a {@link LineEditor}. */
export interface LineEditorOptions {
  /** What the prompt is at first. */
  readonly prompt: string;
  /** Completes a line that begins with `/`. */
  readonly complete: (line: string) => readonly string[];
  /** Ctrl-C. */
  readonly onInterrupt: () => void;
  /** Where messages go: stdout of the command. */
  readonly write: (text: string) => void;
}

/** The editor for the terminal at hand. */
export async function createLineEditor(options: LineEditorOptions): Promise<LineEditor> {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal()
    ? await TerminalEditor.open(options)
    : new PlainEditor(options);
}

class TerminalEditor implements LineEditor {
  readonly lines: AsyncIterable<string>;
  onTyping: (() => void) | undefined;
  readonly #readline: Interface;
  readonly #output: Muteable;
  readonly #queue: string[] = [];
  #nudge = Promise.withResolvers<void>();
  #isClosed = false;
  #hidden: { readonly label: string; readonly done: (line: string) => void } | undefined;

  private constructor(readline: Interface, output: Muteable, input: NodeJS.ReadableStream) {
    this.#readline = readline;
    this.#output = output;
    this.lines = this.#read();
    readline.on("line", (line) => this.#onLine(line));
    readline.on("close", () => {
      this.#isClosed = true;
      this.#nudge.resolve();
    });
    input.on("keypress", () => {
      // A command is nothing that the other side waits for.
      if (this.#hidden === undefined && /^[^/]/.test(this.#readline.line)) this.onTyping?.();
    });
  }

  static async open(options: LineEditorOptions): Promise<TerminalEditor> {
    const [{ createInterface }, { default: process }] = await Promise.all([
      import("node:readline"),
      import("node:process"),
    ]);
    const output = new Muteable(options.write);
    const readline = createInterface({
      input: process.stdin,
      output,
      terminal: true,
      prompt: options.prompt,
      historySize: 200,
      completer: (line: string) => {
        const found = line.startsWith("/") ? options.complete(line) : [];
        return [[...found], line];
      },
    });
    readline.on("SIGINT", options.onInterrupt);
    const editor = new TerminalEditor(readline, output, process.stdin);
    readline.prompt();
    return editor;
  }

  print(text: string): void {
    if (this.#isClosed) {
      this.#output.emitText(`${text}\r\n`);
      return;
    }
    this.#clearLine();
    this.#output.emitText(`${text.replaceAll("\n", "\r\n")}\r\n`);
    this.#showLine();
  }

  setPrompt(prompt: string): void {
    this.#readline.setPrompt(prompt);
    if (!this.#isClosed && this.#hidden === undefined) {
      this.#clearLine();
      this.#showLine();
    }
  }

  askHidden(label: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#clearLine();
    this.#output.muted = true;
    this.#hidden = { label, done: resolve };
    this.#showLine();
    return promise;
  }

  [Symbol.dispose](): void {
    this.#readline.close();
  }

  #onLine(line: string): void {
    const hidden = this.#hidden;
    if (hidden !== undefined) {
      this.#hidden = undefined;
      this.#output.muted = false;
      this.#output.emitText("\r\n");
      // What was typed in the dark must not come back with the arrow keys.
      const history = this.#readline as unknown as { history?: string[] };
      history.history?.shift();
      hidden.done(line);
      this.#readline.prompt();
      return;
    }
    this.#queue.push(line);
    this.#nudge.resolve();
    this.#readline.prompt();
  }

  /** A line that wrapped leaves rows above the cursor: goes to its first row before clearing. */
  #clearLine(): void {
    const rows = this.#hidden === undefined ? this.#readline.getCursorPos().rows : 0;
    this.#output.emitText(`\r${rows > 0 ? `\x1b[${rows}A` : ""}\x1b[J`);
  }

  #showLine(): void {
    if (this.#hidden === undefined) this.#readline.prompt(true);
    else this.#output.emitText(`${this.#hidden.label}: `);
  }

  async *#read(): AsyncGenerator<string> {
    for (;;) {
      while (this.#queue.length > 0) yield this.#queue.shift() as string;
      if (this.#isClosed) return;
      this.#nudge = Promise.withResolvers<void>();
      await this.#nudge.promise;
    }
  }
}

/** Output that readline writes to, and that can be silent while a secret is typed. */
class Muteable extends Writable {
  muted = false;
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    super({ decodeStrings: false });
    this.#write = write;
  }

  /** readline asks for the width to know where lines wrap. */
  get columns(): number {
    return Deno.consoleSize().columns;
  }

  emitText(text: string): void {
    this.#write(text);
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    if (!this.muted) this.#write(String(chunk));
    done();
  }
}

/** Without a terminal: lines in, messages out, no prompt. */
class PlainEditor implements LineEditor {
  readonly lines: AsyncIterable<string>;
  onTyping: (() => void) | undefined;
  readonly #write: (text: string) => void;
  readonly #pending: AsyncIterator<string>;

  constructor(options: LineEditorOptions) {
    this.#write = options.write;
    const lines = readLines(Deno.stdin.readable);
    this.#pending = lines;
    this.lines = { [Symbol.asyncIterator]: () => lines };
  }

  print(text: string): void {
    this.#write(`${text}\n`);
  }

  setPrompt(): void {}

  async askHidden(): Promise<string> {
    const next = await this.#pending.next();
    return next.done ? "" : next.value;
  }

  [Symbol.dispose](): void {}
}
