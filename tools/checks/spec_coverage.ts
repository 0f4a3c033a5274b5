/**
 * Every clause of the checklists (`fixtures/checklists`) has its row in `docs/spec_coverage`,
 * and the row tells the truth: it points at a test that exists, or says why there is none.
 */
import type { SourceTree } from "./source_tree.ts";

/** A clause id such as `MSRP-011`. */
const ID = /\b((?:OTR|MSRP|SIP)-\d{3}[a-z]?)\b/g;
/** Two ids as a range, written with an en dash, an ellipsis, `to` or a hyphen. */
const RANGE =
  /\b(OTR|MSRP|SIP)-(\d{3})`?\s*(?:–|…|\.\.\.?|-|to)\s*`?(?:(?:OTR|MSRP|SIP)-)?(\d{3})\b/g;
/** Shortest remark that can be a reason. */
const REASON_WORDS = 3;

/** Clauses without row, rows without test or reason, and ids that no checklist has. */
export function checkSpecCoverage(tree: SourceTree): string[] {
  const clauses = new Set<string>();
  for (const path of tree.paths) {
    if (!/^fixtures\/checklists\/.*\.txt$/.test(path)) continue;
    for (const line of tree.read(path).split("\n")) if (line !== "") clauses.add(line);
  }
  const tested = idsTested(tree);
  const faults: string[] = [];
  const rows = rowsOf(tree, faults);
  for (const id of clauses) {
    const remarks = rows.get(id);
    if (remarks === undefined) {
      const hint = tested.has(id) ? ` (${tested.get(id)} has a test)` : "";
      faults.push(`${id} has no row in docs/spec_coverage${hint}`);
    } else if (!tested.has(id) && !remarks.some(isReason)) {
      faults.push(`${id} has neither a test whose name begins with it nor a reason`);
    }
  }
  for (const id of rows.keys()) {
    if (!clauses.has(id)) faults.push(`docs/spec_coverage has ${id}, which is in no checklist`);
  }
  for (const [id, path] of tested) {
    if (!clauses.has(id)) faults.push(`${path} has a test for ${id}, which is in no checklist`);
  }
  return faults;
}

/** What the tables say of each id. Test files named in a row must exist. */
function rowsOf(tree: SourceTree, faults: string[]): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const path of tree.paths) {
    if (!/^docs\/spec_coverage\/.*\.md$/.test(path)) continue;
    for (const line of tree.read(path).split("\n")) {
      if (!line.startsWith("|")) continue;
      const [, first = "", ...rest] = line.split("|");
      const remark = rest.join("|");
      for (const [file] of remark.matchAll(/tests\/[\w/]+\.ts/g)) {
        if (!tree.paths.includes(file)) faults.push(`${path} names ${file}, which does not exist`);
      }
      for (const id of expand(first)) rows.set(id, [...rows.get(id) ?? [], remark]);
    }
  }
  return rows;
}

/** Every id in `cell`, ranges written out. */
function expand(cell: string): string[] {
  const ids = [...cell.matchAll(ID)].map(([id]) => id);
  for (const [, family, from, to] of cell.matchAll(RANGE)) {
    for (let number = Number(from); number <= Number(to); number++) {
      ids.push(`${family}-${String(number).padStart(3, "0")}`);
    }
  }
  return [...new Set(ids)];
}

/** Ids at the start of a string literal in the tests, with the first file that has each. */
function idsTested(tree: SourceTree): Map<string, string> {
  const tested = new Map<string, string>();
  for (const path of tree.paths) {
    if (!/^tests\/.*_test\.ts$/.test(path) || path.startsWith("tests/unit/tools/")) continue;
    for (
      const [, start = ""] of tree.read(path).matchAll(/["'`]((?:OTR|MSRP|SIP)-\d{3}[^"'`]*)/g)
    ) {
      // A name may carry several ids: "OTR-019, OTR-020 …".
      const ids = /^(?:(?:OTR|MSRP|SIP)-\d{3}[a-z]?(?![\w-])(?:\s*(?:,|and|\/|\+|–|…)\s*)?)+/.exec(
        start,
      );
      for (const id of expand(ids?.[0] ?? "")) if (!tested.has(id)) tested.set(id, path);
    }
  }
  return tested;
}

function isReason(remark: string): boolean {
  return remark.split("|").some((cell) =>
    cell.trim().split(/\s+/).filter((it) => /[a-z]{2}/.test(it)).length >= REASON_WORDS
  );
}
