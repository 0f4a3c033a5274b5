/** What is true of every configuration that a person may have written. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parse } from "smol-toml";
import { SottoError } from "../../../lib/base/mod.ts";
import { removeToml, setTomlValue, tomlStatements } from "../../../lib/storage/mod.ts";

/** Lines of many styles; together they are often TOML, and often not. */
const line = fc.constantFrom(
  "# a comment",
  "",
  "[otr]",
  "[ accounts . work ] # the office",
  "[accounts.home]",
  '[accounts."work".deep]',
  "[[list]]",
  'policy = "prefer"   # so',
  "address='a@b'",
  'text = """',
  '[accounts.work] """',
  "long = '''",
  "''''' # end",
  "list = [ # [accounts.work]",
  "  1, ]",
  'accounts = { work = { x = "}" } }',
  "accounts.work.x = 1",
  'work.y = "#"',
  "  indented=1",
);
const text = fc.tuple(
  fc.array(line, { maxLength: 12 }),
  fc.constantFrom("\n", "\r\n"),
  fc.boolean(),
)
  .map(([lines, end, isOpen]) => lines.join(end) + (isOpen ? "" : end));

/** What a change came to; `undefined` when it was refused, as it may be. */
function changed(act: () => string): string | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof SottoError) return undefined;
    throw error;
  }
}

/** Every setting by its path. Empty tables say nothing. */
function says(toml: string): Map<string, unknown> {
  const settings = new Map<string, unknown>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) settings.set(path, value);
    else {for (const [key, it] of Object.entries(value)) {
        visit(it, path === "" ? key : `${path}/${key}`);
      }}
  };
  visit(parse(toml), "");
  return settings;
}

function comments(toml: string): string[] {
  // Comments between statements, and those behind them; what is within a value stays with it.
  const statements = tomlStatements(toml);
  let rest = "";
  let at = 0;
  for (const { start, end, comment } of statements) {
    rest += toml.slice(at, start) + (comment === undefined ? "" : toml.slice(comment, end));
    at = end;
  }
  return (rest + toml.slice(at)).split(/\r?\n/).map((it) => it.trim()).filter((it) => it !== "");
}

Deno.test("a setting that was changed is read back, and everything else says what it said", () => {
  fc.assert(
    fc.property(text, fc.string(), (before, value) => {
      const after = changed(() => setTomlValue(before, ["accounts", "work"], "proxy", value));
      if (after === undefined) return;
      const path = "accounts/work/proxy";
      const [old, now] = [says(before), says(after)];
      assertEquals(now.get(path), value);
      const had = old.delete(path);
      now.delete(path);
      assertEquals(now, old);
      // Whatever was there is still there, in its order: only new octets came in between.
      if (!had) assert(isSubsequence(before, after));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a table that was removed takes no comment and no other setting with it", () => {
  fc.assert(
    fc.property(text, (before) => {
      const after = changed(() => removeToml(before, ["accounts", "work"]));
      if (after === undefined) return;
      const others = [...says(before)].filter(([path]) => !path.startsWith("accounts/work/"));
      assertEquals(says(after), new Map(others));
      assertEquals(comments(after), comments(before));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("of these documents many are TOML, and many of their changes are made", () => {
  const samples = fc.sample(text, { numRuns: 500, seed: 1 });
  const made = samples.filter((it) =>
    it.includes("work") && changed(() => removeToml(it, ["accounts", "work"])) !== undefined
  );
  assert(made.length > 20, String(made.length));
});

function isSubsequence(part: string, whole: string): boolean {
  let at = 0;
  for (const character of whole) if (character === part[at]) at += 1;
  return at === part.length;
}
