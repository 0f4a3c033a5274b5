/** Recorded conversations: who did what, with every secret of ours, so that all of it can be done again. */
import { fromHex, toHex } from "../../lib/base/bytes.ts";
import type { RandomSource } from "../../lib/base/output.ts";
import { InProcessPeer } from "../../lib/harness/mod.ts";
import type { Peer, PeerEvent, PeerOperation, Side } from "../../lib/harness/mod.ts";
import { DsaPrivateKey } from "../../lib/otr/mod.ts";
import type { Clock } from "../../lib/session/clock.ts";
import { seededRandom } from "./seeded_random.ts";

/** One end, if it is ours: everything that it starts from. */
export interface OurEnd {
  readonly engine: "sotto";
  /** Blink's layout, in hexadecimal. Made for this purpose: it protects nothing. */
  readonly privateKey: string;
  readonly instanceTag: number;
  /** For `seededRandom`. */
  readonly seed: number;
}

/** The other end, if it is a foreign program. */
export interface ForeignEnd {
  readonly engine: string;
}

/** First line of a recording. */
export interface RecordingHeader {
  readonly type: "recording";
  readonly v: 1;
  readonly about: string;
  readonly ends: Readonly<Record<Side, OurEnd | ForeignEnd>>;
}

/** One operation and what it led to. */
export interface RecordedStep {
  readonly type: "step";
  readonly side: Side;
  readonly operation: PeerOperation;
  readonly events: readonly PeerEvent[];
}

/** Last lines: all octets that one of our ends drew, in order. Those of 40 are D-H private keys. */
export interface RecordedDraws {
  readonly type: "draws";
  readonly side: Side;
  readonly draws: readonly string[];
}

/** A whole recording. */
export interface Recording {
  readonly header: RecordingHeader;
  readonly steps: readonly RecordedStep[];
  readonly draws: readonly RecordedDraws[];
}

/** Whether an end is this library. */
export function isOurs(end: OurEnd | ForeignEnd): end is OurEnd {
  return "privateKey" in end;
}

/** Time that moves by a tenth of a second whenever somebody looks at it. */
export class SteppingClock implements Clock {
  #now = 0;

  now(): number {
    return this.#now += 100;
  }

  wallNow(): number {
    return this.#now;
  }

  reached(): Promise<void> {
    return new Promise(() => {}); // Nobody waits in a recording.
  }
}

/** The engine of an end of ours, as it was at the beginning. @param drawn Told of every draw. */
export function engineOf(end: OurEnd, drawn: (octets: Uint8Array) => void = () => {}): Peer {
  const source = seededRandom(end.seed);
  const random: RandomSource = (length) => {
    const octets = source(length);
    drawn(octets.slice());
    return octets;
  };
  const key = DsaPrivateKey.parse(fromHex(end.privateKey));
  return new InProcessPeer({
    identity: () => ({ key, instanceTag: end.instanceTag }),
    random,
    clock: new SteppingClock(),
  });
}

/** Hands everything through and keeps it. */
export function recordedPeer(peer: Peer, side: Side, steps: RecordedStep[]): Peer {
  return {
    label: peer.label,
    async perform(operation: PeerOperation): Promise<PeerEvent[]> {
      const events = await peer.perform(operation);
      steps.push({ type: "step", side, operation, events });
      return events;
    },
    close: () => peer.close(),
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  };
}

/** JSON Lines. */
export function writeRecording({ header, steps, draws }: Recording): string {
  return [header, ...steps, ...draws].map((it) => `${JSON.stringify(it)}\n`).join("");
}

/** Reads what {@link writeRecording} wrote. */
export function readRecording(text: string): Recording {
  const lines = text.trimEnd().split("\n").map((it) => JSON.parse(it));
  return {
    header: lines[0],
    steps: lines.filter((it) => it.type === "step"),
    draws: lines.filter((it) => it.type === "draws"),
  };
}

/** Collects draws as hexadecimal. */
export function drawLog(): { readonly draws: string[]; readonly drawn: (it: Uint8Array) => void } {
  const draws: string[] = [];
  return { draws, drawn: (octets) => draws.push(toHex(octets)) };
}
