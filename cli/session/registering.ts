/** Our address at its registrar, while a command runs: begun, told of, taken back. */
import { escapeText, SottoError } from "../../lib/base/mod.ts";
import { platformRandom, type Registration, type SipEndpoint } from "../../lib/session/mod.ts";
import { type Binding, type RegistrationEvent, writeUri } from "../../lib/sip/mod.ts";
import { loadOrCreateInstanceId } from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import type { Printer } from "../output/printer.ts";
import { withHint } from "./outcome.ts";
import type { SipAccess } from "./sip_access.ts";

/** What {@link beginRegistration} needs to know. */
export interface RegisteringOptions {
  /** Seconds. */
  readonly expires: number;
  /**
   * Whether this is the device's one flow to the registrar (RFC 5626), which replaces the one
   * before; a call beside it registers a contact of its own.
   */
  readonly isMainFlow: boolean;
  /** From here on nothing is told: the command is leaving it to itself. */
  readonly until?: AbortSignal | undefined;
}

/** Begins it. What happens is printed, by nobody but this. */
export async function beginRegistration(
  context: CommandContext,
  sip: SipEndpoint,
  { self, displayName, transport }: SipAccess,
  { expires, isMainFlow, until }: RegisteringOptions,
): Promise<Registration> {
  const instance = isMainFlow
    ? await loadOrCreateInstanceId(context.home.instanceIdFile, platformRandom)
    : undefined;
  const registration = sip.register({
    address: {
      uri: self.uri,
      parameters: [],
      ...(displayName !== undefined ? { displayName } : {}),
    },
    expires,
    ...(instance !== undefined ? { instance } : {}),
    ...(transport !== undefined ? { transport } : {}),
  });
  void announceAll(registration, self.aor, context.printer, until);
  return registration;
}

/**
 * Waits for the registrar's first word.
 *
 * @param timeout Milliseconds.
 * @throws {SottoError} why it refused or could not be reached; `sip/timeout`; the signal's reason.
 */
export async function untilRegistered(
  registration: Registration,
  timeout: number,
  signal: AbortSignal,
): Promise<RegistrationEvent & { readonly type: "registered" }> {
  const late = AbortSignal.timeout(timeout);
  let event: RegistrationEvent;
  try {
    event = await registration.settled(AbortSignal.any([signal, late]));
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) throw error;
    throw withHint(new SottoError("sip/timeout", "no answer from the registrar in time"));
  }
  switch (event.type) {
    case "registered":
      return event;
    case "refused":
    case "failed":
      throw withHint(event.error);
    default:
      throw new SottoError("session/ended", "the registration ended before it began");
  }
}

async function announceAll(
  registration: Registration,
  aor: string,
  printer: Printer,
  until: AbortSignal | undefined,
): Promise<void> {
  for await (const event of registration.events()) {
    if (until?.aborted !== true) announceRegistration(event, aor, printer);
  }
}

/** One event: a JSON line, or words on stderr. */
export function announceRegistration(
  event: RegistrationEvent,
  aor: string,
  printer: Printer,
): void {
  const address = escapeText(aor);
  const tell = (fields: Readonly<Record<string, unknown>>): void =>
    printer.event("registration", { state: event.type, address: aor, ...fields });
  switch (event.type) {
    case "registering":
      tell({});
      printer.detail(`registering ${address}`);
      break;
    case "registered":
      tell(registeredFields(event));
      printer.note(`registered ${address} for ${event.expires} s`);
      break;
    case "refused":
      tell({ status: event.response?.status, reason: event.error.message, code: event.error.code });
      printer.note(`${address} is not registered: ${event.error.message}`);
      break;
    case "failed":
      tell({ reason: event.error.message, code: event.error.code });
      printer.note(`${address} could not be registered, trying again: ${event.error.message}`);
      break;
    case "unregistered":
      tell({ confirmed: event.isConfirmed });
      printer.detail(
        event.isConfirmed
          ? `${address} is not registered any more`
          : `the registrar did not confirm that ${address} is gone: it will run out`,
      );
      break;
    default:
      event satisfies never;
  }
}

/** What the registrar said, for scripts. */
export function registeredFields(
  event: RegistrationEvent & { readonly type: "registered" },
): Record<string, unknown> {
  return {
    expires: event.expires,
    contacts: event.bindings.map((it) => ({
      uri: writeUri(it.address.uri),
      expires: it.expires,
      own: isOwn(event, it),
      instance: it.instance,
    })),
    outbound: event.isOutbound,
    server: event.server,
    serviceRoute: event.serviceRoute.map(({ uri }) => writeUri(uri)),
    registrar: `${event.destination.transport}:${event.destination.host}:${event.destination.port}`,
  };
}

/** Whether a binding is the one that we made. */
export function isOwn(
  { own }: RegistrationEvent & { readonly type: "registered" },
  binding: Binding,
): boolean {
  return own !== undefined && writeUri(own.address.uri) === writeUri(binding.address.uri);
}
