/** The grammar's smallest pieces. */
import { assertEquals, assertThrows } from "@std/assert";
import { PeerError } from "../../../../lib/base/errors.ts";
import { quote, TextScanner, unquote } from "../../../../lib/sip/message/text_scanner.ts";

Deno.test("TextScanner reads tokens, characters with blanks around them, and quoted strings", () => {
  const scanner = new TextScanner('a%b \t/ "x\\"y" !', "X");
  assertEquals(scanner.token("a name"), "a%b");
  assertEquals(scanner.accept(";"), false);
  scanner.expect("/");
  assertEquals(scanner.quotedString(), '"x\\"y"');
  scanner.skipBlanks();
  assertEquals(scanner.peek(), "!");
  assertThrows(() => scanner.end(), PeerError, "unexpected text");
});

Deno.test("TextScanner says where and shows hostile characters escaped", () => {
  const scanner = new TextScanner("ab\u001b[2J", "Subject");
  scanner.at = 2;
  assertEquals(
    scanner.fault("expected x").message,
    'Subject: expected x at character 2, found "\\x1b[2J"',
  );
  assertThrows(() => new TextScanner('"abc\\"', "X").quotedString(), PeerError, "unterminated");
});

Deno.test("quote() and unquote() are inverse, and quote() has no line breaks", () => {
  for (const text of ["", 'a"b', "\\", "юзер", "a;b,c"]) assertEquals(unquote(quote(text)), text);
  assertEquals(quote("a\r\nb"), '"a b"');
  assertEquals(unquote("plain"), "plain");
});
