/** Both sides connect at once: one connection carries the session in the end (RFC 4975 §5.4, RFC 6135 §4.2). */
import { SottoError } from "../base/errors.ts";
import { type Clock, delay } from "./clock.ts";
import type { MsrpSession } from "./msrp_session.ts";

/** The two ways to one session. */
export interface TwoWays {
  readonly clock: Clock;
  /** Ends both. */
  readonly signal: AbortSignal;
  /** Whether the peer's connection is taken whenever it comes; see {@link yieldsTo}. */
  readonly yields: boolean;
  /** Connects and binds. */
  readonly connect: (signal: AbortSignal) => Promise<MsrpSession>;
  /** Waits for a connection of the peer's that binds. */
  readonly accept: (signal: AbortSignal) => Promise<MsrpSession>;
}

/** Milliseconds that who does not yield leaves the peer's connection unread, while its own has no answer. */
const HOLD = 10_000;
/** Milliseconds in which a peer that cannot be connected to may show that it connects itself. */
const GRACE = 2_000;

/** Of two that connect, the one with the greater session-id yields: both come to the same end. */
export function yieldsTo(own: string | undefined, peers: string | undefined): boolean {
  return (own ?? "") >= (peers ?? "");
}

/**
 * Connects, although the peer may do so as well. The connection whose SEND was answered is the one
 * that counts; the other is closed, and its end is nobody's failure. Who yields answers the peer's
 * SEND at once, who does not leaves it unread as long as its own may still be answered: so of
 * two that go by this rule exactly one SEND is answered, and a peer that answers none is still met.
 *
 * @throws {SottoError} what {@link TwoWays.connect} throws, or the signal's reason.
 */
export async function openEither(ways: TwoWays): Promise<MsrpSession> {
  const { clock, signal, yields } = ways;
  const [stopOwn, stopTheirs] = [new AbortController(), new AbortController()];
  const own = ways.connect(AbortSignal.any([signal, stopOwn.signal]));
  const isOver = AbortSignal.any([signal, stopTheirs.signal]);
  const accept = async (): Promise<MsrpSession> => {
    if (!yields) await ended(own, clock, HOLD, isOver);
    return await ways.accept(isOver);
  };
  const theirs = accept();
  own.catch((error) => {
    const isForged = error instanceof SottoError &&
      error.code === "session/tls-fingerprint-mismatch";
    const patience = isForged ? 0 : GRACE;
    void delay(clock, patience, isOver).then(() => stopTheirs.abort(error), () => {});
  });
  let chosen: MsrpSession | undefined;
  try {
    return chosen = await Promise.any([own, theirs]);
  } catch {
    return await own; // Why we could not connect is what there is to say.
  } finally {
    const superfluous = new SottoError("session/msrp-closed", "there was a second connection");
    stopOwn.abort(superfluous);
    stopTheirs.abort(superfluous);
    for (const way of [own, theirs]) {
      way.then((it) => it === chosen ? undefined : it.close(), () => {});
    }
  }
}

/** Waits until `own` failed or the time is over. */
async function ended(
  own: Promise<unknown>,
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  const failed = Promise.withResolvers<void>();
  own.catch(() => failed.resolve());
  const done = new AbortController();
  const waiting = delay(clock, milliseconds, AbortSignal.any([signal, done.signal]));
  try {
    await Promise.race([failed.promise, waiting]);
  } finally {
    done.abort();
    await waiting.catch(() => {});
  }
}
