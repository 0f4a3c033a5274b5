/** What `sotto lab` tells people: what runs where, and what to type to try it. */
import type { Lab } from "../../lib/lab/mod.ts";

/** What of a lab the guide is about. */
export type GuidedLab = Pick<Lab, "sip" | "bots">;

/** What else it names. */
export interface GuideOptions {
  /** What the echo answers SMP with, if it may be shown: it was not given as a file. */
  readonly smpSecret: string | undefined;
  /** SHA-256 of the lab's certificate, for SIP over TLS. */
  readonly tlsFingerprint: string;
}

/** Lines for stdout. Nothing in them comes from a peer. */
export function labGuide(lab: GuidedLab, { smpSecret, tlsFingerprint }: GuideOptions): string[] {
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

/** A word for a shell of the POSIX kind. */
export function quote(text: string): string {
  return /^[\w./:@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
