/**
 * Are the SIP servers of a URI there? Every step of RFC 3263, then a question to each place that
 * it led to, with what its certificate and its clock are worth.
 */
import type { Check } from "../base/check.ts";
import { PeerError, SottoError } from "../base/errors.ts";
import { escapeText } from "../base/escape.ts";
import {
  type Destination,
  locateServers,
  type Location,
  type LocationStep,
  type SipTransport,
  type SipUri,
  writeHostPort,
} from "../sip/mod.ts";
import { type DnsOptions, readCertificate, type TlsInfo } from "../transport/mod.ts";
import { locateByDns } from "./dns_look_up.ts";
import { pingSip, type SipPingAnswer, type SipPingOptions } from "./sip_ping.ts";

/** What {@link checkServers} needs. */
export interface ServerCheckOptions extends Omit<SipPingOptions, "target"> {
  /** Where requests go: the outbound proxy, or the target. */
  readonly hop: SipUri;
  /** Whom the servers are asked about. */
  readonly target: SipUri;
  /** Over what the URI says. */
  readonly transport?: SipTransport | undefined;
  readonly dns?: DnsOptions | undefined;
  /** Told of everybody that a packet goes to, before it does. */
  readonly onContact?: ((whom: string) => void) | undefined;
}

/** Places that are asked; a domain with more has them for load. */
const MOST_ASKED = 4;

/** Checks, in the order in which a request goes its way. Rejects with the signal's reason alone. */
export async function* checkServers(options: ServerCheckOptions): AsyncGenerator<Check> {
  const { hop, random, transport, dns, signal, onContact } = options;
  onContact?.(`the name server, about ${escapeText(hop.host, 100)}`);
  const location = await locateByDns(locateServers(hop, { random, transport }), {
    ...dns,
    ...(signal !== undefined ? { signal } : {}),
  });
  yield* dnsChecks(location);
  const asked: Check[] = [];
  const answers: SipPingAnswer[] = [];
  for (const to of location.destinations.slice(0, MOST_ASKED)) {
    const place = `${to.transport} ${writeHostPort(to.host, to.port)}`;
    onContact?.(place);
    try {
      const answer = await pingSip(to, options);
      answers.push(answer);
      asked.push(serverCheck(to, place, answer));
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof SottoError)) throw error;
      asked.push(failedCheck(nameOf(to, error), place, error));
    }
  }
  // One server that takes requests is enough (RFC 3263 §4.3).
  const isServed = asked.some(({ status }) => status === "ok");
  for (const check of asked) {
    yield check.status === "failed" && isServed ? { ...check, isOptional: true } : check;
  }
  for (const { tls } of answers) if (tls !== undefined) yield certificateCheck(tls, options);
  yield* clockChecks(answers, options);
}

function* dnsChecks({ steps, error }: Location): Generator<Check> {
  for (const step of steps) yield { name: nameOfStep(step), status: "ok", detail: shown(step) };
  if (error === undefined) return;
  const hint = HINTS[error.code] ?? "is the domain spelled right? ask its DNS with dig";
  yield { name: "dns", status: "failed", detail: error.message, hint };
}

function nameOfStep({ question }: LocationStep): string {
  return question === undefined ? "dns.decision" : `dns.${question.type.toLowerCase()}`;
}

function shown({ clause, question, found = [], decision }: LocationStep): string {
  const what = question === undefined
    ? ""
    : `${question.type} ${escapeText(question.name, 200)}: ${found.join("; ") || "nothing"}: `;
  return `${what}${decision} (${clause})`;
}

function nameOf({ transport }: Destination, { code }: SottoError): string {
  return code.startsWith("transport/tls-") ? "tls" : `server.${transport}`;
}

function serverCheck(
  { transport }: Destination,
  place: string,
  { status, reason, server, tls }: SipPingAnswer,
): Check {
  const name = server === undefined ? "" : `, ${escapeText(server, 80)}`;
  const secure = tls === undefined ? "" : `, ${tls.protocol}`;
  const detail = `${place} answers ${status} ${escapeText(reason, 80)}${name}${secure}`;
  // RFC 3261 §11.2: whatever it is, it is an answer; but 503 wants to be left alone.
  return status === 503
    ? {
      name: `server.${transport}`,
      status: "failed",
      detail,
      hint: "the server is overloaded or down: try later",
    }
    : { name: `server.${transport}`, status: "ok", detail };
}

/** A failure as a check, with what to do about it. */
export function failedCheck(name: string, place: string, error: SottoError): Check {
  const hint = HINTS[error.code] ?? "docs/errors explains the code " + error.code;
  return { name, status: "failed", detail: `${place}: ${error.message}`, hint };
}

const HINTS: Readonly<Record<string, string>> = {
  "transport/refused": "nobody listens there: check host, port and transport",
  "transport/unreachable": "no way leads there: check the network, VPN and address family",
  "transport/timeout": "a firewall on the way drops it: try another transport or port",
  "transport/reset": "the server, or something on the way, hangs up: try TLS",
  "transport/name-not-found": "is the domain spelled right?",
  "transport/name-server":
    "the name server does not answer: check /etc/resolv.conf and the network",
  "transport/tls-handshake": "is it a TLS port? SIP over TLS is usually 5061",
  "transport/tls-untrusted":
    "if you know the authority, name it with --tls-ca or tls-ca; else ask the provider",
  "transport/tls-expired": "check the clock; else the provider has to renew the certificate",
  "transport/tls-wrong-name":
    "the certificate must name the domain (RFC 5922): is the proxy's name the one that it is issued to?",
  "transport/tls-fingerprint-mismatch": "another certificate than the pinned one: ask the provider",
  "sip/timeout": "silence: a firewall drops UDP, or nothing is there; try --transport tcp or tls",
  "sip/no-server": "the domain has no SIP server with an address",
  "sip/not-available": "the domain does not offer this transport: try another",
};

/** Days before its end at which a certificate is told of. */
const SOON = 14;
const DAY = 86_400_000;

function certificateCheck(tls: TlsInfo, { clock, tls: trust }: ServerCheckOptions): Check {
  const name = "tls";
  if (tls.peerCertificate === undefined) {
    return { name, status: "failed", detail: "no certificate was shown", hint: "ask the provider" };
  }
  try {
    const { notAfter, issuerName } = readCertificate(tls.peerCertificate);
    const until = new Date(notAfter).toISOString().slice(0, 10);
    const by = issuerName === undefined ? "" : `, issued by ${escapeText(issuerName, 80)}`;
    const blind = trust?.insecure === true ? ", and nobody checks who it is of" : "";
    const detail = `the certificate is good until ${until}${by}${blind}`;
    if ((notAfter - clock.wallNow()) / DAY > SOON) return { name, status: "ok", detail };
    return {
      name,
      status: "failed",
      detail,
      hint: "the provider has to renew it soon",
      isOptional: true,
    };
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return { name, status: "failed", detail: error.message, hint: "ask the provider" };
  }
}

/** How far clocks may differ, in milliseconds: nonces live for minutes. */
const CLOCK_TOLERANCE = 2 * 60_000;

function* clockChecks(
  answers: readonly SipPingAnswer[],
  { clock }: ServerCheckOptions,
): Generator<Check> {
  const date = answers.find((it) => it.date !== undefined)?.date;
  if (date === undefined) return;
  const name = "clock.server";
  const seconds = Math.round((date - clock.wallNow()) / 1000);
  const detail = `the server's clock differs by ${Math.abs(seconds)} s`;
  yield Math.abs(seconds) * 1000 <= CLOCK_TOLERANCE ? { name, status: "ok", detail } : {
    name,
    status: "failed",
    detail: `${detail}: it says ${new Date(date).toISOString()}`,
    hint: "set the clock, for example with ntpd; if it is right, tell the provider",
    isOptional: true,
  };
}
