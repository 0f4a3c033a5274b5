/**
 * What must not stand in any file: paths of somebody's machine, names of registry hosts,
 * unfinished work. And what must: the target of every relative link in the documents.
 */
import type { SourceTree } from "./source_tree.ts";

const TEXT_FILE = /\.(ts|mjs|js|json|jsonc|md|txt|py|c|sh|toml|xml|svg|yml|lock)$|^(bin|\.ci)\//;

/** Patterns are written so that they do not match themselves. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.-])\/(?:wor[k]|roo[t])\/[\w.]/, "a path of somebody's machine"],
  [/\.\.\/share[d]\b/, "a folder beside the checkout, which users do not have"],
  [
    /\b(?:npmj[s]\.(?:org|com)|(?:deb|security)\.debia[n]\.org|jsr\.i[o]|pypi\.or[g])\b/,
    "a registry's host",
  ],
];

/** The unfinished-work marks that must not be merged. */
const UNFINISHED = /\b(?:TOD[O]|FIXM[E]|XX[X])\b/;

/** Forbidden texts, with file and line. */
export function checkForbiddenTexts(tree: SourceTree): string[] {
  const faults: string[] = [];
  for (const path of tree.paths) {
    if (!TEXT_FILE.test(path)) continue;
    const isCode = /\.(ts|mjs|js|py|c|sh)$/.test(path);
    for (const [index, line] of tree.read(path).split("\n").entries()) {
      const at = `${path}:${index + 1}`;
      for (const [pattern, what] of FORBIDDEN) {
        if (pattern.test(line)) faults.push(`${at} names ${what}`);
      }
      if (isCode && UNFINISHED.test(line)) faults.push(`${at} leaves work unfinished`);
    }
  }
  return faults;
}

/** Relative links in Markdown whose target does not exist. */
export function checkLinks(tree: SourceTree): string[] {
  const present = new Set(tree.paths);
  const folders = new Set(
    tree.paths.flatMap((it) =>
      it.split("/").slice(0, -1).map((_, i, all) => all.slice(0, i + 1).join("/"))
    ),
  );
  const faults: string[] = [];
  for (const path of tree.paths) {
    if (!path.endsWith(".md") || path.startsWith("changes.d/")) continue;
    const prose = tree.read(path).replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
    for (const [, link = ""] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link) || link.startsWith("#")) continue;
      const target = decodeURIComponent(new URL(link, `file:///${path}`).pathname).slice(1);
      const folder = target.replace(/\/$/, "");
      if (!present.has(target) && !folders.has(folder)) {
        faults.push(`${path} links to ${link}, which does not exist`);
      }
    }
  }
  return faults;
}

/** Files in `fixtures` that hold code, and families that `fixtures/README.md` does not explain. */
export function checkFixtures(tree: SourceTree): string[] {
  const faults: string[] = [];
  const families = new Set<string>();
  for (const path of tree.paths) {
    if (!path.startsWith("fixtures/")) continue;
    if (/\.(ts|js|mjs|py|c)$/.test(path)) faults.push(`${path} is code: fixtures hold data`);
    const [, family, ...rest] = path.split("/");
    if (family !== undefined && rest.length > 0) families.add(family);
  }
  const readme = tree.paths.includes("fixtures/README.md") ? tree.read("fixtures/README.md") : "";
  for (const family of families) {
    if (!new RegExp(`\\b${family}\\b`).test(readme)) {
      faults.push(`fixtures/README.md does not say where ${family}/ came from`);
    }
  }
  return faults;
}
