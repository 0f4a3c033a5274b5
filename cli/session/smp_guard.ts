/** Whose SMP questions are answered: those of `--smp-from`, and nobody who guesses too much. */
import { escapeText } from "../../lib/base/mod.ts";
import type { SmpAttempt, SmpLockout } from "../../lib/session/mod.ts";
import { canonicalAor } from "../../lib/storage/mod.ts";
import { ANONYMOUS } from "./addresses.ts";

/**
 * The guard of one session.
 * @param allowed `--smp-from`; empty allows everybody.
 */
export function smpGuard(lockout: SmpLockout, allowed: readonly string[]): SmpAttempt {
  const only = allowed.map((it) => canonicalAor(it) ?? it);
  const attempt = lockout.attempt();
  return {
    refusal: async (address, fingerprint) => {
      if (only.length > 0 && !only.includes(address)) {
        const name = escapeText(address);
        return `SMP question from ${name} not answered: --smp-from allows others`;
      }
      return await attempt.refusal(guessed(address, fingerprint), fingerprint);
    },
    failed: (address, fingerprint) => attempt.failed(guessed(address, fingerprint), fingerprint),
    succeeded: (address, fingerprint) =>
      attempt.succeeded(guessed(address, fingerprint), fingerprint),
    release: () => attempt.release(),
  };
}

/** Who is held to account for a wrong secret: one anonymous caller must not lock out all others. */
function guessed(address: string, fingerprint: string): string {
  return address === ANONYMOUS ? `${fingerprint}@anonymous.invalid` : address;
}
