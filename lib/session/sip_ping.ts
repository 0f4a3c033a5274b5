/**
 * Is there a SIP server, and what does it say? One OPTIONS outside of any dialog
 * (RFC 3261 §11.1), over a socket of its own: what a user agent knows cannot help or hinder it.
 */
import { SottoError } from "../base/errors.ts";
import { toHex, utf8 } from "../base/bytes.ts";
import type { RandomSource } from "../base/output.ts";
import type { HostPort } from "../base/wire_tap.ts";
import {
  type Destination,
  headerValue,
  identityFault,
  judgeSipMessage,
  newCallId,
  newTag,
  type SipMessage,
  type SipUri,
  StreamFramer,
  writeHostPort,
  writeUri,
} from "../sip/mod.ts";
import {
  bindUdp,
  type ByteStream,
  connectTcp,
  connectTls,
  type ConnectTlsOptions,
  localAddressTowards,
  type TlsInfo,
} from "../transport/mod.ts";
import type { Clock } from "./clock.ts";

/** What {@link pingSip} needs. */
export interface SipPingOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Whom the server is asked about. */
  readonly target: SipUri;
  /** The User-Agent. */
  readonly userAgent: string;
  /** Milliseconds, for everything. */
  readonly timeout: number;
  readonly tls?: Pick<
    ConnectTlsOptions,
    "certificate" | "ca" | "insecure" | "expectedFingerprints"
  >;
  readonly signal?: AbortSignal | undefined;
}

/** What the server answered. */
export interface SipPingAnswer {
  readonly status: number;
  readonly reason: string;
  /** Its Date, in milliseconds since 1970, if it said one that can be read (§20.17). */
  readonly date: number | undefined;
  /** Its Server or User-Agent, as it came. */
  readonly server: string | undefined;
  /** What TLS agreed on. */
  readonly tls: TlsInfo | undefined;
}

/**
 * Asks.
 *
 * @throws {SottoError} `sip/timeout` when nobody answers; `transport/…` when the server cannot
 * be reached, or its certificate is not that of the destination's domain; the signal's reason.
 */
export async function pingSip(to: Destination, options: SipPingOptions): Promise<SipPingAnswer> {
  const { clock, timeout, signal } = options;
  const giveUp = new AbortController();
  const aborted = signal === undefined ? giveUp.signal : AbortSignal.any([signal, giveUp.signal]);
  const late = new SottoError("sip/timeout", `no answer from ${writeHostPort(to.host, to.port)}`);
  const done = new AbortController();
  void clock.reached(clock.now() + timeout, done.signal).then(() => giveUp.abort(late));
  try {
    return to.transport === "udp"
      ? await overUdp(to, options, aborted)
      : await overStream(to, options, aborted);
  } finally {
    done.abort();
  }
}

/** RFC 3261 §17.1.2.2: timer E begins here, in milliseconds, and doubles up to T2. */
const FIRST_REPETITION = 500;
const LONGEST_REPETITION = 4000;

async function overUdp(
  to: Destination,
  options: SipPingOptions,
  signal: AbortSignal,
): Promise<SipPingAnswer> {
  const host = localAddressTowards(to.host);
  if (host === undefined) {
    const family = to.host.includes(":") ? "IPv6" : "IPv4";
    throw new SottoError("transport/unreachable", `this machine has no ${family} address`);
  }
  await using socket = await bindUdp({ host, port: 0 });
  signal.throwIfAborted();
  const request = requestFor(to, socket.local, options);
  const done = new AbortController();
  const repeating = (async () => {
    for (let pause = FIRST_REPETITION; !done.signal.aborted; pause *= 2) {
      await socket.send(request.octets, to);
      const wait = Math.min(pause, LONGEST_REPETITION);
      await untilEither(
        options.clock.reached(options.clock.now() + wait, done.signal),
        done.signal,
      );
    }
  })();
  const onAbort = (): void => void socket.close();
  signal.addEventListener("abort", onAbort, { once: true });
  repeating.catch(() => void socket.close());
  try {
    for await (const { data } of socket) {
      const judged = judgeSipMessage(data, { transport: "udp" });
      const answer = judged.verdict === "valid"
        ? answerIn(judged.message, request.branch)
        : undefined;
      if (answer !== undefined) return { ...answer, tls: undefined };
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    done.abort();
  }
  signal.throwIfAborted();
  await repeating; // Why nothing could be sent.
  throw new SottoError("transport/closed", "the socket was closed");
}

async function overStream(
  to: Destination,
  options: SipPingOptions,
  signal: AbortSignal,
): Promise<SipPingAnswer> {
  const place = { host: to.host, port: to.port };
  const domain = to.domain ?? to.host;
  await using stream: ByteStream = to.transport === "tcp"
    ? await connectTcp(place, { signal })
    : await connectTls(place, {
      ...options.tls,
      signal,
      serverName: domain,
      judgeNames: (names) => identityFault(names, domain),
    });
  signal.throwIfAborted();
  const onAbort = (): void => void stream.close();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const request = requestFor(to, stream.local, options);
    const writer = stream.writable.getWriter();
    await writer.write(request.octets);
    const framer = new StreamFramer();
    for await (const data of stream.readable) {
      for (const framed of framer.feed(data)) {
        if (framed.type === "broken") throw framed.error;
        if (framed.type !== "message") continue;
        const judged = judgeSipMessage(framed.bytes, { transport: to.transport });
        const answer = judged.verdict === "valid"
          ? answerIn(judged.message, request.branch)
          : undefined;
        if (answer !== undefined) return { ...answer, tls: stream.tls };
      }
    }
  } catch (error) {
    signal.throwIfAborted(); // Closing is how it was stopped.
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  signal.throwIfAborted();
  throw new SottoError("transport/reset", "the server closed the connection without an answer");
}

function requestFor(
  to: Destination,
  local: HostPort,
  { random, target, userAgent }: SipPingOptions,
): { readonly branch: string; readonly octets: Uint8Array } {
  const branch = `z9hG4bK${toHex(random(12))}`;
  const uri = writeUri({ ...target, headers: [] });
  const us = writeHostPort(local.host, local.port);
  const lines = [
    `OPTIONS ${uri} SIP/2.0`,
    `Via: SIP/2.0/${to.transport.toUpperCase()} ${us};branch=${branch};rport`,
    "Max-Forwards: 70",
    `From: <sip:anonymous@anonymous.invalid>;tag=${newTag(random)}`,
    `To: <${uri}>`,
    `Call-ID: ${newCallId(random)}`,
    "CSeq: 1 OPTIONS",
    `Contact: <sip:${us};transport=${to.transport}>`,
    "Accept: application/sdp",
    `User-Agent: ${userAgent}`,
    "Content-Length: 0",
    "",
    "",
  ];
  return { branch, octets: utf8(lines.join("\r\n")) };
}

/** A final response to our request: a provisional one is waited past. */
function answerIn(message: SipMessage, branch: string): Omit<SipPingAnswer, "tls"> | undefined {
  if (message.kind !== "response" || message.status < 200) return undefined;
  if (!(headerValue(message, "Via") ?? "").includes(branch)) return undefined;
  const date = Date.parse(headerValue(message, "Date") ?? "");
  return {
    status: message.status,
    reason: message.reason,
    date: Number.isNaN(date) ? undefined : date,
    server: headerValue(message, "Server") ?? headerValue(message, "User-Agent"),
  };
}

function untilEither(time: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  void time.then(resolve);
  return promise;
}
