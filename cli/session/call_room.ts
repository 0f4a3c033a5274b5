/**
 * Everything a session command needs around its sessions: the home's keys, trust and
 * certificate, the SIP endpoint, the trace. Opens what the flags ask for, closes it in order.
 */
import { escapeText } from "../../lib/base/mod.ts";
import { type ConversationPlan, type ConversationResult, converse } from "../../lib/harness/mod.ts";
import {
  ChatSession,
  type IncomingCall,
  MsrpRelays,
  platformRandom,
  type Registration,
  type SessionEvent,
  type SipEndpoint,
  SmpLockout,
  SystemClock,
} from "../../lib/session/mod.ts";
import { writeUri } from "../../lib/sip/mod.ts";
import { canonicalAor, SmpFailureLog } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import { loadConfig } from "../config/config.ts";
import type { SessionCommand, SessionFlags } from "../options/session.ts";
import { VERSION } from "../version.ts";
import { ANONYMOUS, listenAddresses, type Party, waitsForCalls } from "./addresses.ts";
import { Announcer } from "./announcer.ts";
import { namedCertificates, ownCertificate } from "./certificates.ts";
import { chatOptions, type ChatOptionsParts, instanceTagOf } from "./chat_options.ts";
import { openEndpoint } from "./endpoint.ts";
import type { SessionFiles } from "./files.ts";
import { resolvePolicy } from "./policy.ts";
import { beginRegistration, untilRegistered } from "./registering.ts";
import { relaySettings } from "./relay.ts";
import { resolveAccess, type SipAccess } from "./sip_access.ts";
import { TraceFile } from "./trace_file.ts";

/** Redirections that are followed with `--location`. */
const MOST_REDIRECTS = 5;

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
  readonly #access: SipAccess;
  readonly #announcer: Announcer;
  readonly #sip: SipEndpoint;
  readonly #trace: TraceFile | undefined;
  readonly #parts: ChatOptionsParts;
  #registration: Registration | undefined;

  private constructor(parts: ChatOptionsParts, sip: SipEndpoint, trace: TraceFile | undefined) {
    this.#context = parts.context;
    this.#access = parts.access;
    this.#announcer = new Announcer(parts.context.printer);
    this.#sip = sip;
    this.#trace = trace;
    this.#parts = parts;
  }

  /**
   * Opens what the flags ask for.
   * @param smpAnswer Octets that answer SMP questions by themselves.
   * @param files Those of its sessions; they stay whose they are.
   */
  static async open(
    context: CommandContext,
    flags: SessionFlags,
    kind: SessionCommand,
    smpAnswer?: Uint8Array,
    files?: SessionFiles,
  ): Promise<CallRoom> {
    const policy = await resolvePolicy(context, flags);
    const access = await resolveAccess(context, flags, await loadConfig(context));
    const { certificate: given, ca } = await namedCertificates(flags, access.account);
    relaySettings(access, { ca, allowUntrusted: flags.tlsInsecure }); // Before anything is made.
    const trace = openTrace(context, flags);
    const clock = new SystemClock();
    try {
      // At first use, before anybody waits for them in a call.
      const certificate = given ?? await ownCertificate(context);
      const instanceTag = policy.encryption === "off"
        ? undefined
        : await instanceTagOf(context, access.self.aor);
      const sip = await openEndpoint({
        access,
        listen: listenAddresses(flags, kind, access.registration !== undefined),
        clock,
        certificate,
        ca,
        tap: trace?.tap,
        flags,
      });
      const parts: ChatOptionsParts = {
        context,
        flags,
        policy,
        access,
        clock,
        certificate,
        ca,
        tap: trace?.tap,
        instanceTag,
        lockout: new SmpLockout(new SmpFailureLog(context.home.smpFailuresFile), clock),
        smpAnswer,
        files,
        relays: new MsrpRelays({
          clock,
          random: platformRandom,
          ...(trace !== undefined ? { tap: trace.tap } : {}),
        }),
        isForPeople: kind === "chat",
      };
      const room = new CallRoom(parts, sip, trace);
      await room.#register(waitsForCalls(flags, kind));
      return room;
    } catch (error) {
      trace?.[Symbol.dispose]();
      throw error;
    }
  }

  /** The clock that sessions run on. */
  get clock(): SystemClock {
    return this.#parts.clock;
  }

  /** Where SIP is received: at these addresses, or through the registrar at ours. */
  get uris(): readonly string[] {
    const isRegistered = this.#registration !== undefined;
    return this.#sip.uris.length === 0 && isRegistered
      ? [writeUri(this.#access.self.uri)]
      : this.#sip.uris;
  }

  /** Prints an event of a session. */
  announce(event: SessionEvent): void {
    this.#announcer.announce(event);
  }

  /** Calls `target`; the session begins at once. */
  async place({ uri, aor }: Party): Promise<ChatSession> {
    const { self, displayName, transport } = this.#access;
    const { options, guard } = await chatOptions(this.#parts, aor, "outbound");
    const name = self.aor === ANONYMOUS ? "Anonymous" : displayName;
    const session = ChatSession.place(this.#sip, uri, options, {
      from: { uri: self.uri, ...(name !== undefined ? { displayName: name } : {}) },
      ...(transport !== undefined ? { transport } : {}),
      ...(this.#parts.flags.location ? { redirects: MOST_REDIRECTS } : {}),
    });
    void session.ended.then(() => guard.release());
    return session;
  }

  /** Takes an incoming call. */
  async accept(incoming: IncomingCall): Promise<ChatSession> {
    const peer = canonicalAor(writeUri(incoming.from.uri)) ?? ANONYMOUS;
    const { options, guard } = await chatOptions(this.#parts, peer, "inbound");
    const session = ChatSession.accept(this.#sip, incoming, options);
    void session.ended.then(() => guard.release());
    return session;
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
    await this.#close();
    this.#trace?.[Symbol.dispose]();
  }

  /** Registers where the account or a flag asks for it; calls are made and taken after that. */
  async #register(isMainFlow: boolean): Promise<void> {
    const { registration } = this.#access;
    if (registration === undefined) return;
    const { signal } = this.#context;
    const { expires } = registration;
    try {
      const begun = await beginRegistration(this.#context, this.#sip, this.#access, {
        expires,
        isMainFlow,
      });
      this.#registration = begun;
      await untilRegistered(begun, this.#parts.flags.timeout, signal);
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  async #close(): Promise<void> {
    await this.#registration?.close();
    await this.#parts.relays.close();
    await this.#sip.close();
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
      clock: this.clock,
      observe: (event) => this.announce(event),
      signal,
    });
    return { result, blocked: session.blockCode };
  }
}

function openTrace(
  { printer }: Pick<CommandContext, "printer">,
  { trace }: SessionFlags,
): TraceFile | undefined {
  if (trace === undefined) return undefined;
  const file = TraceFile.open(trace, `sotto ${VERSION}`);
  printer.note(`recording what goes over the wire in ${escapeText(trace)}`);
  return file;
}
