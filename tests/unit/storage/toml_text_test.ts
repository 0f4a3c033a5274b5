import { assertEquals, assertThrows } from "@std/assert";
import { parse } from "smol-toml";
import { SottoError } from "../../../lib/base/mod.ts";
import {
  removeToml,
  setTomlValue,
  tomlLineOf,
  tomlStatements,
  writeTomlKey,
  writeTomlValue,
} from "../../../lib/storage/toml_text.ts";

/** Written by somebody who has a style of their own. */
const PERSONS = `# mine, do not touch
default-account='work'   # for now

[otr]   # everywhere
  policy = "require"
text = """
[accounts.fake]
address = "no"
"""
list = [ # with a comment ]
  3,
]

[ accounts . "work" ]
# the office
address = 'a@example.com' # me
proxy   =   "sip:p"

[accounts.home]
address="h@example.org"
`;

Deno.test("tomlStatements() finds each statement with its line, table and value", () => {
  assertEquals(
    tomlStatements(PERSONS).map(({ kind, path, line, valueStart, valueEnd }) => [
      kind,
      path.join("/"),
      line,
      PERSONS.slice(valueStart, valueEnd),
    ]),
    [
      ["pair", "default-account", 2, "'work'"],
      ["table", "otr", 4, "[otr]"],
      ["pair", "otr/policy", 5, '"require"'],
      ["pair", "otr/text", 6, '"""\n[accounts.fake]\naddress = "no"\n"""'],
      ["pair", "otr/list", 10, "[ # with a comment ]\n  3,\n]"],
      ["table", "accounts/work", 14, '[ accounts . "work" ]'],
      ["pair", "accounts/work/address", 16, "'a@example.com'"],
      ["pair", "accounts/work/proxy", 17, '"sip:p"'],
      ["table", "accounts/home", 19, "[accounts.home]"],
      ["pair", "accounts/home/address", 20, '"h@example.org"'],
    ],
  );
});

Deno.test("tomlStatements() is not misled by strings, in any of the ways to write them", () => {
  for (
    const value of [
      `"a # b ] \\" c"`,
      `'a # b ] \\'`,
      `"""a\n# b\n[c]\n\\""" """`,
      `'''a\n# b\n[c] '' '''`,
      `"""a"""""`,
      `'''a'''''`,
      `{ a = "}", b = [ "]" ] }`,
      `[[1, 2], ["#"]]`,
      `1979-05-27 07:32:00Z`,
    ]
  ) {
    const text = `x = ${value} # c\ny = 1\n`;
    assertEquals(Object.keys(parse(text)), ["x", "y"], value); // It is TOML at all.
    const [x, y] = tomlStatements(text);
    assertEquals([text.slice(x?.valueStart, x?.valueEnd), y?.path], [value, ["y"]], value);
    assertEquals(text.slice(x?.comment), "# c\ny = 1\n", value);
  }
});

Deno.test("tomlStatements() knows keys that are quoted, dotted and of the prototype", () => {
  const text = `a."b.c".'d' = 1\n"\\u0065" = 2\n__proto__ = 3\n[["x y"]]\n`;
  assertEquals(tomlStatements(text).map(({ kind, path }) => [kind, ...path]), [
    ["pair", "a", "b.c", "d"],
    ["pair", "e"],
    ["pair", "__proto__"],
    ["array-table", "x y"],
  ]);
});

Deno.test("tomlStatements() ends at what is no TOML, and never throws", () => {
  for (const text of ["[", "[a", "a", "=", "= 1", 'a = "', "a = '''", "[[]", '"', "a = [", "\r"]) {
    tomlStatements(text);
  }
  assertEquals(tomlStatements("a = 1\n?\nb = 2\n").length, 1);
});

Deno.test("tomlLineOf() names the setting, else the table around it", () => {
  assertEquals(tomlLineOf(PERSONS, ["accounts", "work", "proxy"]), 17);
  assertEquals(tomlLineOf(PERSONS, ["accounts", "work", "relay"]), 14);
  assertEquals(tomlLineOf(PERSONS, ["accounts"]), 14);
  assertEquals(tomlLineOf(PERSONS, ["nothing"]), 1);
});

Deno.test("setTomlValue() changes the value and not an octet beside it", () => {
  assertEquals(
    setTomlValue(PERSONS, ["accounts", "work"], "proxy", "sip:q"),
    PERSONS.replace('"sip:p"', '"sip:q"'),
  );
  assertEquals(
    setTomlValue(PERSONS, ["accounts", "work"], "address", 'x"\\\u007f\n'),
    PERSONS.replace("'a@example.com'", '"x\\"\\\\\\u007f\\n"'),
  );
});

Deno.test("setTomlValue() puts a new setting behind the others of its table", () => {
  assertEquals(
    setTomlValue(PERSONS, ["accounts", "work"], "expires", 600),
    PERSONS.replace('"sip:p"\n', '"sip:p"\nexpires = 600\n'),
  );
  assertEquals(
    setTomlValue("[a] # c\n\n# d\n[b]\n", ["a"], "x", true),
    "[a] # c\nx = true\n\n# d\n[b]\n",
  );
  assertEquals(setTomlValue("[a]\nx = 1", ["a"], "y", [3, 2]), "[a]\nx = 1\ny = [3, 2]\n");
});

Deno.test("setTomlValue() puts a setting of the root before the first table", () => {
  assertEquals(setTomlValue("# c\n[a]\n", [], "x", 1), "x = 1\n# c\n[a]\n");
  assertEquals(setTomlValue("y = 2 # c\n# d\n[a]\n", [], "x", 1), "y = 2 # c\nx = 1\n# d\n[a]\n");
  assertEquals(setTomlValue("", [], "x", 1), "x = 1\n");
});

Deno.test("setTomlValue() makes the table at the end, in the line ends of the file", () => {
  assertEquals(setTomlValue("", ["a", "b c"], "x", 1), '[a."b c"]\nx = 1\n');
  assertEquals(setTomlValue("y = 1", ["a"], "x", 1), "y = 1\n\n[a]\nx = 1\n");
  assertEquals(setTomlValue("y = 1\r\n\r\n", ["a"], "x", 1), "y = 1\r\n\r\n[a]\r\nx = 1\r\n");
});

Deno.test("setTomlValue() takes a table that only has others in it for one to make", () => {
  assertEquals(
    setTomlValue("[a.b]\nx = 1\n", ["a"], "y", 2),
    "[a.b]\nx = 1\n\n[a]\ny = 2\n",
  );
});

Deno.test("setTomlValue() and removeToml() refuse what would take a rewrite", () => {
  for (
    const [act, line] of [
      [() => setTomlValue("\naccounts = { a = { x = 1 } }\n", ["accounts", "b"], "x", 1), 2],
      [() => setTomlValue("accounts = { a = { x = 1 } }\n", ["accounts", "a"], "x", 2), 1],
      [() => removeToml("accounts = { a = { x = 1 }, b = { x = 2 } }\n", ["accounts", "a"]), 1],
      [() => setTomlValue("[[accounts]]\nx = 1\n", ["accounts"], "y", 2), 1],
    ] as const
  ) {
    const error = assertThrows(act, SottoError, `line ${line}: accounts`);
    assertEquals(error.code, "storage/entangled");
  }
});

Deno.test("removeToml() takes a table away and keeps every comment", () => {
  assertEquals(
    removeToml(PERSONS, ["accounts", "work"]),
    PERSONS.replace('[ accounts . "work" ]\n', "")
      .replace("address = 'a@example.com' # me\n", "# me\n")
      .replace('proxy   =   "sip:p"\n', ""),
  );
});

Deno.test("removeToml() finds what is written in dotted keys and in tables below", () => {
  const text = "accounts.a.x = 1\naccounts.b.x = 2\n[accounts.a.deep]\ny = 1\n[z]\n";
  assertEquals(removeToml(text, ["accounts", "a"]), "accounts.b.x = 2\n[z]\n");
  assertEquals(removeToml(text, ["accounts", "nobody"]), text);
});

Deno.test("writeTomlValue() and writeTomlKey() are read back as they were", () => {
  for (const value of ["", 'a "b" \\ \t\u0001\u007fü\u{1f512}', -1, 2.5, true, [2, 3]]) {
    assertEquals(parse(`x = ${writeTomlValue(value)}`)["x"], value);
  }
  for (const key of ["a", "a-b_1", "a.b", "alice@example.com", "", 'q"', "ü"]) {
    assertEquals(Object.keys(parse(`${writeTomlKey(key)} = 1`)), [key]);
  }
});
