import { assertEquals, assertThrows } from "@std/assert";
import { latin1, SottoError, utf8 } from "../../../../lib/base/mod.ts";
import {
  findList,
  findLists,
  parseSExpression,
  type SExpression,
  writeSExpressionString,
} from "../../../../lib/storage/formats/s_expression.ts";

type Shown = string | Shown[];

function show(expression: SExpression): Shown {
  return expression instanceof Uint8Array ? latin1(expression) : expression.map(show);
}

function read(text: string): Shown {
  return show(parseSExpression(utf8(text)));
}

Deno.test("parseSExpression() reads every form of string", () => {
  assertEquals(read('(a #4142 43# "q\\"\\n\\x41\\101" |SGk=| 3:x)y () )'), [
    "a",
    "ABC",
    'q"\nAA',
    "Hi",
    "x)y",
    [],
  ]);
  assertEquals(read("token"), "token");
});

Deno.test("parseSExpression() says where it stopped", () => {
  for (
    const [text, message] of [
      ["", "expected a list or a string at octet 0"],
      ["(a", "expected a list or a string at octet 2"],
      ["(#123#)", "even number of digits"],
      ["(9:ab)", "expected 9 octets more"],
      ["(|a|)", "expected base64"],
      ["(".repeat(20), "nested too deeply"],
    ] as const
  ) {
    const error = assertThrows(() => parseSExpression(utf8(text)), SottoError, message);
    assertEquals(error.code, "storage/bad-s-expression");
  }
  assertThrows(
    () => parseSExpression(utf8("(a a a)"), { items: 3 }),
    SottoError,
    "too many items",
  );
});

Deno.test("findLists() looks one level deep", () => {
  const list = parseSExpression(utf8("((a x) (b (a y)) (a z))"));
  assertEquals(findLists(list, "a").map((it) => it.map(show)), [["x"], ["z"]]);
  assertEquals(findList(list, "c"), undefined);
  assertEquals(findLists(utf8("a"), "a"), []);
});

Deno.test("writeSExpressionString() writes what is read back", () => {
  assertEquals(writeSExpressionString(utf8("prpl-jabber")), "prpl-jabber");
  assertEquals(writeSExpressionString(utf8("alice@example.com")), '"alice@example.com"');
  assertEquals(writeSExpressionString(utf8("\u00fc")), "#C3BC#");
  for (const text of ['a"b\\c', "", "1st", "\n", "a b"]) {
    assertEquals(parseSExpression(utf8(writeSExpressionString(utf8(text)))), utf8(text), text);
  }
});
