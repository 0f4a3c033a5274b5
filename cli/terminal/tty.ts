/**
 * The terminal: stdin where that is one, else `/dev/tty`. Deno opens devices only for
 * programs that run with every permission, so from `bin/sotto` it is stdin or nothing.
 */
import { decodeUtf8Lossy, utf8 } from "../../lib/base/mod.ts";
import { CliError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";

/** A terminal that can be asked. Dispose of it to give it back. */
export interface Terminal extends Disposable {
  /** Writes `text`, and reads one line: with echo when `visible`, without otherwise. */
  ask(text: string, visible: boolean): Promise<string>;
}

/** What {@link terminalOn} needs of a file. */
export interface TerminalFile {
  read(buffer: Uint8Array): Promise<number | null>;
  write(data: Uint8Array): void;
  setRaw(raw: boolean): void;
  close(): void;
}

/** Opens the terminal, or answers `undefined` when the process has none. */
export function openTerminal(): Terminal | undefined {
  if (Deno.stdin.isTerminal()) {
    return terminalOn({
      read: (buffer) => Deno.stdin.read(buffer),
      write: (data) => void Deno.stderr.writeSync(data),
      setRaw: (raw) => Deno.stdin.setRaw(raw),
      close: () => {}, // stdin belongs to the process.
    });
  }
  try {
    const file = Deno.openSync("/dev/tty", { read: true, write: true });
    return terminalOn({
      read: (buffer) => file.read(buffer),
      write: (data) => void file.writeSync(data),
      setRaw: (raw) => file.setRaw(raw),
      close: () => file.close(),
    });
  } catch {
    return undefined; // No controlling terminal, or no permission for devices.
  }
}

/** A terminal over any file that can be raw. */
export function terminalOn(file: TerminalFile): Terminal {
  return {
    async ask(text, visible): Promise<string> {
      file.setRaw(true);
      try {
        file.write(utf8(text));
        const line = await readLine(file, visible);
        file.write(utf8("\r\n"));
        return line;
      } finally {
        file.setRaw(false);
      }
    },
    [Symbol.dispose]: () => file.close(),
  };
}

/** Longest answer, in octets. */
const LONGEST_ANSWER = 4096;

async function readLine(file: TerminalFile, visible: boolean): Promise<string> {
  const line: number[] = [];
  const buffer = new Uint8Array(256);
  for (;;) {
    const count = await file.read(buffer);
    if (count === null) return decodeUtf8Lossy(Uint8Array.from(line));
    for (const byte of buffer.subarray(0, count)) {
      if (byte === 0x0d || byte === 0x0a) return decodeUtf8Lossy(Uint8Array.from(line));
      if (byte === 0x03 || (byte === 0x04 && line.length === 0)) {
        file.write(utf8("\r\n"));
        throw new CliError("cli/interrupted", EXIT.interrupted, "interrupted");
      }
      if (byte === 0x7f || byte === 0x08) eraseLast(line, file, visible);
      else if (byte === 0x15) { while (line.length > 0) eraseLast(line, file, visible); }
      else if (byte >= 0x20 && line.length < LONGEST_ANSWER) {
        line.push(byte);
        if (visible) file.write(Uint8Array.of(byte));
      }
    }
  }
}

/** Takes the last character away: its continuation octets (10xxxxxx) and its first. */
function eraseLast(line: number[], file: TerminalFile, visible: boolean): void {
  if (line.length === 0) return;
  while (((line.pop() ?? 0) & 0xc0) === 0x80);
  if (visible) file.write(utf8("\b \b"));
}
