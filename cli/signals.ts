/**
 * SIGINT and SIGTERM as an AbortSignal: the first asks for a clean end, a second one
 * of either ends the process at once.
 */
import { EXIT, type ExitStatus } from "./output/exit_code.ts";

/** The reason of the abort. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  /** What the process ends with after the clean end. */
  readonly status: ExitStatus;

  /** @param signal Which signal came. */
  constructor(signal: "SIGINT" | "SIGTERM") {
    super(signal === "SIGINT" ? "interrupted" : "terminated");
    this.status = signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
  }
}

/** How to listen for signals; `Deno.addSignalListener`, or a test's. */
export interface SignalSource {
  add(signal: Deno.Signal, listener: () => void): void;
}

/**
 * Listens from now on. Until somebody asks for this, a signal ends the process in the
 * system's way, which is right for commands that have nothing to end cleanly.
 *
 * @param exitNow Ends the process; called at the second signal.
 */
export function interruptible(
  source: SignalSource,
  exitNow: (status: ExitStatus) => void,
): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    if (name === "SIGTERM" && Deno.build.os === "windows") continue; // It has none.
    source.add(name, () => {
      const interruption = new Interruption(name);
      if (controller.signal.aborted) exitNow(interruption.status);
      else controller.abort(interruption);
    });
  }
  return controller.signal;
}
