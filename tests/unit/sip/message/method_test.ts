/** Methods that exist and methods that are served. */
import { assertEquals } from "@std/assert";
import { isRecognizedMethod, isServedMethod } from "../../../../lib/sip/message/method.ts";

Deno.test("isRecognizedMethod() and isServedMethod() are case-sensitive", () => {
  const both = (method: string) => [isRecognizedMethod(method), isServedMethod(method)];
  assertEquals(both("INVITE"), [true, true]);
  assertEquals(both("REGISTER"), [true, false]);
  assertEquals(both("invite"), [false, false]);
  assertEquals(both("IN%56ITE"), [false, false]);
});
