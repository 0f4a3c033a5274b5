/** The options of `call`, `answer`, `chat` and `smp`: how a session is set up and what is said in it. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { compilePattern, parseDuration, type PlacedStep } from "../../lib/harness/mod.ts";
import type { DispositionRequest } from "../../lib/im/mod.ts";
import type { CommandContext } from "../command.ts";
import { type AccessFlags, declareAccess, readAccess } from "./access.ts";
import { choice, positiveInteger, size } from "./checks.ts";
import { usageError } from "../output/cli_error.ts";

/** Which command the options are for. */
export type SessionCommand = "call" | "answer" | "chat" | "smp";

/** What the flags say, checked; `undefined` where a default or the configuration decides. */
export interface SessionFlags {
  readonly from?: string;
  readonly listen: readonly ListenFlag[];
  readonly transport?: "udp" | "tcp" | "tls";
  readonly msrp?: "tls" | "tcp";
  readonly setup?: "active" | "passive" | "actpass";
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
  readonly tlsInsecure: boolean;
  /** Follow 3xx answers. */
  readonly location: boolean;
  readonly tlsFingerprint?: string;
  readonly otr?: "require" | "prefer" | "accept" | "off";
  readonly otrVersions?: readonly (2 | 3)[];
  readonly trust?: "verified" | "known" | "any";
  readonly learn: boolean;
  readonly overrideContact: boolean;
  readonly chunkSize?: number;
  /** What to ask to be told of our messages. */
  readonly imdn: readonly DispositionRequest[];
  /** Milliseconds. */
  readonly timeout: number;
  /** Milliseconds. */
  readonly hold: number;
  readonly trace?: string;
  readonly smpSecretFile?: string;
  readonly smpSecret?: string;
  readonly smpQuestion?: string;
  readonly smpAnswerFile?: string;
  readonly smpFrom: readonly string[];
  readonly script?: string;
  /** In the order given across options. */
  readonly steps: readonly PlacedStep[];
  /** Paths, in the order of their steps. */
  readonly sendFiles: readonly string[];
  readonly receiveDir?: string;
  /** Octets. */
  readonly receiveMax?: number;
  readonly once: boolean;
  readonly count?: number;
  readonly echo: boolean;
  readonly access: AccessFlags;
  /** `chat --answer`. */
  readonly waitsForCall?: boolean;
}

/** `HOST:PORT` with the transports to listen on. */
export interface ListenFlag {
  readonly host: string;
  readonly port: number;
  readonly transports: readonly ("udp" | "tcp" | "tls")[];
}

/** Where an answerer listens unless told otherwise. */
export const DEFAULT_LISTEN: ListenFlag = {
  host: "127.0.0.1",
  port: 5060,
  transports: ["udp", "tcp"],
};

/** Of commands that call: nobody pushes files to a caller. */
const RECEPTION: readonly string[] = ["--receive-dir <dir>", "--receive-max <size>"];

/** Options of the contract that a later release builds: named, never ignored. */
const LATER: readonly string[] = [
  "--otr-keylog <file>",
];

/** Declares the options on `command`; what they said is read with {@link SessionOptions.read}. */
export class SessionOptions {
  readonly #command: CommandUnknownOpts;
  readonly #kind: SessionCommand;
  readonly #environment: CommandContext["environment"];
  readonly #steps: PlacedStep[] = [];
  readonly #sendFiles: string[] = [];

  /** @param kind Decides which options there are. */
  constructor(command: CommandUnknownOpts, context: CommandContext, kind: SessionCommand) {
    this.#command = command;
    this.#kind = kind;
    this.#environment = context.environment;
    this.#declareNetwork();
    this.#declarePolicy();
    this.#declareVerification();
    if (kind === "call" || kind === "answer") this.#declareConversation();
    if (kind === "answer") this.#declareAnswering();
    if (kind === "answer" || kind === "chat") this.#declareReception();
    else for (const flags of RECEPTION) context.unsupportedOption(command, flags);
    if (kind === "answer") context.unsupportedOption(command, "--send-file <file>");
    for (const flags of LATER) context.unsupportedOption(command, flags);
  }

  /** Checks and returns what was given. @throws {CliError} status 2, naming the flag. */
  read(): SessionFlags {
    const said = this.#command.opts() as Record<string, unknown>;
    const text = (name: string): string | undefined => said[name] as string | undefined;
    const optional = <K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } =>
      value === undefined ? {} : { [name]: value } as { [P in K]?: V };
    const secretFile = text("smpSecretFile") ?? text("secretFile");
    const secret = text("smpSecret") ?? text("secret");
    const question = text("smpQuestion") ?? text("question");
    if (secretFile !== undefined && secret !== undefined) {
      throw usageError(
        "--smp-secret and --smp-secret-file are two ways to say one thing: give one",
      );
    }
    return {
      ...optional("from", text("from")),
      listen: ((said["listen"] as string[] | undefined) ?? []).map(parseListen),
      ...optional("transport", choice("--transport", text("transport"), ["udp", "tcp", "tls"])),
      ...optional("msrp", choice("--msrp", text("msrp"), ["tls", "tcp"])),
      ...optional("setup", choice("--setup", text("setup"), ["active", "passive", "actpass"])),
      ...optional("tlsCert", text("tlsCert")),
      ...optional("tlsKey", text("tlsKey")),
      ...optional("tlsCa", text("tlsCa")),
      tlsInsecure: said["tlsInsecure"] === true,
      location: said["location"] === true,
      imdn: notifications(text("imdn")),
      ...optional("tlsFingerprint", text("tlsFingerprint")),
      ...optional("otr", choice("--otr", text("otr"), ["require", "prefer", "accept", "off"])),
      ...optional("otrVersions", parseVersions(text("otrVersions"))),
      ...optional("trust", choice("--trust", text("trust"), ["verified", "known", "any"])),
      learn: said["learn"] === true,
      overrideContact: said["overrideContact"] === true,
      ...optional("chunkSize", positiveInteger("--chunk-size", text("chunkSize"))),
      timeout: duration("--timeout", text("timeout") ?? "20s"),
      hold: duration("--hold", text("hold") ?? "0s"),
      ...optional("trace", traceFile(text("trace"))),
      ...optional("smpSecretFile", secretFile),
      ...optional("smpSecret", secret),
      ...optional("smpQuestion", question),
      ...optional("smpAnswerFile", text("smpAnswerFile")),
      smpFrom: (said["smpFrom"] as string[] | undefined) ?? [],
      ...optional("script", text("script")),
      steps: this.#steps,
      sendFiles: this.#sendFiles,
      ...optional("receiveDir", text("receiveDir")),
      ...optional("receiveMax", size("--receive-max", text("receiveMax"))),
      once: said["once"] === true,
      ...optional("count", positiveInteger("--count", text("count"))),
      echo: said["echo"] === true,
      access: readAccess(said, this.#environment),
    };
  }

  #declareNetwork(): void {
    const answering = this.#kind === "answer" || this.#kind === "chat";
    this.#option("--from <aor>", "who we are (default: the anonymous identity)");
    this.#repeatable(
      "--listen <host:port>",
      answering
        ? "where calls come in, [;transport=…] (default 127.0.0.1:5060)"
        : "where SIP is received",
    );
    this.#option(
      "--transport <udp|tcp|tls>",
      this.#kind === "answer" ? "how SIP travels to the registrar" : "how SIP travels",
    );
    if (this.#kind !== "answer") {
      this.#option("--location", "follow 3xx answers, at most five times");
    }
    this.#option("--msrp <tls|tcp>", "how MSRP travels (default: tls)");
    this.#option("--setup <role>", "who connects: active, passive or actpass (default)");
    this.#option("--tls-cert <file>", "our certificate (PEM)");
    this.#option("--tls-key <file>", "its key");
    this.#option("--tls-ca <file>", "authorities to trust");
    this.#option("--tls-insecure", "take any certificate of a SIP server");
    this.#option("--tls-fingerprint <sha-256>", "take only this certificate of a SIP server");
    this.#option("--timeout <time>", "bounds set-up and each step (default: 20s)");
    this.#option("--trace <file>", "record what goes over the wire (.pcapng or .jsonl)");
    this.#option("--imdn <list>", "ask to be told: delivery, display, or both");
    this.#option("--chunk-size <octets>", "most octets of a message in one SEND");
    this.#hidden("--no-history");
    declareAccess(this.#command, "session");
  }

  #declarePolicy(): void {
    this.#option("--otr <policy>", "require, prefer (default), accept or off");
    this.#option("--otr-versions <list>", "OTR versions offered and accepted (default: 3,2)");
    this.#option("--trust <level>", "least trust to send on: verified, known (default), any");
    this.#option("--learn", "record the first fingerprint of callers too");
    this.#option("--override-contact", "let flags loosen what the configuration says");
  }

  #declareVerification(): void {
    if (this.#kind === "smp") {
      this.#option("--secret-file <file>", "the shared secret");
      this.#option("--secret <text>", "the secret itself (others can read it: warns)");
      this.#option("--question <text>", "ask a question with it");
      this.#hidden("--smp-secret-file <file>");
      this.#hidden("--smp-secret <text>");
      this.#hidden("--smp-question <text>");
      return;
    }
    this.#option("--smp-secret-file <file>", "verify the peer with this secret");
    this.#option("--smp-secret <text>", "the secret itself (others can read it: warns)");
    this.#option("--smp-question <text>", "ask a question with it");
    this.#option("--smp-answer-file <file>", "answer the peer's SMP question with this");
    this.#repeatable("--smp-from <aor>", "only this address may ask");
  }

  #declareConversation(): void {
    this.#step("--send <text>", "send a message", (text, place) => ({
      step: { type: "send", text },
      place,
    }));
    this.#step("--expect <regex>", "wait for a message that matches", (text, place) => ({
      step: { type: "expect", pattern: pattern(text, place) },
      place,
    }));
    this.#step("--expect-not <regex>", "from here on no message may match", (text, place) => ({
      step: { type: "expect-not", pattern: pattern(text, place) },
      place,
    }));
    this.#option("--script <file>", "steps from a file, one a line");
    this.#option("--hold <time>", "stay after the last step");
    if (this.#kind === "answer") return;
    this.#step("--send-file <file>", "send a file (repeatable)", (file, place) => ({
      step: { type: "send-file", at: this.#sendFiles.push(file) - 1 },
      place: `${place} ${file}`,
    }));
  }

  #declareReception(): void {
    this.#option("--receive-dir <dir>", "take files that are sent, into this folder");
    this.#option("--receive-max <size>", "refuse larger files (default: 4G)");
  }

  #declareAnswering(): void {
    this.#option("--once", "take one call and exit as it went");
    this.#option("--count <n>", "take so many calls");
    this.#option("--echo", "send every message back");
  }

  #option(flags: string, description: string): void {
    this.#command.option(flags, description);
  }

  #hidden(flags: string): void {
    this.#command.addOption(this.#command.createOption(flags).hideHelp());
  }

  #repeatable(flags: string, description: string): void {
    this.#command.addOption(
      this.#command.createOption(flags, description).argParser(
        (value: string, all: string[] | undefined) => [...(all ?? []), value],
      ),
    );
  }

  #step(
    flags: string,
    description: string,
    make: (text: string, place: string) => PlacedStep,
  ): void {
    const place = flags.split(" ", 1)[0] ?? flags;
    this.#command.addOption(
      this.#command.createOption(flags, description).argParser((value: string) => {
        this.#steps.push(make(value, place));
        return value;
      }),
    );
  }
}

/** Reads `HOST:PORT[;transport=udp|tcp|tls]`; without a transport UDP and TCP. */
export function parseListen(text: string): ListenFlag {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:;\[\]\s]+)(?::(\d{1,5}))?(?:;transport=(udp|tcp|tls))?$/i
    .exec(text);
  const [, host = "", port, transport] = match ?? [];
  const number = Number(port ?? (transport?.toLowerCase() === "tls" ? 5061 : 5060));
  if (match === null || number > 65_535) {
    throw usageError(
      `--listen: expected HOST:PORT[;transport=udp|tcp|tls], not ${JSON.stringify(text)}`,
    );
  }
  const transports = transport === undefined
    ? (["udp", "tcp"] as const)
    : [transport.toLowerCase() as "udp" | "tcp" | "tls"];
  return { host: host.replace(/^\[|\]$/g, ""), port: number, transports };
}

function pattern(text: string, place: string): RegExp {
  try {
    return compilePattern(text, place);
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

/** RFC 5438 §7.1.1.3: failures are asked for with deliveries, as one story. */
function notifications(list: string | undefined): readonly DispositionRequest[] {
  const words = list?.split(",").map((it) => it.trim()) ?? [];
  return words.flatMap((word): readonly DispositionRequest[] => {
    if (word === "delivery") return ["positive-delivery", "negative-delivery"];
    if (word === "display") return ["display"];
    throw usageError(`--imdn: expected delivery, display, or both, not ${JSON.stringify(word)}`);
  });
}

/** A time in milliseconds. @throws {CliError} status 2. */
export function duration(flag: string, text: string): number {
  try {
    return parseDuration(text, flag);
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

/** Versions of OTR, from a list. @throws {CliError} status 2. */
export function parseVersions(text: string | undefined): readonly (2 | 3)[] | undefined {
  if (text === undefined) return undefined;
  const versions = text.split(/[, ]+/).filter((it) => it !== "").map((it) => {
    if (it !== "2" && it !== "3") {
      throw usageError(`--otr-versions: expected 2, 3 or 3,2, not ${JSON.stringify(text)}`);
    }
    return Number(it) as 2 | 3;
  });
  if (versions.length === 0) throw usageError("--otr-versions: expected 2, 3 or 3,2");
  return [...new Set(versions)];
}

/** The name of a trace. @throws {CliError} status 2. */
export function traceFile(file: string | undefined): string | undefined {
  if (file === undefined || /\.(pcapng|jsonl)$/i.test(file)) return file;
  throw usageError(
    `--trace: expected a file that ends in .pcapng or .jsonl, not ${JSON.stringify(file)}`,
  );
}
