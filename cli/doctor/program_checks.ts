/** Programs that tell a person of messages: whether they are there, and whether they are wanted. */
import type { Check } from "../../lib/base/mod.ts";

/** For each purpose, the programs that do it, the preferred one first. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  "notification-program": ["notify-send", "terminal-notifier"],
  "speech-program": ["spd-say", "espeak-ng", "espeak", "say"],
};

/**
 * Looks for them along the search path; nothing is run.
 *
 * @param searchPath `PATH`; `undefined` where it is not known.
 * @param isThere Whether there is a file of that name.
 */
export async function checkPrograms(
  searchPath: string | undefined,
  isThere: (path: string) => Promise<boolean> = isExecutable,
): Promise<Check[]> {
  const folders = (searchPath ?? "").split(":").filter((it) => it !== "");
  return await Promise.all(
    Object.entries(PROGRAMS).map(async ([name, programs]): Promise<Check> => {
      const found = await firstOf(folders, programs, isThere);
      const detail = found === undefined
        ? `none of ${programs.join(", ")} is there`
        : `${found} is there`;
      // config.toml has no setting yet that asks for one.
      return { name, status: "skipped", detail: `not configured; ${detail}` };
    }),
  );
}

async function firstOf(
  folders: readonly string[],
  programs: readonly string[],
  isThere: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const program of programs) {
    for (const folder of folders) {
      if (await isThere(`${folder}/${program}`)) return `${folder}/${program}`;
    }
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    const { isFile, mode } = await Deno.stat(path);
    return isFile && (mode === null || (mode & 0o111) !== 0);
  } catch {
    return false; // Not there, or not ours to see: either way it cannot be used.
  }
}
