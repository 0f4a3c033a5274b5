/**
 * `deno doc --lint` for every door of the project, with one exception: a field whose name and
 * type say everything, a constructor, and the method of a well-known symbol need no comment
 * that repeats them.
 */

/** One complaint of `deno doc --lint`. */
interface Complaint {
  readonly rule: string;
  readonly message: string;
  /** `file:line:column`. */
  readonly place: string;
  /** The line of source that it shows. */
  readonly source: string;
}

// deno-lint-ignore no-control-regex
const ANSI = /\u001b\[[0-9;]*m/g;
/** `name: Type`, perhaps `readonly` or optional: a field, not a function or a declaration. */
const FIELD = /^(?:readonly\s+|static\s+|override\s+)*[\w#"'-]+\??\s*[:=]/;
/** What its class and its parameters, or a well-known symbol, already explain. */
const SELF_EXPLAINING = /^(?:constructor\(|(?:async\s+)?\*?\s*\[Symbol\.\w+\]\()/;

/** What is left of the output of `deno doc --lint` once bare fields are forgiven. */
export function faultsOfDocLint(output: string): string[] {
  return parseComplaints(output)
    .filter((it) => it.rule !== "missing-jsdoc" || !isPlain(it.source))
    .map((it) => `${it.place}: ${it.rule}: ${it.message}`);
}

function isPlain(source: string): boolean {
  return FIELD.test(source) || SELF_EXPLAINING.test(source);
}

function parseComplaints(output: string): Complaint[] {
  const blocks = output.replace(ANSI, "").split(/^(?=error\[)/m);
  return blocks.flatMap((block) => {
    const [, rule = "", message = ""] = /^error\[([\w-]+)\]: (.*)$/m.exec(block) ?? [];
    if (rule === "") return [];
    const place = /--> .*?((?:lib|cli)\/\S+|mod\.ts\S*)$/m.exec(block)?.[1] ?? "";
    const source = /^\s*\d+ \|\s*(.*)$/m.exec(block)?.[1] ?? "";
    return [{ rule, message, place, source }];
  });
}
