/**
 * Everything a session command needs around its sessions: the home's keys, trust and
 * certificate, the SIP endpoint, the trace. Opens what the flags ask for, closes it in order.
 */
import { escapeText, SottoError } from "../../lib/base/mod.ts";
import { type ConversationPlan, type ConversationResult, converse } from "../../lib/harness/mod.ts";
import { Conversation } from "../../lib/otr/mod.ts";
import {
  ChatSession,
  type ChatSessionOptions,
  type IncomingCall,
  platformRandom,
  type SessionEvent,
  SipEndpoint,
  SystemClock,
} from "../../lib/session/mod.ts";
import { writeUri } from "../../lib/sip/mod.ts";
import {
  canonicalAor,
  CertificateStore,
  InstanceTagStore,
  KeyStore,
  SmpFailureLog,
  TrustStore,
} from "../../lib/storage/mod.ts";
import { type Certificate, makeSelfSignedCertificate } from "../../lib/transport/mod.ts";
import type { CommandContext } from "../command.ts";
import { ownKey } from "../identity/own_key.ts";
import type { SessionCommand, SessionFlags } from "../options/session.ts";
import { CliError, usageError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";
import { VERSION } from "../version.ts";
import { ANONYMOUS, listenAddresses, parseIdentity, type Party } from "./addresses.ts";
import { Announcer } from "./announcer.ts";
import { resolvePolicy, type SessionPolicy } from "./policy.ts";
import { TraceFile } from "./trace_file.ts";

/** Calls that are answered at the same time; more are told to come back. */
const PARALLEL_CALLS = 64;

/** What came of one call, and why sending is forbidden now, if it is. */
export interface CallOutcome {
  readonly result: ConversationResult;
  readonly blocked: "session/untrusted" | "session/unencrypted" | undefined;
}

/** See the module comment. */
export class CallRoom implements AsyncDisposable {
  readonly #context: CommandContext;
  readonly #flags: SessionFlags;
  readonly #policy: SessionPolicy;
  readonly #clock = new SystemClock();
  readonly #announcer: Announcer;
  readonly #sip: SipEndpoint;
  readonly #trace: TraceFile | undefined;
  readonly #certificate: Certificate;
  readonly #ca: string | undefined;
  readonly #self: Party;
  /** `undefined` where OTR is switched off. */
  readonly #instanceTag: number | undefined;
  readonly #smpAnswer: Uint8Array | undefined;
  readonly #isForPeople: boolean;

  private constructor(parts: {
    readonly context: CommandContext;
    readonly flags: SessionFlags;
    readonly policy: SessionPolicy;
    readonly sip: SipEndpoint;
    readonly trace: TraceFile | undefined;
    readonly certificate: Certificate;
    readonly ca: string | undefined;
    readonly self: Party;
    readonly instanceTag: number | undefined;
    readonly smpAnswer: Uint8Array | undefined;
    readonly isForPeople: boolean;
  }) {
    this.#context = parts.context;
    this.#flags = parts.flags;
    this.#policy = parts.policy;
    this.#announcer = new Announcer(parts.context.printer);
    this.#sip = parts.sip;
    this.#trace = parts.trace;
    this.#certificate = parts.certificate;
    this.#ca = parts.ca;
    this.#self = parts.self;
    this.#instanceTag = parts.instanceTag;
    this.#smpAnswer = parts.smpAnswer;
    this.#isForPeople = parts.isForPeople;
  }

  /**
   * Opens what the flags ask for.
   * @param smpAnswer Octets that answer SMP questions by themselves.
   */
  static async open(
    context: CommandContext,
    flags: SessionFlags,
    kind: SessionCommand,
    smpAnswer?: Uint8Array,
  ): Promise<CallRoom> {
    const policy = await resolvePolicy(context, flags);
    const self = parseIdentity(flags.from);
    const ca = flags.tlsCa === undefined ? undefined : await readText("--tls-ca", flags.tlsCa);
    const given = await givenCertificate(flags);
    const trace = flags.trace === undefined
      ? undefined
      : TraceFile.open(flags.trace, `sotto ${VERSION}`);
    if (trace !== undefined) {
      context.printer.note(`recording what goes over the wire in ${escapeText(flags.trace ?? "")}`);
    }
    try {
      // At first use, before anybody waits for them in a call.
      const certificate = given ?? await ownCertificate(context);
      const instanceTag = policy.encryption === "off"
        ? undefined
        : await instanceTagOf(context, self.aor);
      const sip = await SipEndpoint.open({
        listen: listenAddresses(flags, kind),
        clock: new SystemClock(),
        random: platformRandom,
        userAgent: `sotto/${VERSION}`,
        ...(trace !== undefined ? { tap: trace.tap } : {}),
        tls: {
          certificate,
          insecure: flags.tlsInsecure,
          ...(ca !== undefined ? { ca } : {}),
          ...(flags.tlsFingerprint !== undefined ? { fingerprint: flags.tlsFingerprint } : {}),
        },
      });
      const isForPeople = kind === "chat";
      return new CallRoom({
        context,
        flags,
        policy,
        sip,
        trace,
        certificate,
        ca,
        self,
        instanceTag,
        smpAnswer,
        isForPeople,
      });
    } catch (error) {
      trace?.[Symbol.dispose]();
      throw error;
    }
  }

  /** The clock that sessions run on. */
  get clock(): SystemClock {
    return this.#clock;
  }

  /** Where SIP is received. */
  get uris(): readonly string[] {
    return this.#sip.uris;
  }

  /** Prints an event of a session. */
  announce(event: SessionEvent): void {
    this.#announcer.announce(event);
  }

  /** Calls `target`; the session begins at once. */
  async place({ uri, aor }: Party): Promise<ChatSession> {
    const options = await this.#sessionOptions(aor, "outbound");
    return ChatSession.place(this.#sip, uri, options, {
      from: {
        uri: this.#self.uri,
        ...(this.#self.aor === ANONYMOUS ? { displayName: "Anonymous" } : {}),
      },
      ...(this.#flags.transport !== undefined ? { transport: this.#flags.transport } : {}),
    });
  }

  /** Takes an incoming call. */
  async accept(incoming: IncomingCall): Promise<ChatSession> {
    const peer = canonicalAor(writeUri(incoming.from.uri)) ?? ANONYMOUS;
    return ChatSession.accept(
      this.#sip,
      incoming,
      await this.#sessionOptions(peer, "inbound"),
    );
  }

  /** Calls, converses as planned, hangs up. Every event is printed. */
  async call(target: Party, plan: ConversationPlan): Promise<CallOutcome> {
    const { signal } = this.#context;
    return await this.#converse(await this.place(target), plan, signal);
  }

  /**
   * Waits for calls and converses with each as planned.
   *
   * @param calls How many to take; without a number until the command is stopped.
   */
  async *answer(plan: ConversationPlan, calls: number | undefined): AsyncGenerator<CallOutcome> {
    const { signal } = this.#context;
    this.announceListening();
    const running = new Set<Promise<void>>();
    const done: CallOutcome[] = [];
    let nudge = Promise.withResolvers<void>();
    let taken = 0;
    const incoming = this.#sip.calls()[Symbol.asyncIterator]();
    let next: Promise<IteratorResult<IncomingCall>> | undefined;
    const stopped = new Promise<"stop">((resolve) => {
      signal.addEventListener("abort", () => resolve("stop"), { once: true });
      if (signal.aborted) resolve("stop");
    });
    try {
      while (calls === undefined || taken < calls || running.size > 0 || done.length > 0) {
        while (done.length > 0) yield done.shift() as CallOutcome;
        nudge = Promise.withResolvers<void>();
        const wantsMore = calls === undefined || taken < calls;
        if (!wantsMore && running.size === 0) break;
        if (wantsMore) next ??= incoming.next();
        const woken = await Promise.race([
          ...(wantsMore && next !== undefined ? [next] : []),
          nudge.promise.then(() => "done" as const),
          stopped,
        ]);
        if (woken === "stop") break;
        if (woken === "done") continue;
        next = undefined;
        if (woken.done) break;
        if (running.size >= PARALLEL_CALLS) {
          await woken.value.reject(486, "Busy Here");
          continue;
        }
        taken += 1;
        const conversation = this.#answerOne(woken.value, plan, signal).then((outcome) => {
          done.push(outcome);
          running.delete(conversation);
          nudge.resolve();
        });
        running.add(conversation);
      }
    } finally {
      await Promise.all(running);
    }
    yield* done;
    signal.throwIfAborted();
  }

  /** Incoming calls, for whoever converses by hand. */
  calls(): AsyncIterable<IncomingCall> {
    return this.#sip.calls();
  }

  /** Says where calls come in. */
  announceListening(): void {
    this.#context.printer.event("listening", { uris: this.uris });
    for (const uri of this.uris) this.#context.printer.note(`listening on ${uri}`);
  }

  /** Reports what went wrong in one call of many. */
  report(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#context.printer.errorEvent(error);
    this.#context.printer.warning(escapeText(message));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sip.close();
    this.#trace?.[Symbol.dispose]();
  }

  async #answerOne(
    incoming: IncomingCall,
    plan: ConversationPlan,
    signal: AbortSignal,
  ): Promise<CallOutcome> {
    try {
      return await this.#converse(await this.accept(incoming), plan, signal);
    } catch (error) {
      return { result: { outcome: "error", error }, blocked: undefined };
    }
  }

  async #converse(
    session: ChatSession,
    plan: ConversationPlan,
    signal: AbortSignal,
  ): Promise<CallOutcome> {
    const result = await converse(session, plan, {
      clock: this.#clock,
      observe: (event) => this.announce(event),
      signal,
    });
    return { result, blocked: session.blockCode };
  }

  async #sessionOptions(
    peer: string,
    direction: "inbound" | "outbound",
  ): Promise<ChatSessionOptions> {
    const { home, printer } = this.#context;
    const trust = await TrustStore.open(home.trustedPeersFile);
    for (const { line, message } of trust.warnings) {
      printer.warning(`${trust.path}:${line}: ${escapeText(message)}`);
    }
    for (const other of trust.lookAlikes(peer)) {
      printer.warning(
        `${escapeText(peer)} looks like ${escapeText(other)}, and is another address`,
      );
    }
    const failures = new SmpFailureLog(home.smpFailuresFile);
    const clock = this.#clock;
    const policy = this.#policy;
    const isAnonymous = peer === ANONYMOUS;
    return {
      clock,
      random: platformRandom,
      encryption: policy.encryption,
      trustLevel: policy.trust,
      createConversation: () => this.#createConversation(),
      records: {
        lookup: async (address) => {
          await trust.reload();
          return trust.lookup(address);
        },
        learn: (address, fingerprint) => trust.learn(address, fingerprint),
        verify: (address, fingerprint, how) => trust.verify(address, fingerprint, how),
      },
      mayLearn: !isAnonymous && (direction === "outbound" || this.#flags.learn),
      self: { aor: this.#self.aor },
      peer,
      peerIsAnonymous: isAnonymous,
      media: {
        transport: this.#flags.msrp ?? "tls",
        setup: this.#flags.setup ?? "actpass",
        certificate: this.#certificate,
        allowUntrusted: this.#flags.tlsInsecure,
        ...(this.#ca !== undefined ? { ca: this.#ca } : {}),
        random: platformRandom,
        clock,
        ...(this.#flags.chunkSize !== undefined ? { chunkSize: this.#flags.chunkSize } : {}),
        ...(this.#trace !== undefined ? { tap: this.#trace.tap } : {}),
      },
      timeout: this.#flags.timeout,
      // A person may think about a question for as long as they like.
      ...(this.#isForPeople ? { smpTimeout: Infinity } : {}),
      smpAnswer: this.#smpAnswer,
      smpGuard: {
        refusal: async (address, fingerprint) => {
          const allowed = this.#flags.smpFrom.map((it) => canonicalAor(it) ?? it);
          if (allowed.length > 0 && !allowed.includes(address)) {
            return `SMP question from ${
              escapeText(address)
            } not answered: --smp-from allows others`;
          }
          return await failures.isLockedOut(
              guessed(address, fingerprint),
              fingerprint,
              clock.wallNow(),
            )
            ? `SMP question from ${
              escapeText(address)
            } not answered: too many failures in the last hour`
            : undefined;
        },
        failed: (address, fingerprint) =>
          failures.recordFailure(guessed(address, fingerprint), fingerprint, clock.wallNow()),
        succeeded: (address, fingerprint) =>
          failures.clear(guessed(address, fingerprint), fingerprint, clock.wallNow()),
      },
    };
  }

  async #createConversation(): Promise<Conversation | undefined> {
    if (this.#instanceTag === undefined) return undefined;
    const { home } = this.#context;
    const key = await new KeyStore(home.privateKeyFile).load();
    if (key === undefined) {
      throw new SottoError("storage/unreadable", `${home.privateKeyFile} disappeared meanwhile`);
    }
    return new Conversation({
      key,
      instanceTag: this.#instanceTag,
      policy: {
        versions: this.#policy.versions,
        requireEncryption: false, // What waits, waits in the session layer, which knows why.
        sendWhitespaceTag: false,
        whitespaceStartAke: true,
        errorStartAke: this.#policy.encryption !== "accept",
      },
      random: platformRandom,
    });
  }
}

/** Who is held to account for a wrong secret: one anonymous caller must not lock out all others. */
function guessed(address: string, fingerprint: string): string {
  return address === ANONYMOUS ? `${fingerprint}@anonymous.invalid` : address;
}

/** Makes the key if there is none, and answers with our instance tag under `aor`. */
async function instanceTagOf(context: CommandContext, aor: string): Promise<number> {
  await ownKey(context);
  return await new InstanceTagStore(context.home.instanceTagsFile)
    .loadOrCreate(aor, platformRandom);
}

/** The certificate that the flags name, if they do. */
async function givenCertificate(flags: SessionFlags): Promise<Certificate | undefined> {
  if ((flags.tlsCert === undefined) !== (flags.tlsKey === undefined)) {
    throw usageError("--tls-cert and --tls-key go together: give both or neither");
  }
  if (flags.tlsCert === undefined || flags.tlsKey === undefined) return undefined;
  return {
    certPem: await readText("--tls-cert", flags.tlsCert),
    keyPem: await readText("--tls-key", flags.tlsKey),
  };
}

async function ownCertificate(context: CommandContext): Promise<Certificate> {
  return await new CertificateStore(context.home).loadOrCreate(() =>
    makeSelfSignedCertificate({ commonName: "sotto" })
  );
}

async function readText(flag: string, file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotFound ? "there is no such file" : "cannot be read";
    throw new CliError("cli/file", EXIT.usage, `${flag}: ${file}: ${why}`, { cause });
  }
}
