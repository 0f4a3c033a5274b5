/**
 * Moves the entries of `changes.d` into `CHANGELOG.md`, under a heading for a version.
 *
 *     deno run -R -W tools/assemble_changelog.ts 0.2.0 2026-03-01
 */

/** One entry: the kind of its file name, and its text. */
export interface ChangeEntry {
  readonly kind: string;
  readonly text: string;
}

/** Sections in the order in which a user should read them. */
const SECTIONS: readonly (readonly [kind: string, title: string])[] = [
  ["security", "Security"],
  ["changed", "Changed"],
  ["added", "Added"],
  ["fixed", "Fixed"],
];

/** The kind in `12.fixed.md`, or `undefined` when the name is not that of an entry. */
export function kindOfEntry(name: string): string | undefined {
  const kind = /^\d+\.([a-z]+)\.md$/.exec(name)?.[1];
  return SECTIONS.some(([it]) => it === kind) ? kind : undefined;
}

/** `changelog` with a section for `version` above the earlier ones. */
export function addRelease(
  changelog: string,
  version: string,
  date: string,
  entries: readonly ChangeEntry[],
): string {
  const parts = [`## ${version} (${date})`];
  for (const [kind, title] of SECTIONS) {
    const texts = entries.filter((it) => it.kind === kind);
    if (texts.length === 0) continue;
    const items = texts.map((it) => `- ${it.text.trim().replaceAll("\n", "\n  ")}`);
    parts.push(`### ${title}`, items.join("\n"));
  }
  const at = changelog.search(/^## /m);
  const [head, earlier] = at < 0 ? [changelog, ""] : [changelog.slice(0, at), changelog.slice(at)];
  return `${[head.trimEnd(), ...parts, earlier.trim()].filter((it) => it !== "").join("\n\n")}\n`;
}

async function main(args: readonly string[]): Promise<number> {
  const [version, date] = args;
  if (version === undefined || date === undefined || !/^\d{4}-\d\d-\d\d$/.test(date)) {
    await Deno.stderr.write(
      new TextEncoder().encode("usage: assemble_changelog.ts VERSION YYYY-MM-DD\n"),
    );
    return 2;
  }
  const folder = new URL("../changes.d/", import.meta.url);
  const changelog = new URL("../CHANGELOG.md", import.meta.url);
  const names = Array.from(Deno.readDirSync(folder), (it) => it.name).sort();
  const entries = names.flatMap((name) => {
    const kind = kindOfEntry(name);
    return kind === undefined ? [] : [{ kind, text: Deno.readTextFileSync(new URL(name, folder)) }];
  });
  const text = addRelease(Deno.readTextFileSync(changelog), version, date, entries);
  Deno.writeTextFileSync(changelog, text);
  for (const name of names) {
    if (kindOfEntry(name) !== undefined) Deno.removeSync(new URL(name, folder));
  }
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
