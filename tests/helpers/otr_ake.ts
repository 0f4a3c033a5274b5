/** The four messages of an AKE, and the states on both sides, for tests of single steps. */
import {
  type AkeContext,
  type AkeState,
  type AkeTransition,
  AUTH_NONE,
  receiveAkeMessage,
  startAke,
} from "../../lib/otr/ake/ake_state.ts";
import type { AkeBody, OtrVersion } from "../../lib/otr/mod.ts";
import { testKey } from "./otr_pair.ts";
import { seededRandom } from "./seeded_random.ts";

/** A context with a test key and reproducible randomness. */
export function akeContext(name: string, seed: number): AkeContext {
  return { key: testKey(name), random: seededRandom(seed) };
}

/** One exchange up to every point of it: Bob commits to Alice. */
export interface AkeRun {
  readonly bob: AkeContext;
  readonly alice: AkeContext;
  readonly committed: AkeTransition;
  readonly answered: AkeTransition;
  readonly revealed: AkeTransition;
  readonly signed: AkeTransition;
  readonly completed: AkeTransition;
}

/** Runs an exchange. States are shared with the next step: do not go on from two of them. */
export function runAke(seed: number, version: OtrVersion = 3): AkeRun {
  const bob = akeContext("bob", seed);
  const alice = akeContext("alice", seed + 1000);
  const committed = startAke(version, bob);
  const answered = step(AUTH_NONE, sentBy(committed), alice, version);
  const revealed = step(committed.next, sentBy(answered), bob, version);
  const signed = step(answered.next, sentBy(revealed), alice, version);
  const completed = step(revealed.next, sentBy(signed), bob, version);
  return { bob, alice, committed, answered, revealed, signed, completed };
}

/** What a transition sends. */
export function sentBy({ send }: AkeTransition): AkeBody {
  if (send === undefined) throw new Error("expected a message to send");
  return send.body;
}

/** Feeds a message that must not be ignored. */
export function step(
  state: AkeState,
  body: AkeBody,
  context: AkeContext,
  version: OtrVersion = 3,
): AkeTransition {
  const transition = receiveAkeMessage(state, body, version, context);
  if (transition === undefined) throw new Error(`${state.name} ignores ${body.type}`);
  return transition;
}
