import { assertEquals, assertThrows } from "@std/assert";
import { parseScript } from "../../../../lib/harness/conversation/script_parser.ts";

Deno.test("parseScript() reads every step, skips comments and blank lines, and keeps the place", () => {
  const steps = parseScript(
    "# greeting\nsend hello  there\r\n\nexpect ^a b$\nexpect-not x\nwait 1.5s\nsmp where?\nsmp\nanswer\notr refresh\ntrust\nhangup\nnick Alice A.\nnick\nmsg sip:bob@Example.com hello  you",
    "talk.txt",
  );
  assertEquals(steps.map((it) => [it.place, it.step]), [
    ["talk.txt:2", { type: "send", text: "hello  there" }],
    ["talk.txt:4", { type: "expect", pattern: /^a b$/u }],
    ["talk.txt:5", { type: "expect-not", pattern: /x/u }],
    ["talk.txt:6", { type: "wait", milliseconds: 1500 }],
    ["talk.txt:7", { type: "smp", question: "where?" }],
    ["talk.txt:8", { type: "smp", question: undefined }],
    ["talk.txt:9", { type: "answer" }],
    ["talk.txt:10", { type: "otr", action: "refresh" }],
    ["talk.txt:11", { type: "trust" }],
    ["talk.txt:12", { type: "hangup" }],
    ["talk.txt:13", { type: "nick", nickname: "Alice A." }],
    ["talk.txt:14", { type: "nick", nickname: "" }],
    ["talk.txt:15", { type: "msg", to: "bob@example.com", text: "hello  you" }],
  ]);
});

Deno.test("parseScript() ends a line at LF alone: other separators are text", () => {
  const [only, ...rest] = parseScript("send a\rb\u2028c\r\n", "s");
  assertEquals([only?.step, rest], [{ type: "send", text: "a\rb\u2028c" }, []]);
});

Deno.test("parseScript() names the line of a mistake and what was expected", () => {
  const mistakes = {
    "send": "s:2: send needs an argument",
    "expect (": "s:2: not a regular expression",
    "wait soon": "s:2: expected a duration",
    "otr maybe": "s:2: expected otr start, otr stop or otr refresh",
    "hangup now": "s:2: hangup takes no argument",
    "msg bob@example.com": "s:2: expected msg user@domain and a text",
    "msg @ hello": "s:2: expected msg user@domain and a text",
    "shout hello": 's:2: unknown step "shout"',
  };
  for (const [line, message] of Object.entries(mistakes)) {
    assertThrows(() => parseScript(`# first\n${line}\n`, "s"), RangeError, message);
  }
});
