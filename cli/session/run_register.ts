/** What `sotto register` does: registers, shows, keeps up, takes back. */
import { escapeText, SottoError } from "../../lib/base/mod.ts";
import { type Registration, SystemClock } from "../../lib/session/mod.ts";
import { type RegistrationEvent, writeHostPort, writeUri } from "../../lib/sip/mod.ts";
import { requireAccount } from "../accounts/show_accounts.ts";
import type { CommandContext } from "../command.ts";
import { loadConfig } from "../config/config.ts";
import type { AccessFlags } from "../options/access.ts";
import { choice, positiveInteger } from "../options/checks.ts";
import { duration, type ListenFlag, parseListen, traceFile } from "../options/session.ts";
import type { Printer } from "../output/printer.ts";
import { VERSION } from "../version.ts";
import { namedCertificates, ownCertificate } from "./certificates.ts";
import { openEndpoint } from "./endpoint.ts";
import { beginRegistration, isOwn, untilRegistered } from "./registering.ts";
import { DEFAULT_EXPIRES, resolveAccess } from "./sip_access.ts";
import { TraceFile } from "./trace_file.ts";

/** The flags beside those of the access, checked. */
interface RegisterFlags {
  readonly keep: boolean;
  readonly unregister: boolean;
  readonly from: string | undefined;
  readonly expires: number | undefined;
  readonly transport: "udp" | "tcp" | "tls" | undefined;
  readonly listen: readonly ListenFlag[];
  readonly timeout: number;
  readonly trace: string | undefined;
  readonly tlsInsecure: boolean;
  readonly tlsFingerprint?: string;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly tlsCa: string | undefined;
}

/**
 * Runs the command.
 *
 * @param said What commander read.
 * @throws {SottoError} why the registrar refused or could not be reached.
 */
export async function runRegister(
  context: CommandContext,
  access: AccessFlags,
  said: Readonly<Record<string, unknown>>,
): Promise<void> {
  const flags = readRegisterFlags(said);
  const config = await loadConfig(context);
  // Without --from it has to be an account, and the only one will do.
  const account = flags.from === undefined
    ? requireAccount(config, access.account).name
    : access.account;
  const resolved = await resolveAccess(context, {
    access: { ...access, register: true, ...(account !== undefined ? { account } : {}) },
    from: flags.from,
    transport: flags.transport,
  }, config);
  const { certificate: given, ca } = await namedCertificates(flags, resolved.account);
  const certificate = given ?? await ownCertificate(context);
  using trace = flags.trace === undefined
    ? undefined
    : TraceFile.open(flags.trace, `sotto ${VERSION}`);
  await using sip = await openEndpoint({
    access: resolved,
    listen: flags.listen.flatMap(({ host, port, transports }) =>
      transports.map((transport) => ({ host, port, transport }))
    ),
    clock: new SystemClock(),
    certificate,
    ca,
    tap: trace?.tap,
    flags,
  });
  const leaving = new AbortController();
  const registration = await beginRegistration(context, sip, resolved, {
    until: leaving.signal,
    expires: flags.expires ?? resolved.registration?.expires ?? DEFAULT_EXPIRES,
    isMainFlow: true,
  });
  try {
    const event = await untilRegistered(registration, flags.timeout, context.signal);
    show(context.printer, event);
    if (flags.keep) await untilOver(registration, context.signal);
  } finally {
    if (flags.unregister) await registration.close();
    else leaving.abort();
  }
}

function show(
  printer: Printer,
  event: RegistrationEvent & { readonly type: "registered" },
): void {
  const { transport, host, port } = event.destination;
  const server = event.server === undefined ? "" : ` (${escapeText(event.server, 80)})`;
  printer.text(`registrar      ${transport} ${writeHostPort(host, port)}${server}`);
  printer.text(`expires        ${event.expires} s`);
  for (const binding of event.bindings) {
    const left = binding.expires === undefined ? "" : `, ${binding.expires} s`;
    const own = isOwn(event, binding) ? ", ours" : "";
    printer.text(`contact        ${escapeText(writeUri(binding.address.uri), 200)}${left}${own}`);
  }
  for (const { uri } of event.serviceRoute) {
    printer.text(`service route  ${escapeText(writeUri(uri), 200)}`);
  }
  printer.text(
    `keep-alives    ${event.isOutbound ? "wanted by the registrar (RFC 5626)" : "not asked for"}`,
  );
}

/** Until it is stopped, or the registrar will have no more of it. */
async function untilOver(registration: Registration, signal: AbortSignal): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => stopped.resolve(), { once: true });
  if (signal.aborted) stopped.resolve();
  await Promise.race([registration.over, stopped.promise]);
  signal.throwIfAborted();
  const { last } = registration;
  if (last?.type === "refused") throw last.error;
  throw new SottoError("session/ended", "the registration ended");
}

function readRegisterFlags(said: Readonly<Record<string, unknown>>): RegisterFlags {
  const text = (name: string): string | undefined => said[name] as string | undefined;
  const listen = text("listen");
  const fingerprint = text("tlsFingerprint");
  return {
    keep: said["keep"] === true,
    unregister: said["unregister"] !== false,
    from: text("from"),
    expires: positiveInteger("--expires", text("expires")),
    transport: choice("--transport", text("transport"), ["udp", "tcp", "tls"]),
    listen: listen === undefined ? [] : [parseListen(listen)],
    timeout: duration("--timeout", text("timeout") ?? "20s"),
    trace: traceFile(text("trace")),
    tlsInsecure: said["tlsInsecure"] === true,
    ...(fingerprint !== undefined ? { tlsFingerprint: fingerprint } : {}),
    tlsCert: text("tlsCert"),
    tlsKey: text("tlsKey"),
    tlsCa: text("tlsCa"),
  };
}
