/**
 * Every source file is explained by its own unit test, and every unit test explains one file:
 * `lib/x/y.ts` and `tests/unit/x/y_test.ts`, `cli/x.ts` and `tests/unit/cli/x_test.ts`.
 */
import type { SourceTree } from "./source_tree.ts";

/** What is missing on either side, one sentence each. */
export function checkMirror(tree: SourceTree): string[] {
  const present = new Set(tree.paths);
  const faults: string[] = [];
  for (const path of tree.paths) {
    if (/^(lib|cli)\/.*\.ts$/.test(path)) {
      const test = testPathOf(path);
      if (!present.has(test) && needsTest(path, tree)) faults.push(`${path} has no ${test}`);
    } else if (/^tests\/unit\/.*_test\.ts$/.test(path)) {
      const source = sourcePathOf(path);
      if (!present.has(source)) faults.push(`${path} tests no file: there is no ${source}`);
    } else if (/^tests\/unit\/.*\.ts$/.test(path)) {
      faults.push(`${path} is no test: helpers stand in tests/helpers`);
    }
  }
  return faults;
}

function testPathOf(source: string): string {
  return `tests/unit/${source.replace(/^lib\//, "").replace(/\.ts$/, "_test.ts")}`;
}

function sourcePathOf(test: string): string {
  const path = test.replace(/^tests\/unit\//, "").replace(/_test\.ts$/, ".ts");
  return /^(cli|tools)\//.test(path) ? path : `lib/${path}`;
}

/** Whether anything in the file runs: doors and pure types promise nothing of their own. */
function needsTest(path: string, tree: SourceTree): boolean {
  if (path.endsWith("/mod.ts")) return false;
  if (path.startsWith("cli/commands/") && hasTranscript(path, tree)) return false;
  return runsCode(tree.read(path));
}

/** A command may be explained by what its user sees: `tests/cli/NAME.txt` or `NAME_….txt`. */
function hasTranscript(path: string, tree: SourceTree): boolean {
  const name = path.split("/").at(-1)?.replace(/\.ts$/, "") ?? "";
  return tree.paths.some((it) =>
    it.startsWith("tests/cli/") && it.endsWith(".txt") &&
    new RegExp(`/${name}([_.-].*)?\\.txt$`).test(it)
  );
}

function runsCode(source: string): boolean {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
  return /^\s*(export\s+)?(default\s+)?(abstract\s+)?(async\s+)?(function|class|const|let)\b/m
    .test(code);
}
