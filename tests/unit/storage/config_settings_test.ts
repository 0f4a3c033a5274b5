import { assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/mod.ts";
import {
  isBoolean,
  isInteger,
  isLine,
  isVersions,
  oneOf,
  Settings,
} from "../../../lib/storage/config_settings.ts";

Deno.test("Settings.take() reads what was said, and nothing from a prototype", () => {
  const settings = new Settings("a = 1\n[t]\nb = true\n", "c");
  assertEquals(settings.take(["a"], isInteger(0, 9)), 1);
  assertEquals(settings.take(["t", "b"], isBoolean), true);
  assertEquals(settings.take(["t", "toString"], isLine("text")), undefined);
  assertEquals(settings.take(["no", "table"], isBoolean), undefined);
  assertEquals(settings.unknown(), []);
});

Deno.test("Settings.unknown() names what nobody took, each once and with its line", () => {
  const settings = new Settings("[t]\na = 1\nb = 2\n[t.c]\nd = 1\n[x]\ny = 1\n[e]\n", "f");
  settings.take(["t", "a"], isInteger(0, 9));
  settings.take(["t", "c", "z"], isBoolean);
  assertEquals(settings.unknown(), [
    "f:3: the setting t.b is unknown",
    "f:5: the setting t.c.d is unknown",
    "f:6: the setting x is unknown",
    "f:8: the setting e is unknown",
  ]);
});

Deno.test("Settings.take() names the line of a mistake and what was expected", () => {
  const settings = new Settings('# c\n[t]\na = "x"\nb = 3\n', "f");
  for (
    const [path, expectation, message] of [
      [["t", "a"], oneOf("y", "z"), 'f:3: t.a: expected "y", "z"'],
      [["t", "a"], isBoolean, "f:3: t.a: expected true or false"],
      [["t", "b"], isInteger(4, 5), "f:4: t.b: expected a whole number from 4 to 5"],
      [["t", "b"], isLine("a name"), "f:4: t.b: expected a name"],
      [["t", "b"], isVersions, "f:4: t.b: expected a list of 2 and 3"],
      [["t", "b", "c"], isBoolean, "f:4: expected a table [t.b]"],
    ] as const
  ) {
    const error = assertThrows(() => settings.take<unknown>(path, expectation), SottoError);
    assertEquals([error.code, error.message], ["storage/bad-config", message]);
  }
});

Deno.test("isLine() takes no controls, nothing empty, and nothing beyond its limit", () => {
  assertEquals(["", "a\nb", "a\u007f", "abcd", 1].map((it) => isLine("x", 3).read(it)), [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(isLine("x", 3).read("abc"), "abc");
});

Deno.test("Settings.tablesIn() names the tables in a table", () => {
  assertEquals(new Settings("[a.x]\n[a.y]\n", "f").tablesIn(["a"]), ["x", "y"]);
  assertEquals(new Settings("", "f").tablesIn(["a"]), []);
  assertThrows(() => new Settings("[a]\nx = 1\n", "f").tablesIn(["a"]), SottoError, "f:2");
});
