/** The events of a call whose setting up has a deadline. */
import { SottoError } from "../base/errors.ts";
import type { Clock } from "./clock.ts";
import type { SipCallEvent } from "./sip_endpoint.ts";

/** How long to wait, and for whom. */
export interface EventPatience {
  readonly clock: Clock;
  /** When to give up, by {@link clock}. */
  readonly deadline: number;
  /** Names the other side in messages. */
  readonly peer: string;
}

/**
 * The next event of a call.
 * @throws {SottoError} `session/timeout` at the deadline, `session/ended` behind the last event.
 */
export async function nextEvent(
  events: AsyncIterator<SipCallEvent>,
  { clock, deadline, peer }: EventPatience,
): Promise<SipCallEvent> {
  const waiting = new AbortController();
  const late = clock.reached(deadline, waiting.signal).then(() => "late" as const);
  const next = await Promise.race([events.next(), late]).finally(() => waiting.abort());
  if (next === "late") {
    throw new SottoError("session/timeout", `no answer from ${peer} in time`);
  }
  if (next.done) throw new SottoError("session/ended", "the call ended before it was answered");
  return next.value;
}
