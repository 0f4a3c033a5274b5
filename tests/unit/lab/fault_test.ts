import { assertEquals, assertThrows } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import { parseFault } from "../../../lib/lab/fault.ts";

Deno.test("parseFault() reads what the manual shows, in any order", () => {
  assertEquals(parseFault("delay=200ms,drop=1%,split,rewrite-path,close-after=7"), {
    delay: 200,
    drop: 0.01,
    split: 1,
    rewritePath: true,
    closeAfter: 7,
  });
  assertEquals(parseFault("split=64,delay=1.5s"), { split: 64, delay: 1_500 });
  assertEquals(parseFault("drop=0.5%"), { drop: 0.005 });
  assertEquals(parseFault("drop=100%"), { drop: 1 });
});

Deno.test("parseFault() says where the mistake is and what was expected there", () => {
  const mistake = (text: string): string => {
    const error = assertThrows(() => parseFault(text), SottoError);
    assertEquals(error.code, "lab/bad-fault");
    return error.message;
  };
  assertEquals(
    mistake("delay=200ms,drob=1%"),
    'fault, character 13: expected one of delay, drop, split, rewrite-path, close-after, found "drob=1%"',
  );
  assertEquals(
    mistake("split,delay=soon"),
    'fault, character 13: expected delay to be a time like 200ms or 1.5s, up to 60s, found "soon"',
  );
  assertEquals(mistake("split,split"), 'fault, character 7: expected split once, found "split"');
  const wrong = [
    "",
    "split,",
    "delay",
    "delay=0ms",
    "delay=61s",
    "delay=-1s",
    "drop=1",
    "drop=101%",
    "split=0",
    "split=x",
    "rewrite-path=yes",
    "close-after",
    "close-after=0",
    "close-after=1.5",
    "toString",
    "__proto__=1",
    "Split",
  ];
  for (const text of wrong) mistake(text);
  assertEquals(mistake("drop=\u001b[31m").includes("\u001b"), false, "shown escaped");
});
