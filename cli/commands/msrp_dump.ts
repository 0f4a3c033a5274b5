/** `sotto msrp-dump INPUT…`: what a capture, a log or a stream holds (docs/cli/msrp_dump.md). */
import type { Command } from "@commander-js/extra-typings";
import { SottoError } from "../../lib/base/mod.ts";
import {
  type Arrival,
  ArrivalMerge,
  Listing,
  type ListingStyle,
  matchesFilter,
  parseInstant,
  summaryJson,
  summaryLines,
  toJsonLine,
  TraceAnalysis,
  type TraceFilter,
  TraceInput,
  type TraceObject,
  TraceStatistics,
} from "../../lib/trace/mod.ts";
import type { CommandContext, CommandModule } from "../command.ts";
import { BadGzip, readTraceFile } from "../options/trace_file.ts";
import type { Colour } from "../output/colours.ts";
import { CliError, usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";
import type { Printer } from "../output/printer.ts";

/** Explains MSRP, and the SIP, SDP, CPIM and OTR around and inside it. */
export const command: CommandModule = {
  configure(command, context) {
    declareOptions(command).addHelpText(
      "after",
      "\nExample:\n  $ tcpdump -i any -U -w - | sotto msrp-dump -",
    ).action(async (inputs, options) => {
      const { follow = false, summary = false } = options;
      if (follow && inputs.length > 1) throw usageError("--follow takes one input");
      if (new Set(inputs).size < inputs.length) throw usageError("an input is named twice");
      const filter = readFilter(options);
      if (summary && Object.keys(filter).length > 0) {
        throw usageError("--summary counts everything: filters go with the listing or --json");
      }
      const dump = new Dump(inputs, context.printer, filter, summary);
      await dump.run(context, follow);
    });
    for (const flags of LATER_OPTIONS) context.unsupportedOption(command, flags);
  },
};

/** Options of the contract that a later release brings. */
const LATER_OPTIONS = [
  "--ladder",
  "--html <file>",
  "--extract <dir>",
  "--lint",
  "--list",
  "--strict",
  "--tls-keylog <file>",
  "--otr-keylog <file>",
  "--listen <host:port>",
  "--to <host:port>",
];

type FilterFlags = {
  readonly session?: string | undefined;
  readonly callId?: string | undefined;
  readonly peer?: string | undefined;
  readonly method?: string | undefined;
  readonly status?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly grep?: string | undefined;
};

type DumpFlags = FilterFlags & {
  readonly summary?: true | undefined;
  readonly follow?: true | undefined;
};

function declareOptions(command: Command): Command<[string[]], DumpFlags> {
  return command
    .description("Explains MSRP, with the SIP, SDP, CPIM and OTR around and inside it.")
    .argument("<input...>", "pcap, pcapng, trace log, MSRP stream, sotto trace; - is stdin")
    .option("--summary", "sessions, calls, connections and counts only")
    .option("--follow", "wait for more at the end of a file")
    .option("--session <n>", "only the session with this number")
    .option("--call-id <id>", "only this SIP dialog and its sessions")
    .option("--peer <text>", "only what an address, URI or name with this in it takes part in")
    .option("--method <name>", "only this MSRP or SIP method and its responses")
    .option("--status <code>", "only this status, or a class such as 4xx")
    .option("--since <time>", "not before 2026-02-03T10:11:12Z")
    .option("--until <time>", "not after it")
    .option("--grep <regex>", "only what matches in its lines or its text");
}

/** One run over all inputs. */
class Dump {
  readonly #inputs: readonly string[];
  readonly #printer: Printer;
  readonly #filter: TraceFilter;
  readonly #isSummary: boolean;
  readonly #readers: TraceInput[];
  readonly #analysis = new TraceAnalysis();
  readonly #statistics = new TraceStatistics();
  readonly #listing: Listing;
  /** The same without colours, for `--grep`. */
  readonly #plain = new Listing();
  #lines: string[] = [];

  constructor(
    inputs: readonly string[],
    printer: Printer,
    filter: TraceFilter,
    isSummary: boolean,
  ) {
    this.#inputs = inputs;
    this.#printer = printer;
    this.#filter = filter;
    this.#isSummary = isSummary;
    this.#readers = inputs.map(() => new TraceInput());
    const paint = (style: ListingStyle, text: string): string => {
      const colour = COLOURS[style];
      return colour === undefined ? text : printer.paint(colour, text);
    };
    this.#listing = new Listing({ paint });
  }

  async run(context: CommandContext, follow: boolean): Promise<void> {
    const signal = follow || this.#inputs.includes("-") ? context.signal : undefined;
    using progress = this.#printer.stdoutIsTerminal ? undefined : this.#printer.progress("reading");
    const onProgress = (read: number, total: number): void => {
      if (total > 0) progress?.update(`${Math.floor(read / total * 100)} %`);
    };
    const sources = this.#inputs.map((it) => readTraceFile(it, { follow, signal, onProgress }));
    const merge = new ArrivalMerge(sources.length);
    if (this.#inputs.length > 1) this.#nameInputs();
    for (let input = merge.wants(); input !== undefined; input = merge.wants()) {
      const { arrivals, isEnded } = await this.#read(input, sources);
      merge.push(input, arrivals);
      if (isEnded) merge.end(input);
      for (const it of merge.take()) this.#show(this.#analysis.receive(it.arrival), it.input);
      this.#flush();
    }
    this.#show(this.#analysis.end(), undefined);
    if (this.#isSummary) this.#summarise();
    this.#flush();
  }

  async #read(
    input: number,
    sources: readonly AsyncGenerator<Uint8Array>[],
  ): Promise<{ arrivals: Arrival[]; isEnded: boolean }> {
    const reader = this.#readers[input];
    const source = sources[input];
    if (reader === undefined || source === undefined) return { arrivals: [], isEnded: true };
    try {
      const piece = await source.next();
      if (piece.done === true) return { arrivals: reader.end(), isEnded: true };
      return { arrivals: reader.feed(piece.value), isEnded: false };
    } catch (error) {
      if (error instanceof BadGzip) {
        return { arrivals: [DAMAGED_GZIP, ...reader.end()], isEnded: true };
      }
      throw this.#naming(error, input);
    }
  }

  /** An unknown format is the fault of one input: its name belongs in the message. */
  #naming(error: unknown, input: number): unknown {
    if (!(error instanceof SottoError) || error.code !== "trace/unknown-format") return error;
    const hint =
      "a capture, a log of sipsimple's programs, an MSRP stream or a sotto trace is read";
    const message = `${this.#inputs[input]}: ${error.message}`;
    return new CliError(error.code, EXIT.damaged, message, { hint, cause: error });
  }

  #show(objects: readonly TraceObject[], input: number | undefined): void {
    for (const object of objects) {
      this.#statistics.receive(object);
      if (this.#isSummary) continue;
      if (!matchesFilter(object, this.#filter, () => this.#plain.lines(object))) continue;
      this.#lines.push(...this.#linesOf(object, input));
    }
  }

  #linesOf(object: TraceObject, input: number | undefined): string[] {
    const isOne = this.#inputs.length === 1 || input === undefined;
    if (!this.#printer.json) return this.#listing.lines(object, isOne ? undefined : input + 1);
    const line = toJsonLine(object, isOne ? undefined : this.#inputs[input]);
    return line === undefined ? [] : [line];
  }

  #nameInputs(): void {
    if (this.#printer.json || this.#isSummary) return;
    this.#lines.push(...this.#inputs.map((it, at) => `input ${at + 1}: ${it}`));
  }

  #summarise(): void {
    const parts = {
      format: this.#readers[0]?.format,
      statistics: this.#statistics,
      overview: this.#analysis.overview(),
    };
    this.#lines.push(...this.#printer.json ? [summaryJson(parts)] : summaryLines(parts));
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    this.#printer.raw(`${this.#lines.join("\n")}\n`);
    this.#lines = [];
  }
}

function readFilter(flags: FilterFlags): TraceFilter {
  const { session, callId, peer, method, status, since, until, grep } = flags;
  if (status !== undefined && !/^\d(?:\d\d|xx)$/i.test(status)) {
    throw usageError(`--status takes a code such as 404 or a class such as 4xx, not ${status}`);
  }
  return {
    ...(session !== undefined && { session: readNumber(session) }),
    ...(callId !== undefined && { callId }),
    ...(peer !== undefined && { peer }),
    ...(method !== undefined && { method }),
    ...(status !== undefined && { status }),
    ...(since !== undefined && { since: readTime("--since", since) }),
    ...(until !== undefined && { until: readTime("--until", until) }),
    ...(grep !== undefined && { grep: readRegex(grep) }),
  };
}

function readNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw usageError(`--session takes a number, not ${text}`);
  return Number(text);
}

function readTime(flag: string, text: string): number {
  const at = parseInstant(text);
  if (at === undefined) {
    throw usageError(`${flag} takes a time such as 2026-02-03T10:11:12Z, not ${text}`);
  }
  return at;
}

function readRegex(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch (error) {
    throw usageError(`--grep: ${error instanceof Error ? error.message : text}`);
  }
}

const COLOURS: Readonly<Record<ListingStyle, Colour | undefined>> = {
  request: "bold",
  response: "green",
  failure: "red",
  detail: undefined,
  otr: "orange",
  finding: "red",
};

const DAMAGED_GZIP: Arrival = {
  type: "finding",
  finding: {
    id: "TRACE-damaged-gzip",
    severity: "error",
    clause: "RFC 1952",
    message: "the gzip around the input is damaged or cut off: what came before it is shown",
  },
};
