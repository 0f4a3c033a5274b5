/** What `sotto lab` tells people: what runs where, and what to type to try it. */
import { writeHostPort } from "../../lib/sip/mod.ts";
import type { Lab } from "../../lib/lab/mod.ts";

/** What of a lab the guide is about. */
export type GuidedLab = Pick<Lab, "sip" | "msrp" | "bots" | "domain" | "address">;

/** What else it names. */
export interface GuideOptions {
  /** What the echo answers SMP with, if it may be shown: it was not given as a file. */
  readonly smpSecret: string | undefined;
  /** Names of the accounts. */
  readonly users: readonly string[];
  /** SHA-256 of the lab's certificate, for SIP over TLS. */
  readonly tlsFingerprint: string;
}

/** Lines for stdout. Nothing in them comes from a peer. */
export function labGuide(
  lab: GuidedLab,
  { smpSecret, users, tlsFingerprint }: GuideOptions,
): string[] {
  const secret = smpSecret === undefined ? "the secret of your file" : quote(smpSecret);
  const { echo, focus } = lab.bots;
  const smp = smpSecret === undefined
    ? `sotto smp ${echo} --secret-file FILE`
    : `SOTTO_SMP_SECRET=${quote(smpSecret)} sotto smp ${echo}`;
  const tls = lab.sip.find((it) => it.endsWith(";transport=tls"));
  return [
    "SIP",
    ...lab.sip.map((it) => `  ${it}`),
    ...(tls === undefined ? [] : [`  TLS certificate (SHA-256): ${tlsFingerprint}`]),
    ...(lab.msrp.length === 0 ? [] : ["", "MSRP relay", ...lab.msrp.map((it) => `  ${it}`)]),
    ...accounts(lab, users),
    "",
    `echo: says everything again, speaks OTR, answers SMP with ${secret}`,
    `  ${echo}`,
    `  $ sotto call ${echo} --otr require --send hello --expect hello`,
    `  $ ${smp}`,
    `  $ sotto chat ${echo}`,
    "",
    "conference: everybody who calls is in one room; nicknames and private messages, no OTR",
    `  ${focus}`,
    `  $ sotto chat ${focus} --from alice@127.0.0.1`,
    `  $ sotto chat ${focus} --from bob@127.0.0.1`,
  ];
}

/** How two accounts call each other through the proxy. */
function accounts(lab: GuidedLab, users: readonly string[]): string[] {
  if (users.length === 0) return [];
  const [callee = "", caller = callee] = users;
  const at = `sip:${writeHostPort(lab.address.host, lab.address.port)}`;
  const account = (name: string): string =>
    `--from ${quote(`${name}@${lab.domain}`)} --proxy ${quote(`${at};lr`)} --password-file FILE`;
  return [
    "",
    `accounts at ${lab.domain}: ${users.join(", ")}`,
    `  $ sotto answer --listen 127.0.0.1:0 ${account(callee)} --register --echo`,
    `  $ sotto call ${quote(`${callee}@${lab.domain}`)} ${account(caller)} --send hello`,
  ];
}

/** A word for a shell of the POSIX kind. */
export function quote(text: string): string {
  return /^[\w./:@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
