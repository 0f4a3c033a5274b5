/** `docs/errors/ROOM.md` explains exactly the error codes that the code of this project uses. */
import type { SourceTree } from "./source_tree.ts";

const ROOMS = "base|auth|otr|msrp|sip|sdp|im|transport|storage|session|trace|lab|harness|cli";
/** A code as a whole string literal. File names and media types of the same look have a dot or plus. */
const CODE_LITERAL = new RegExp(`["'\`]((?:${ROOMS})/[a-z0-9]+(?:-[a-z0-9]+)*)["'\`]`, "g");
const CODE_ROW = new RegExp(`^\\|\\s*\`((?:${ROOMS})/[a-z0-9-]+)\`\\s*\\|(.*)$`);

/** Gives statuses to codes, and is no use of them. */
const STATUS_TABLE = "cli/output/exit_code.ts";

/** Codes without explanation, explanations without code, and rows that explain nothing. */
export function checkErrorCodes(tree: SourceTree): string[] {
  const used = codesUsed(tree);
  const documented = new Map<string, string>();
  const faults: string[] = [];
  for (const path of tree.paths) {
    const room = /^docs\/errors\/([a-z]+)\.md$/.exec(path)?.[1];
    if (room === undefined) continue;
    for (const line of tree.read(path).split("\n")) {
      const [, code, rest = ""] = CODE_ROW.exec(line) ?? [];
      if (code === undefined) continue;
      if (!code.startsWith(`${room}/`)) faults.push(`${path} explains ${code} of another room`);
      if (documented.has(code)) faults.push(`${path} explains ${code} twice`);
      if (rest.split("|").filter((it) => it.trim() !== "").length < 2) {
        faults.push(`${path}: ${code} needs its meaning and what to do`);
      }
      documented.set(code, path);
    }
  }
  for (const [code, path] of used) {
    if (documented.has(code)) continue;
    faults.push(
      `${path} uses ${code}, which docs/errors/${code.split("/")[0]}.md does not explain`,
    );
  }
  for (const [code, path] of documented) {
    if (!used.has(code)) faults.push(`${path} explains ${code}, which nothing uses`);
  }
  if (tree.paths.includes(STATUS_TABLE)) {
    for (const code of codesIn(tree.read(STATUS_TABLE))) {
      if (!used.has(code)) {
        faults.push(`${STATUS_TABLE} has a status for ${code}, which nothing uses`);
      }
    }
  }
  return faults;
}

/** Every code in `lib` and `cli`, with the first file that uses it. */
function codesUsed(tree: SourceTree): Map<string, string> {
  const used = new Map<string, string>();
  for (const path of tree.paths) {
    if (!/^(lib|cli)\/.*\.ts$/.test(path) || path === STATUS_TABLE) continue;
    for (const code of codesIn(tree.read(path))) if (!used.has(code)) used.set(code, path);
  }
  return used;
}

function codesIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "");
  return [...code.matchAll(CODE_LITERAL)].map(([, name = ""]) => name);
}
