/** What an account, or a target, needs of the network: servers, registration, relay. */
import { type Check, escapeText, SottoError, toHex } from "../../lib/base/mod.ts";
import {
  checkServers,
  failedCheck,
  MsrpRelays,
  platformRandom,
  relayServers,
  type RelaySettings,
  relayUris,
  SystemClock,
} from "../../lib/session/mod.ts";
import { type SipUri, writeHostPort } from "../../lib/sip/mod.ts";
import type { CommandContext } from "../command.ts";
import { VERSION } from "../version.ts";
import type { Party } from "../session/addresses.ts";
import { namedCertificates, ownCertificate } from "../session/certificates.ts";
import { openEndpoint } from "../session/endpoint.ts";
import { beginRegistration, untilRegistered } from "../session/registering.ts";
import { relaySettings } from "../session/relay.ts";
import { DEFAULT_EXPIRES, type SipAccess } from "../session/sip_access.ts";

/** What is checked, and how. */
export interface NetworkRequest {
  readonly access: SipAccess;
  /** Whom to look for; our own domain where nobody is named. */
  readonly target: Party | undefined;
  /** Milliseconds, for each question. */
  readonly timeout: number;
  readonly flags: {
    readonly tlsInsecure: boolean;
    readonly tlsFingerprint?: string;
    readonly tlsCert?: string | undefined;
    readonly tlsKey?: string | undefined;
    readonly tlsCa?: string | undefined;
  };
}

/** Checks, in the order in which a call needs them. Every packet's destination is a detail on stderr. */
export async function* checkNetwork(
  context: CommandContext,
  request: NetworkRequest,
): AsyncGenerator<Check> {
  const { access, target, timeout, flags } = request;
  const { certificate: given, ca } = await namedCertificates(flags, access.account);
  const own: SipUri = {
    scheme: "sip",
    host: access.self.uri.host,
    parameters: [],
    headers: [],
  };
  const whom = target?.uri ?? own;
  const clock = new SystemClock();
  const onContact = (contact: string): void => context.printer.detail(`asking ${contact}`);
  yield* checkServers({
    hop: access.proxy ?? whom,
    target: whom,
    transport: access.transport,
    clock,
    random: platformRandom,
    userAgent: `sotto/${VERSION}`,
    timeout,
    signal: context.signal,
    onContact,
    tls: {
      insecure: flags.tlsInsecure,
      ...(ca !== undefined ? { ca } : {}),
      ...(flags.tlsFingerprint !== undefined
        ? { expectedFingerprints: [flags.tlsFingerprint] }
        : {}),
    },
  });
  if (access.account === undefined) return;
  onContact(`the registrar of ${escapeText(access.self.aor)}`);
  yield await registrationCheck(context, request, given, ca, clock);
  const settings = relaySettings(access, { ca, allowUntrusted: flags.tlsInsecure });
  if (settings === undefined) {
    yield { name: "relay", status: "skipped", detail: "the account has none" };
  } else yield* relayChecks(settings, access.account.msrp ?? "tls", request, context, onContact);
}

async function registrationCheck(
  context: CommandContext,
  { access, timeout, flags }: NetworkRequest,
  given: Awaited<ReturnType<typeof ownCertificate>> | undefined,
  ca: string | undefined,
  clock: SystemClock,
): Promise<Check> {
  const name = "registration";
  if (access.credentials === undefined) {
    return { name, status: "skipped", detail: "the account has no password" };
  }
  const certificate = given ?? await ownCertificate(context);
  await using sip = await openEndpoint({
    access,
    listen: [],
    clock,
    certificate,
    ca,
    tap: undefined,
    flags,
  });
  // A contact of its own, which takes nobody's calls away.
  const registration = await beginRegistration(context, sip, access, {
    expires: access.account?.expires ?? DEFAULT_EXPIRES,
    isMainFlow: false,
    until: AbortSignal.abort(),
  });
  try {
    const { expires, server } = await untilRegistered(registration, timeout, context.signal);
    const by = server === undefined ? "" : ` by ${escapeText(server, 80)}`;
    return {
      name,
      status: "ok",
      detail: `${access.self.aor} was registered for ${expires} s${by}`,
    };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof SottoError)) throw error;
    const { hint, ...failed } = failedCheck(name, access.self.aor, error);
    return { ...failed, hint: REGISTRATION_HINTS[error.code] ?? hint };
  } finally {
    await registration.close();
  }
}

const REGISTRATION_HINTS: Readonly<Record<string, string>> = {
  "sip/credentials-rejected":
    "check password and auth-user: sotto account add NAME ADDRESS --replace --password-file F",
  "sip/digest-too-weak": "ask the provider for a better digest, or lower digest-min knowingly",
};

async function* relayChecks(
  settings: RelaySettings,
  transport: "tls" | "tcp",
  { timeout }: NetworkRequest,
  { signal }: CommandContext,
  onContact: (contact: string) => void,
): AsyncGenerator<Check> {
  const given = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  await using relays = new MsrpRelays({ clock: new SystemClock(), random: platformRandom });
  try {
    const [first] = relayUris(settings, transport);
    if (first === undefined) return;
    onContact(`the name server and relay of ${escapeText(first.host, 100)}`);
    const servers = await relayServers(first, platformRandom, { signal: given });
    const places = servers.map(({ host, port }) => writeHostPort(host, port)).join(", ");
    yield { name: "relay.dns", status: "ok", detail: `found at ${escapeText(places, 300)}` };
    const path = await relays.obtain(settings, transport, {
      scheme: transport === "tls" ? "msrps" : "msrp",
      host: "127.0.0.1",
      port: 2855,
      sessionId: toHex(platformRandom(12)),
      transport: "tcp",
    }, given);
    const { expires, isProven } = path.grant;
    const proof = isProven ? "" : ", without a proof that it knows the password";
    path.release();
    yield { name: "relay", status: "ok", detail: `AUTH is good for ${expires} s${proof}` };
  } catch (error) {
    signal.throwIfAborted();
    if (given.aborted) {
      const hint = 'silence: is it an MSRP relay, and is the port right? or relay = "none"';
      yield { name: "relay", status: "failed", detail: "no answer in time", hint };
    } else if (error instanceof SottoError) {
      const { hint, ...failed } = failedCheck("relay", "AUTH", error);
      yield { ...failed, hint: RELAY_HINTS[error.code] ?? hint };
    } else throw error;
  }
}

const RELAY_HINTS: Readonly<Record<string, string>> = {
  "session/relay-credentials":
    "the relay wants the account's user name and password: are they right?",
  "session/relay-none": 'name one with --relay HOST, or set relay = "none"',
  "session/relay-insecure": 'use msrp = "tls", or relay-insecure = true if you know the way there',
  "session/relay-refused": "ask whoever runs the relay",
  "session/relay-no-answer": 'is it an MSRP relay? set relay = "none" to do without',
};
