/** One question to a name server (RFC 1035), by Deno's resolver, with a bound on time and answer. */

import { SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import type { HostPort } from "../base/wire_tap.ts";
import type { WaitOptions } from "./listener.ts";
import { networkError, plainHost, showHostPort } from "./network_error.ts";

/** Whom to ask, and for how long. */
export interface DnsOptions extends WaitOptions {
  /** The server to ask, by its address; those of the system by default. */
  readonly nameServer?: HostPort | undefined;
  /** Milliseconds that one question may take, repetitions included. Default 10,000. */
  readonly timeout?: number | undefined;
  /** Records of one answer that are looked at; the rest is dropped. Default 64. */
  readonly recordLimit?: number | undefined;
}

/** The types of record that are asked for, and what the resolver makes of each. */
export interface DnsAnswers {
  readonly A: string;
  readonly AAAA: string;
  readonly SRV: Deno.SrvRecord;
  readonly NAPTR: Deno.NaptrRecord;
}

/** A type of record. */
export type DnsType = keyof DnsAnswers;

/**
 * The records of `type` that `name` has. Deno's resolver does not tell "no such name" from
 * "no such record", nor either from a server that fails (SERVFAIL) or refuses: all are an
 * empty answer (SPEC NOTE transport-1).
 *
 * @param name With a final dot it is taken as it is; else the system may search its domains.
 * @throws {SottoError} `transport/name-server` when nobody answers or the answer is unusable,
 * `transport/name-not-found` when DNS cannot even ask for such a name.
 */
export async function askDns<Type extends DnsType>(
  name: string,
  type: Type,
  { signal, nameServer, timeout = 10_000, recordLimit = 64 }: DnsOptions = {},
): Promise<readonly DnsAnswers[Type][]> {
  signal?.throwIfAborted();
  const waiting = new AbortController();
  const onAbort = (): void => waiting.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(
    () => waiting.abort(new DOMException("silence", "TimeoutError")),
    timeout,
  );
  const options: Deno.ResolveDnsOptions = {
    signal: waiting.signal,
    ...(nameServer === undefined
      ? {}
      : { nameServer: { ipAddr: plainHost(nameServer.host), port: nameServer.port } }),
  };
  try {
    return (await resolvers[type](name, options)).slice(0, recordLimit);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Deno.errors.NotFound) return [];
    throw dnsError(error, name, type, nameServer);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** One call a type: the overloads of Deno's resolver take no union. */
const resolvers: {
  readonly [Type in DnsType]: (
    name: string,
    options: Deno.ResolveDnsOptions,
  ) => Promise<DnsAnswers[Type][]>;
} = {
  A: (name, options) => Deno.resolveDns(name, "A", options),
  AAAA: (name, options) => Deno.resolveDns(name, "AAAA", options),
  SRV: (name, options) => Deno.resolveDns(name, "SRV", options),
  NAPTR: (name, options) => Deno.resolveDns(name, "NAPTR", options),
};

function dnsError(
  error: unknown,
  name: string,
  type: DnsType,
  nameServer: HostPort | undefined,
): SottoError {
  const doing = `cannot look up ${type} of ${escapeText(name, 100)}`;
  const { name: kind, message } = error instanceof Error ? error : new Error(String(error));
  if (/label|unrecognized char|domain name too long/i.test(message)) {
    const code = "transport/name-not-found";
    return new SottoError(code, `${doing}: no host can have this name`, { cause: error });
  }
  const known = networkError(error, doing);
  if (known.code === "transport/not-permitted") return known;
  const server = nameServer === undefined
    ? "the name server"
    : `the name server ${showHostPort(nameServer)}`;
  const isSilence = kind === "TimedOut" || kind === "TimeoutError";
  const reason = isSilence ? "does not answer" : `cannot be used: ${escapeText(message, 200)}`;
  return new SottoError("transport/name-server", `${doing}: ${server} ${reason}`, { cause: error });
}
