/**
 * Tests against real foreign programs. On a machine without the program the test is
 * skipped and says why; under `CI=true` a missing program is a failure, because a
 * continuous integration that quietly skips its peers proves nothing.
 */

/** What a live test needs before it can run. */
export interface LivePeerNeeds {
  /** Executables that must be found on the PATH (or at an absolute path). */
  readonly needs: readonly string[];
  /** Further conditions: a reason why the test cannot run, or `undefined`. */
  readonly probe?: () => Promise<string | undefined> | string | undefined;
}

/** Registers a test that runs only with the programs it names. */
export function livePeerTest(
  name: string,
  { needs, probe }: LivePeerNeeds,
  run: (t: Deno.TestContext) => Promise<void> | void,
): void {
  const missing = needs.filter((program) => findProgram(program) === undefined);
  const inCi = Deno.env.get("CI") === "true";
  if (missing.length > 0 && !inCi) {
    Deno.test({
      name: `${name} (skipped: ${missing.join(", ")} not installed)`,
      ignore: true,
      fn: () => {},
    });
    return;
  }
  Deno.test(name, async (t) => {
    if (missing.length > 0) throw new Error(`missing under CI: ${missing.join(", ")}`);
    const reason = await probe?.();
    if (reason !== undefined) {
      if (inCi) throw new Error(`cannot run under CI: ${reason}`);
      Deno.stderr.writeSync(new TextEncoder().encode(`skipped: ${name}: ${reason}\n`));
      return;
    }
    await run(t);
  });
}

/** Full path of `program`, or `undefined` when the PATH has none. */
export function findProgram(program: string): string | undefined {
  const candidates = program.startsWith("/")
    ? [program]
    : (Deno.env.get("PATH") ?? "").split(":").map((folder) => `${folder}/${program}`);
  return candidates.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false; // Not in this folder of the PATH.
    }
  });
}
