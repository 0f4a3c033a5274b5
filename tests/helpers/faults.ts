/** Checks of the whole tree answer with sentences: a test shows all of them at once. */
import { AssertionError } from "@std/assert";

/** Fails with every sentence of `faults` on a line of its own. */
export function assertNoFaults(faults: readonly string[]): void {
  if (faults.length === 0) return;
  throw new AssertionError({ message: `${faults.length} to mend:\n  ${faults.join("\n  ")}` });
}
