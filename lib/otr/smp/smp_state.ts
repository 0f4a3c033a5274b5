/**
 * smpstate: the Socialist Millionaires' Protocol as one total table ("The SMP state
 * machine"). EXPECT1 with an open question is a state of its own here: the peer asked and
 * our user has not answered yet.
 */
import { PeerError } from "../../base/errors.ts";
import type { RandomSource } from "../../base/output.ts";
import {
  type SmpMessage,
  type SmpMessageName,
  type SmpNumbers,
  writeSmpMessage,
} from "./smp_messages.ts";
import type { Tlv } from "../wire/tlv.ts";
import {
  checkCoordinates,
  checkExponent,
  checkSameExponent,
  makeCoordinates,
  power,
  powerOfG1,
  proveExponent,
  proveSameExponent,
  quotient,
  randomExponent,
  requireMember,
} from "./zero_knowledge.ts";

/** Nothing is going on. */
export interface Expect1 {
  readonly name: "SMPSTATE_EXPECT1";
}

/** Still EXPECT1 for the specification: message 1 was checked, our user has to answer. */
export interface AwaitingAnswer {
  readonly name: "SMPSTATE_EXPECT1_ASKED";
  readonly question: Uint8Array | undefined;
  readonly g2a: bigint;
  readonly g3a: bigint;
}

/** We sent message 1. */
export interface Expect2 {
  readonly name: "SMPSTATE_EXPECT2";
  readonly question: Uint8Array | undefined;
  readonly x: Uint8Array;
  readonly a2: Uint8Array;
  readonly a3: Uint8Array;
}

/** We sent message 2. */
export interface Expect3 {
  readonly name: "SMPSTATE_EXPECT3";
  readonly question: Uint8Array | undefined;
  readonly g2: bigint;
  readonly g3: bigint;
  readonly g3a: bigint;
  readonly b3: Uint8Array;
  readonly Pb: bigint;
  readonly Qb: bigint;
}

/** We sent message 3. */
export interface Expect4 {
  readonly name: "SMPSTATE_EXPECT4";
  readonly question: Uint8Array | undefined;
  readonly g3b: bigint;
  readonly a3: Uint8Array;
  readonly PaOverPb: bigint;
  readonly QaOverQb: bigint;
}

/** smpstate. */
export type SmpState = Expect1 | AwaitingAnswer | Expect2 | Expect3 | Expect4;

/** Who began. */
export type SmpRole = "initiator" | "responder";

/** What the user is to be told. */
export type SmpOutcome =
  | "asked"
  | "in-progress"
  | "success"
  | "failure"
  | "aborted"
  | "error"
  | "cheated";

/** What a message or a wish of the user led to. */
export interface SmpTransition {
  readonly next: SmpState;
  readonly send: readonly Tlv[];
  /** Undefined: nothing to tell. */
  readonly outcome?: {
    readonly what: SmpOutcome;
    readonly role: SmpRole;
    readonly question: Uint8Array | undefined;
    readonly error?: PeerError;
  };
}

/** The state before and after every exchange. */
export const EXPECT1: Expect1 = { name: "SMPSTATE_EXPECT1" };

type Received = Exclude<SmpMessage, { type: "abort" }>;
type Handler<S, M> = (state: S, message: M, random: RandomSource) => SmpTransition;
type Cells<S> = { [M in Received as M["type"]]: Handler<S, M> | "refuse" };

/** Every state and every message but the abort; a cell is a handler or the word `refuse`. */
export const SMP_TRANSITIONS: { [S in SmpState as S["name"]]: Cells<S> } = {
  SMPSTATE_EXPECT1: {
    smp1: receiveMessage1,
    smp2: "refuse",
    smp3: "refuse",
    smp4: "refuse",
  },
  SMPSTATE_EXPECT1_ASKED: {
    // The specification is still in EXPECT1: a new question replaces the open one.
    smp1: receiveMessage1,
    smp2: "refuse",
    smp3: "refuse",
    smp4: "refuse",
  },
  SMPSTATE_EXPECT2: {
    smp1: "refuse",
    smp2: receiveMessage2,
    smp3: "refuse",
    smp4: "refuse",
  },
  SMPSTATE_EXPECT3: {
    smp1: "refuse",
    smp2: "refuse",
    smp3: receiveMessage3,
    smp4: "refuse",
  },
  SMPSTATE_EXPECT4: {
    smp1: "refuse",
    smp2: "refuse",
    smp3: "refuse",
    smp4: receiveMessage4,
  },
};

/**
 * Feeds one message of the peer. Never throws for what the peer did: a message that does
 * not belong here or does not check out aborts the exchange, as the specification says.
 */
export function receiveSmpMessage(
  state: SmpState,
  message: SmpMessage,
  random: RandomSource,
): SmpTransition {
  if (message.type === "abort") return receiveAbort(state);
  // As in the AKE: the table's type pairs state and message, inference cannot.
  const handler = SMP_TRANSITIONS[state.name][message.type] as
    | Handler<SmpState, Received>
    | "refuse";
  if (handler === "refuse") return refuse(state, message.type);
  try {
    return handler(state, message, random);
  } catch (error) {
    if (error instanceof PeerError) return failSmp(state, error);
    throw error;
  }
}

/** Message 1 of ours. Whatever was going on is aborted first ("User requests to begin SMP"). */
export function startSmp(
  state: SmpState,
  x: Uint8Array,
  question: Uint8Array | undefined,
  random: RandomSource,
): SmpTransition {
  const abort = isInProgress(state) ? [ABORT] : [];
  wipeSmpState(state);
  const a2 = randomExponent(random);
  const a3 = randomExponent(random);
  const { c: c2, D: D2 } = proveExponent(1, a2, random);
  const { c: c3, D: D3 } = proveExponent(2, a3, random);
  const numbers = { g2a: powerOfG1(a2), c2, D2, g3a: powerOfG1(a3), c3, D3 };
  const message = {
    type: "smp1",
    numbers,
    ...(question === undefined ? {} : { question }),
  } as const;
  return {
    next: { name: "SMPSTATE_EXPECT2", question, x, a2, a3 },
    send: [...abort, writeSmpMessage(message)],
  };
}

/** Message 2: our user answered. */
export function answerSmp(
  { question, g2a, g3a }: AwaitingAnswer,
  y: Uint8Array,
  random: RandomSource,
): SmpTransition {
  const b2 = randomExponent(random);
  const b3 = randomExponent(random);
  const { c: c2, D: D2 } = proveExponent(3, b2, random);
  const { c: c3, D: D3 } = proveExponent(4, b3, random);
  const g2 = power(g2a, b2);
  const g3 = power(g3a, b3);
  const { P: Pb, Q: Qb, cP, D5, D6 } = makeCoordinates(5, { g2, g3 }, y, random);
  const g2b = powerOfG1(b2);
  const g3b = powerOfG1(b3);
  b2.fill(0);
  y.fill(0);
  const numbers = { g2b, c2, D2, g3b, c3, D3, Pb, Qb, cP, D5, D6 };
  return {
    next: { name: "SMPSTATE_EXPECT3", question, g2, g3, g3a, b3, Pb, Qb },
    send: [writeSmpMessage({ type: "smp2", numbers })],
    outcome: { what: "in-progress", role: "responder", question },
  };
}

/** Our user gave up: the abort is sent in all cases ("User requests to abort SMP"). */
export function abortSmp(state: SmpState): SmpTransition {
  wipeSmpState(state);
  return { next: EXPECT1, send: [ABORT], ...told(state, "aborted") };
}

/** A TLV that could not even be read, or a proof that does not hold: abort. */
export function failSmp(state: SmpState, error: PeerError): SmpTransition {
  wipeSmpState(state);
  const what = error.code === "otr/bad-smp-message" ? "error" : "cheated";
  const role = roleIn(state) ?? "responder";
  const question = questionOf(state);
  return { next: EXPECT1, send: [ABORT], outcome: { what, role, question, error } };
}

/** Leaving the encrypted state: nothing is sent, everything is forgotten. */
export function abandonSmp(state: SmpState): SmpTransition {
  wipeSmpState(state);
  return { next: EXPECT1, send: [], ...told(state, "aborted") };
}

/** Whether an exchange is going on, an open question included. */
export function isInProgress(state: SmpState): boolean {
  return state.name !== "SMPSTATE_EXPECT1";
}

const ABORT: Tlv = writeSmpMessage({ type: "abort" });

function receiveMessage1(
  _state: SmpState,
  message: Extract<SmpMessage, { type: "smp1" }>,
): SmpTransition {
  const { g2a, c2, D2, g3a, c3, D3 } = message.numbers;
  requireMember(g2a, "g2a");
  requireMember(g3a, "g3a");
  checkExponent(1, g2a, { c: c2, D: D2 });
  checkExponent(2, g3a, { c: c3, D: D3 });
  const { question } = message;
  return {
    next: { name: "SMPSTATE_EXPECT1_ASKED", question, g2a, g3a },
    send: [],
    outcome: { what: "asked", role: "responder", question },
  };
}

function receiveMessage2(
  { x, a2, a3, question }: Expect2,
  { numbers }: { numbers: SmpNumbers<"smp2"> },
  random: RandomSource,
): SmpTransition {
  const { g2b, c2, D2, g3b, c3, D3, Pb, Qb, cP, D5, D6 } = numbers;
  for (const [value, name] of [[g2b, "g2b"], [g3b, "g3b"], [Pb, "Pb"], [Qb, "Qb"]] as const) {
    requireMember(value, name);
  }
  checkExponent(3, g2b, { c: c2, D: D2 });
  checkExponent(4, g3b, { c: c3, D: D3 });
  const g2 = power(g2b, a2);
  const g3 = power(g3b, a3);
  checkCoordinates(5, { g2, g3 }, { P: Pb, Q: Qb }, { cP, D5, D6 });
  const ours = makeCoordinates(6, { g2, g3 }, x, random);
  const QaOverQb = quotient(ours.Q, Qb);
  const { c: cR, D: D7 } = proveSameExponent(7, QaOverQb, a3, random);
  const Ra = power(QaOverQb, a3);
  a2.fill(0);
  x.fill(0);
  return {
    next: {
      name: "SMPSTATE_EXPECT4",
      question,
      g3b,
      a3,
      PaOverPb: quotient(ours.P, Pb),
      QaOverQb,
    },
    send: [
      writeSmpMessage({
        type: "smp3",
        numbers: { Pa: ours.P, Qa: ours.Q, cP: ours.cP, D5: ours.D5, D6: ours.D6, Ra, cR, D7 },
      }),
    ],
    outcome: { what: "in-progress", role: "initiator", question },
  };
}

function receiveMessage3(
  { g2, g3, g3a, b3, Pb, Qb, question }: Expect3,
  { numbers }: { numbers: SmpNumbers<"smp3"> },
  random: RandomSource,
): SmpTransition {
  const { Pa, Qa, cP, D5, D6, Ra, cR, D7 } = numbers;
  for (const [value, name] of [[Pa, "Pa"], [Qa, "Qa"], [Ra, "Ra"]] as const) {
    requireMember(value, name);
  }
  if (Pa === Pb || Qa === Qb) {
    throw new PeerError("otr/bad-smp-value", RULE, "expected Pa and Qa to differ from Pb and Qb");
  }
  checkCoordinates(6, { g2, g3 }, { P: Pa, Q: Qa }, { cP, D5, D6 });
  const QaOverQb = quotient(Qa, Qb);
  checkSameExponent(7, g3a, QaOverQb, Ra, { c: cR, D: D7 });
  const Rb = power(QaOverQb, b3);
  const { c, D } = proveSameExponent(8, QaOverQb, b3, random);
  const isEqual = power(Ra, b3) === quotient(Pa, Pb);
  b3.fill(0);
  return {
    next: EXPECT1,
    send: [writeSmpMessage({ type: "smp4", numbers: { Rb, cR: c, D7: D } })],
    outcome: { what: isEqual ? "success" : "failure", role: "responder", question },
  };
}

function receiveMessage4(
  { g3b, a3, PaOverPb, QaOverQb, question }: Expect4,
  { numbers }: { numbers: SmpNumbers<"smp4"> },
): SmpTransition {
  const { Rb, cR, D7 } = numbers;
  requireMember(Rb, "Rb");
  checkSameExponent(8, g3b, QaOverQb, Rb, { c: cR, D: D7 });
  const isEqual = power(Rb, a3) === PaOverPb;
  a3.fill(0);
  return {
    next: EXPECT1,
    send: [],
    outcome: { what: isEqual ? "success" : "failure", role: "initiator", question },
  };
}

/**
 * An abort is never answered. In EXPECT4 it is how some engines say that the secrets
 * differ: no person can be that fast between messages 3 and 4.
 */
function receiveAbort(state: SmpState): SmpTransition {
  wipeSmpState(state);
  const what = state.name === "SMPSTATE_EXPECT4" ? "failure" : "aborted";
  return { next: EXPECT1, send: [], ...told(state, what) };
}

/** A message that the state does not expect: abort. Two message 1 that crossed are no error. */
function refuse(state: SmpState, type: SmpMessageName): SmpTransition {
  wipeSmpState(state);
  if (type === "smp1") return { next: EXPECT1, send: [ABORT], ...told(state, "aborted") };
  const error = new PeerError("otr/unexpected-smp", RULE, `${type} in ${state.name}`);
  return {
    next: EXPECT1,
    send: [ABORT],
    outcome: {
      what: "error",
      role: roleIn(state) ?? (type === "smp3" ? "responder" : "initiator"),
      question: questionOf(state),
      error,
    },
  };
}

/** Tells only somebody who has something going on. */
function told(state: SmpState, what: SmpOutcome): Pick<SmpTransition, "outcome"> {
  const role = roleIn(state);
  return role === undefined ? {} : { outcome: { what, role, question: questionOf(state) } };
}

function roleIn(state: SmpState): SmpRole | undefined {
  switch (state.name) {
    case "SMPSTATE_EXPECT1":
      return undefined;
    case "SMPSTATE_EXPECT1_ASKED":
    case "SMPSTATE_EXPECT3":
      return "responder";
    default:
      return "initiator";
  }
}

function questionOf(state: SmpState): Uint8Array | undefined {
  return state.name === "SMPSTATE_EXPECT1" ? undefined : state.question;
}

function wipeSmpState(state: SmpState): void {
  switch (state.name) {
    case "SMPSTATE_EXPECT2":
      for (const secret of [state.x, state.a2, state.a3]) secret.fill(0);
      return;
    case "SMPSTATE_EXPECT3":
      state.b3.fill(0);
      return;
    case "SMPSTATE_EXPECT4":
      state.a3.fill(0);
      return;
    default:
      return;
  }
}

const RULE = "OTRv3 The SMP state machine";
