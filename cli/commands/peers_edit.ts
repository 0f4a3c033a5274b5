/**
 * `sotto peers edit`: the person's editor on a copy, as visudo does it. Mistakes are shown with
 * their lines before anything is applied; what others changed meanwhile is merged row by row.
 */
import { equalBytes, escapeText } from "../../lib/base/mod.ts";
import { formatFingerprint } from "../../lib/otr/mod.ts";
import {
  ensureFolder,
  type FileLine,
  mergeTrust,
  parseTrustedPeers,
  readWholeFile,
  type TrustConflict,
  TrustStore,
  writeAtomically,
  writeTrustedPeers,
} from "../../lib/storage/mod.ts";
import type { CommandContext } from "../command.ts";
import { CliError } from "../output/cli_error.ts";
import { EXIT } from "../output/exit_code.ts";
import { runEditor } from "../terminal/editor.ts";

/** Edits until the result can be applied, or the person gives up. */
export async function editPeers(context: CommandContext): Promise<void> {
  const { home, printer, signal } = context;
  await ensureFolder(home.chatFolder);
  const store = await TrustStore.open(home.trustedPeersFile);
  const folder = await Deno.makeTempDir({ dir: home.chatFolder, prefix: ".edit-" });
  try {
    const copy = `${folder}/trusted_peers`;
    await writeAtomically(copy, store.bytes);
    let base = parseTrustedPeers(store.bytes);
    for (;;) {
      await runEditor(copy, context);
      signal.throwIfAborted();
      const ours = parseTrustedPeers(await readWholeFile(copy) ?? new Uint8Array());
      if (equalBytes(writeTrustedPeers(base), writeTrustedPeers(ours))) {
        printer.note("nothing was changed");
        return;
      }
      if (!await acceptsMistakes(context, base, ours)) continue;
      const { conflicts, current, merged } = await apply(store, base, ours);
      if (conflicts.length === 0) return report(context, base, merged);
      await settle(context, conflicts);
      // Again, on what is there now: in the copy, our side decides the conflicts.
      base = current;
      await writeAtomically(copy, writeTrustedPeers(merged));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Shows new mistakes and asks. True: go on as it is; false: edit again.
 * @throws {CliError} status 1 when the person leaves, or cannot be asked.
 */
async function acceptsMistakes(
  { printer, prompt, home }: CommandContext,
  base: readonly FileLine[],
  ours: readonly FileLine[],
): Promise<boolean> {
  const before = new Set(base.filter((line) => line.fault !== undefined).map(identity));
  const mistakes = ours.flatMap((line, index) =>
    line.fault === undefined || before.has(identity(line))
      ? []
      : [`${home.trustedPeersFile}:${index + 1}: ${line.fault}`]
  );
  if (mistakes.length === 0) return true;
  for (const mistake of mistakes) printer.warning(mistake);
  if (!prompt.available) throw unchanged("there are mistakes");
  for (;;) {
    const answer = await prompt.line("(e)dit again, e(x)it without saving, or (Q)uit and save", {
      flag: "a file without mistakes",
    });
    if (answer === "e" || answer === "") return false;
    if (answer === "Q") return true;
    if (answer === "x") throw unchanged("left without saving");
  }
}

function identity({ bytes }: FileLine): string {
  return new TextDecoder("latin1").decode(bytes).trimEnd();
}

interface Application {
  readonly conflicts: readonly TrustConflict[];
  /** What was in the file. */
  readonly current: FileLine[];
  readonly merged: readonly FileLine[];
}

/** Merges with what is there now, and writes it unless there are conflicts. */
async function apply(
  store: TrustStore,
  base: readonly FileLine[],
  ours: readonly FileLine[],
): Promise<Application> {
  let outcome: Application = { conflicts: [], current: [], merged: ours };
  await store.change((theirs) => {
    const { conflicts, lines } = mergeTrust(base, ours, theirs);
    outcome = { conflicts, current: [...theirs], merged: lines };
    return conflicts.length === 0 ? lines : theirs;
  });
  return outcome;
}

/** Shows conflicts. Returns when the person wants to edit again; otherwise throws. */
async function settle(
  { printer, prompt }: CommandContext,
  conflicts: readonly TrustConflict[],
): Promise<void> {
  for (const { aor, fingerprint, ours, theirs } of conflicts) {
    const what = aor === undefined || fingerprint === undefined
      ? "comments and other lines"
      : `${escapeText(aor)} ${formatFingerprint(fingerprint)}`;
    printer.warning(`conflict: ${what}: you made it ${ours}, meanwhile it became ${theirs}`);
  }
  const answer = prompt.available
    ? await prompt.line("(e)dit again, where your side decides, or e(x)it without saving", {
      flag: "nothing",
    })
    : "x";
  if (answer === "e" || answer === "") return;
  throw new CliError(
    "cli/edit-conflict",
    EXIT.damaged,
    "the file was changed meanwhile in another way: nothing was overwritten",
  );
}

function report(
  { printer }: CommandContext,
  base: readonly FileLine[],
  merged: readonly FileLine[],
): void {
  const [before, after] = [base, merged].map((lines) =>
    new Set(
      lines.flatMap(({ row }) =>
        row === undefined ? [] : [`${row.aor}\t${row.fingerprint}\t${row.trust}`]
      ),
    )
  );
  const added = after?.difference(before ?? new Set()).size ?? 0;
  const removed = before?.difference(after ?? new Set()).size ?? 0;
  printer.result("edited", { added, removed });
  printer.note(`saved: ${added} rows added or changed, ${removed} removed or changed`);
}

function unchanged(why: string): CliError {
  return new CliError("cli/edit-refused", EXIT.failed, `${why}: nothing was changed`);
}
