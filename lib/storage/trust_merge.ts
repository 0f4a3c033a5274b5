/**
 * Two people changed `trusted_peers` at once, one of them in an editor: what both meant, row by
 * row, and where they contradict each other.
 */
import { equalBytes } from "../base/bytes.ts";
import {
  appendLine,
  type FileLine,
  type PeerTrust,
  withTrust,
  writeTrustedPeers,
} from "./trusted_peers_file.ts";

/** Both changed the same thing in different ways. */
export interface TrustConflict {
  /** Whose row; `undefined` when it is about comments and other lines. */
  readonly aor: string | undefined;
  readonly fingerprint: string | undefined;
  /** What our side made of it. */
  readonly ours: PeerTrust | "removed" | "changed";
  /** What the other side made of it. */
  readonly theirs: PeerTrust | "removed" | "changed";
}

/** The outcome of {@link mergeTrust}. */
export interface TrustMerge {
  /** The merged file; where there is a conflict, as our side has it. */
  readonly lines: readonly FileLine[];
  readonly conflicts: readonly TrustConflict[];
}

/**
 * Merges two changes of one file.
 *
 * @param base What both started from.
 * @param ours What the editor made of it: decides where both contradict.
 * @param theirs What the file contains now.
 */
export function mergeTrust(
  base: readonly FileLine[],
  ours: readonly FileLine[],
  theirs: readonly FileLine[],
): TrustMerge {
  const [baseText, ourText, theirText] = [base, ours, theirs].map(otherLines);
  const ourTextChanged = !sameBytes(baseText, ourText);
  const theirTextChanged = !sameBytes(baseText, theirText);
  const textConflict = ourTextChanged && theirTextChanged && !sameBytes(ourText, theirText);
  // The side that moved comments about carries the other side's rows.
  const carrierIsTheirs = theirTextChanged && !ourTextChanged;
  const [carrier, guest] = carrierIsTheirs ? [theirs, ours] : [ours, theirs];
  const states = { base: statesOf(base), carrier: statesOf(carrier), guest: statesOf(guest) };
  const conflicts: TrustConflict[] = textConflict
    ? [{ aor: undefined, fingerprint: undefined, ours: "changed", theirs: "changed" }]
    : [];
  let lines = carrier;
  for (const key of new Set([...states.base.keys(), ...states.guest.keys()])) {
    const [before, here, there] = [states.base, states.carrier, states.guest].map((it) =>
      it.get(key)
    );
    if (there?.trust === before?.trust || there?.trust === here?.trust) continue;
    const contradicts = here?.trust !== before?.trust;
    if (contradicts) conflicts.push(conflictOf(key, here, there, carrierIsTheirs));
    if (contradicts && !carrierIsTheirs) continue;
    lines = applyState(lines, key, there);
  }
  return { lines, conflicts };
}

interface RowState {
  readonly trust: PeerTrust;
  readonly line: FileLine;
}

function keyOf({ row }: FileLine): string | undefined {
  return row === undefined ? undefined : `${row.aor}\t${row.fingerprint}`;
}

/** What each fingerprint of each address is worth; of several rows the strongest counts. */
function statesOf(lines: readonly FileLine[]): Map<string, RowState> {
  const states = new Map<string, RowState>();
  for (const line of lines) {
    const key = keyOf(line);
    if (key === undefined || line.row === undefined) continue;
    if (states.get(key)?.trust !== "verified") states.set(key, { trust: line.row.trust, line });
  }
  return states;
}

function applyState(
  lines: readonly FileLine[],
  key: string,
  state: RowState | undefined,
): readonly FileLine[] {
  if (state === undefined) return lines.filter((line) => keyOf(line) !== key);
  if (!lines.some((line) => keyOf(line) === key)) return appendLine(lines, state.line);
  return lines.map((line) => keyOf(line) === key ? withTrust(line, state.trust) : line);
}

function conflictOf(
  key: string,
  here: RowState | undefined,
  there: RowState | undefined,
  carrierIsTheirs: boolean,
): TrustConflict {
  const [aor, fingerprint] = key.split("\t");
  const [ours, theirs] = carrierIsTheirs ? [there, here] : [here, there];
  return { aor, fingerprint, ours: ours?.trust ?? "removed", theirs: theirs?.trust ?? "removed" };
}

function otherLines(lines: readonly FileLine[]): Uint8Array {
  return writeTrustedPeers(lines.filter(({ row }) => row === undefined));
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && equalBytes(a, b);
}
