/** Any program that speaks the peer protocol on stdin and stdout, as a {@link Peer}. */
import { SottoError } from "../../base/errors.ts";
import { escapeText } from "../../base/escape.ts";
import { type Clock, SystemClock } from "../../session/mod.ts";
import type { Peer, PeerEvent, PeerOperation } from "../peer.ts";

/** Which program, and how patient to be with it. */
export interface CommandPeerOptions {
  /** Shown in failure messages. */
  readonly label: string;
  /** Path or name of the executable. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds that one operation may take, key generation included. Default 30,000. */
  readonly timeout?: number;
  /** Octets of the longest line that is read. Default 4 MiB. */
  readonly longestLine?: number;
  readonly clock?: Clock;
}

const EXIT_UNSUPPORTED = 127;
/** Octets of stderr that are kept for a failure message. */
const KEPT_STDERR = 2000;

/** A peer in a process of its own. */
export class CommandPeer implements Peer {
  readonly label: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;
  readonly #stderr: Promise<string>;
  readonly #timeout: number;
  readonly #clock: Clock;
  #isClosed = false;

  private constructor(child: Deno.ChildProcess, options: CommandPeerOptions) {
    this.label = options.label;
    this.#child = child;
    this.#input = child.stdin.getWriter();
    this.#lines = readLines(child.stdout, options.longestLine ?? 4 * 1024 * 1024);
    this.#stderr = readTail(child.stderr);
    this.#timeout = options.timeout ?? 30_000;
    this.#clock = options.clock ?? new SystemClock();
  }

  /**
   * Starts the program. It is ended by {@link close}.
   * @throws {SottoError} `harness/peer-not-found` when there is no such program.
   */
  static start(options: CommandPeerOptions): CommandPeer {
    const { label, command, args = [], env = {} } = options;
    try {
      const child = new Deno.Command(command, {
        args: [...args],
        env: { ...env },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      return new CommandPeer(child, options);
    } catch (cause) {
      throw new SottoError("harness/peer-not-found", `${label}: cannot start ${command}`, {
        cause,
      });
    }
  }

  async perform(operation: PeerOperation): Promise<PeerEvent[]> {
    const waiting = new AbortController();
    const outOfTime = this.#clock.reached(this.#clock.now() + this.#timeout, waiting.signal);
    try {
      const answer = this.#exchange(operation);
      const first = await Promise.race([answer, outOfTime.then(() => undefined)]);
      if (first !== undefined) return first;
      this.#kill();
      await answer.catch(() => {}); // The time-out below is the failure that is reported.
      throw new SottoError(
        "harness/peer-timeout",
        `${this.label}: no answer to ${operation.op} within ${this.#timeout} ms`,
      );
    } finally {
      waiting.abort();
    }
  }

  async #exchange(operation: PeerOperation): Promise<PeerEvent[]> {
    try {
      await this.#input.write(new TextEncoder().encode(`${JSON.stringify(operation)}\n`));
    } catch {
      throw await this.#exited(operation); // Writing fails when the program is gone.
    }
    const events: PeerEvent[] = [];
    for (;;) {
      const { value: line, done } = await this.#lines.next();
      if (done) throw await this.#exited(operation);
      const event = this.#parse(line);
      if (event.ev === "done") return events;
      events.push(event as PeerEvent);
    }
  }

  #parse(line: string): { readonly ev: string } {
    try {
      const event: unknown = JSON.parse(line);
      if (typeof event === "object" && event !== null && "ev" in event) {
        if (typeof event.ev === "string") return event as { ev: string };
      }
    } catch {
      // Not JSON: reported below, together with JSON that is no event.
    }
    throw new SottoError(
      "harness/peer-garbage",
      `${this.label}: expected an event, got "${escapeText(line, 200)}"`,
    );
  }

  async #exited(operation: PeerOperation): Promise<SottoError> {
    const { code, signal } = await this.#child.status;
    if (code === EXIT_UNSUPPORTED) {
      return new SottoError(
        "harness/unsupported",
        `${this.label} cannot do what ${operation.op} asks for`,
      );
    }
    const said = escapeText((await this.#stderr).trim(), KEPT_STDERR);
    return new SottoError(
      "harness/peer-exited",
      `${this.label} ended during ${operation.op} with ${signal ?? `status ${code}`}: ${said}`,
    );
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It ended by itself in the meantime.
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#input.close().catch(() => {}); // The program may be gone: so be it.
    const waiting = new AbortController();
    const patience = this.#clock.reached(this.#clock.now() + 2000, waiting.signal);
    const ended = this.#child.status.then(() => true);
    if (await Promise.race([ended, patience.then(() => false)]) === false) this.#kill();
    waiting.abort();
    await this.#child.status;
    await this.#lines.return(undefined);
    // A generator that was never asked for a line has not taken hold of its stream.
    await this.#child.stdout.cancel().catch(() => {}); // Read to its end: nothing to cancel.
    await this.#stderr;
  }

  /** As {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Lines of UTF-8 without their line feed. Throws `harness/peer-garbage` past `limit` octets. */
async function* readLines(
  stream: ReadableStream<Uint8Array>,
  limit: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const octets of stream) {
      rest += decoder.decode(octets, { stream: true });
      for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
        yield rest.slice(0, end);
        rest = rest.slice(end + 1);
      }
      if (rest.length > limit) {
        throw new SottoError("harness/peer-garbage", `a line of more than ${limit} octets`);
      }
    }
    if (rest !== "") yield rest;
  } finally {
    await stream.cancel().catch(() => {}); // Already read to its end, or the program is gone.
  }
}

async function readTail(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let tail = "";
  for await (const octets of stream) {
    tail = (tail + decoder.decode(octets, { stream: true })).slice(-KEPT_STDERR);
  }
  return tail;
}
