/** Addresses as people give them: whom to call, who we are, where to listen. */
import { parseSipUri, type SipUri } from "../../lib/sip/mod.ts";
import { canonicalAor } from "../../lib/storage/mod.ts";
import { DEFAULT_LISTEN, type SessionCommand, type SessionFlags } from "../options/session.ts";
import { usageError } from "../output/cli_error.ts";

/** RFC 3261 §8.1.1.3: who does not say who they are. Never recorded as anybody. */
export const ANONYMOUS = "anonymous@anonymous.invalid";

/** An address with a URI of it. */
export interface Party {
  readonly uri: SipUri;
  /** Address of record, as trust is kept under. */
  readonly aor: string;
}

/**
 * Whom to call: `sip:` and `sips:` URIs as they are, a bare address gets `sip:`.
 * @throws {CliError} status 2.
 */
export function parseTarget(target: string): Party {
  const uri = parseUri(target);
  const aor = canonicalAor(target);
  if (aor === undefined) {
    throw usageError(`expected a SIP address, not ${JSON.stringify(target)}`);
  }
  return { uri, aor };
}

/**
 * Who we are: what `--from` says, or nobody.
 * @throws {CliError} status 2.
 */
export function parseIdentity(from: string | undefined): Party {
  if (from === undefined) return { uri: parseUri(`sip:${ANONYMOUS}`), aor: ANONYMOUS };
  const aor = canonicalAor(from);
  if (aor === undefined || !aor.includes("@")) {
    throw usageError(`--from: expected user@domain, not ${JSON.stringify(from)}`);
  }
  return { uri: parseUri(`sip:${aor}`), aor };
}

/**
 * Where to listen, an entry for each transport. An answerer listens somewhere in any case, unless
 * calls find it through its registrar, over what the registration was made with.
 */
export function listenAddresses(
  flags: SessionFlags,
  kind: SessionCommand,
  isRegistered: boolean = false,
): { host: string; port: number; transport: "udp" | "tcp" | "tls" }[] {
  const given = flags.listen.length === 0 && waitsForCalls(flags, kind) && !isRegistered
    ? [DEFAULT_LISTEN]
    : flags.listen;
  return given.flatMap(({ host, port, transports }) =>
    transports.map((transport) => ({ host, port, transport }))
  );
}

/** Whether calls come in, rather than go out. */
export function waitsForCalls(flags: SessionFlags, kind: SessionCommand): boolean {
  return kind === "answer" || flags.waitsForCall === true;
}

function parseUri(target: string): SipUri {
  const isUri = /^sips?:/i.test(target);
  const text = isUri ? target : `sip:${target}`;
  if (!isUri && !target.includes("@")) {
    throw usageError(
      `expected a SIP address, not ${JSON.stringify(target)}`,
      "for example bob@example.com or sip:192.0.2.7",
    );
  }
  try {
    return parseSipUri(text);
  } catch (error) {
    const why = error instanceof Error ? `: ${error.message}` : "";
    throw usageError(`expected a SIP address, not ${JSON.stringify(target)}${why}`);
  }
}
