/** What a fuzz target is. */

/** Something that takes octets of a stranger's and must not be hurt by them. */
export interface FuzzTarget {
  readonly name: string;
  /** Honest inputs to start from. */
  corpus(): Uint8Array[];
  /** What the format looks for. */
  readonly words: readonly string[];
  /** One input. Throws only when there is a bug: what the input did wrong is for the code to report. */
  run(input: Uint8Array): void;
}

/** Every file below a folder of the fixtures whose name `matches`, as octets. */
export function fixtures(folder: string, matches: RegExp = /./): Uint8Array[] {
  const found: Uint8Array[] = [];
  const visit = (path: URL): void => {
    for (const entry of Deno.readDirSync(path)) {
      const child = new URL(entry.name + (entry.isDirectory ? "/" : ""), path);
      if (entry.isDirectory) visit(child);
      else if (matches.test(entry.name)) found.push(Deno.readFileSync(child));
    }
  };
  visit(new URL(`../../fixtures/${folder}/`, import.meta.url));
  return found;
}
