/** The files of the project as the checks see them: paths from the root, and their text. */

/** A tree of text files. Checks take one, so that their own tests can hand them a small one. */
export interface SourceTree {
  /** Every file, relative to the root, with forward slashes, in order. */
  readonly paths: readonly string[];
  /** Text of one of {@link paths}. */
  read(path: string): string;
}

const SKIPPED_FOLDERS = new Set([".git", "node_modules", "coverage", ".cache"]);

/** The tree of the checkout that this file lies in. */
export function openCheckout(root: URL = new URL("../../", import.meta.url)): SourceTree {
  const paths: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of Deno.readDirSync(new URL(`./${folder}`, root))) {
      if (SKIPPED_FOLDERS.has(entry.name)) continue;
      if (entry.isDirectory) walk(`${folder}${entry.name}/`);
      else if (entry.isFile) paths.push(folder + entry.name);
    }
  };
  walk("");
  const texts = new Map<string, string>();
  return {
    paths: paths.sort(),
    read(path) {
      const known = texts.get(path);
      if (known !== undefined) return known;
      const text = Deno.readTextFileSync(new URL(`./${path}`, root));
      texts.set(path, text);
      return text;
    },
  };
}

/** A tree of the given files, for tests. */
export function treeOf(files: Readonly<Record<string, string>>): SourceTree {
  return {
    paths: Object.keys(files).sort(),
    read(path) {
      const text = files[path];
      if (text === undefined) throw new RangeError(`no such file: ${path}`);
      return text;
    },
  };
}
