/**
 * "The session is up, but nothing arrives": places a call, sends one message, and says which
 * side connected, bound, sent and answered, with the clause that the silent side owes.
 */
import { type Check, SottoError, type WireRecord } from "../../lib/base/mod.ts";
import {
  ChatSession,
  type DiagnosedStep,
  failedCheck,
  MsrpDiagnosis,
  MsrpRelays,
  type MsrpReport,
  platformRandom,
  type SessionEvent,
  SmpLockout,
  SystemClock,
} from "../../lib/session/mod.ts";
import { SmpFailureLog } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import { NO_ACCESS } from "../options/access.ts";
import type { Party } from "../session/addresses.ts";
import { namedCertificates, ownCertificate } from "../session/certificates.ts";
import { chatOptions } from "../session/chat_options.ts";
import { openEndpoint } from "../session/endpoint.ts";
import type { NetworkRequest } from "./network_checks.ts";

/** What the other side reads. */
const MESSAGE = "A test by sotto doctor: nothing to answer.";
/** Frames that are kept until both descriptions are known. */
const MOST_KEPT = 1000;

/** Calls, says one sentence in plaintext, hangs up, and tells each step. */
export async function* checkCall(
  context: CommandContext,
  { access, timeout, flags }: NetworkRequest,
  target: Party,
): AsyncGenerator<Check> {
  const { certificate: given, ca } = await namedCertificates(flags, access.account);
  const certificate = given ?? await ownCertificate(context);
  const clock = new SystemClock();
  const frames = new FrameWatch();
  await using sip = await openEndpoint({
    access,
    listen: [],
    clock,
    certificate,
    ca,
    tap: undefined,
    flags,
  });
  await using relays = new MsrpRelays({ clock, random: platformRandom, tap: frames.tap });
  const { options } = await chatOptions(
    {
      context,
      flags: {
        location: false,
        tlsInsecure: flags.tlsInsecure,
        listen: [],
        learn: false,
        overrideContact: false,
        timeout,
        hold: 0,
        smpFrom: [],
        steps: [],
        imdn: [],
        sendFiles: [],
        once: false,
        echo: false,
        access: NO_ACCESS,
      },
      policy: { encryption: "off", trust: "any", versions: [3, 2] },
      access,
      clock,
      certificate,
      ca,
      tap: frames.tap,
      instanceTag: undefined,
      lockout: new SmpLockout(new SmpFailureLog(context.home.smpFailuresFile), clock),
      relays,
      smpAnswer: undefined,
      files: undefined,
      isForPeople: false,
    },
    target.aor,
    "outbound",
  );
  context.printer.detail(`calling ${target.aor}`);
  const session = ChatSession.place(sip, target.uri, options, {
    from: { uri: access.self.uri },
    ...(access.transport !== undefined ? { transport: access.transport } : {}),
  });
  const following = (async () => {
    for await (const event of session.events) frames.observe(event);
  })();
  try {
    await session.settled;
    yield { name: "call", status: "ok", detail: `${target.aor} answered` };
    await session.send(MESSAGE);
  } catch (error) {
    if (!(error instanceof SottoError)) throw error;
    yield failedCheck("call", target.aor, error);
  } finally {
    await session.hangUp();
    await following;
  }
  if (frames.report !== undefined) yield* stepChecks(frames.report);
}

/** Keeps what passes until it is known who was to do what. */
class FrameWatch {
  readonly #early: WireRecord[] = [];
  #diagnosis: MsrpDiagnosis | undefined;

  readonly tap = (record: WireRecord): void => {
    if (this.#diagnosis !== undefined) this.#diagnosis.tap(record);
    else if (this.#early.length < MOST_KEPT) this.#early.push(record);
  };

  observe(event: SessionEvent): void {
    if (event.type !== "msrp" || event.role === undefined || this.#diagnosis !== undefined) return;
    this.#diagnosis = new MsrpDiagnosis({
      role: event.role,
      ourRelay: event.localPath.includes(" "),
      theirRelay: event.remotePath.includes(" "),
    });
    for (const record of this.#early.splice(0)) this.#diagnosis.tap(record);
  }

  get report(): MsrpReport | undefined {
    return this.#diagnosis?.report();
  }
}

/** The steps as checks: what comes after the one where it hangs was not reached. */
export function* stepChecks({ steps, stuckAt }: MsrpReport): Generator<Check> {
  let isReached = true;
  for (const step of steps) {
    yield checkOf(step, isReached);
    if (step === stuckAt) isReached = false;
  }
}

function checkOf({ step, by, clause, state, text }: DiagnosedStep, isReached: boolean): Check {
  const name = `msrp.${step}`;
  const detail = `${text} (${clause})`;
  if (state === "done") return { name, status: "ok", detail };
  if (state === "not-needed" || !isReached) return { name, status: "skipped", detail };
  const owes = by === "we" && step === "connected"
    ? "nothing answers at the other side's MSRP address: a firewall or translator? try a relay"
    : by === "we"
    ? "it is ours to do: report it with --trace of sotto call"
    : `${by} owes it by ${clause}: tell whoever runs that side, with a --trace of sotto call`;
  return { name, status: "failed", detail, hint: owes };
}
