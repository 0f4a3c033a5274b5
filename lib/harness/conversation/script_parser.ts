/**
 * Scripts for `call`, `answer` and `chat`: one step a line, a word and its argument.
 *
 * ```text
 * # a comment
 * send hello
 * expect ^hel+o$
 * expect-not secret
 * wait 500ms
 * smp where did we meet?
 * answer
 * otr refresh
 * trust
 * nick Alice
 * msg bob@example.com for you alone
 * hangup
 * ```
 */

import { canonicalAor } from "../../storage/mod.ts";
import { compilePattern, parseDuration, type PlacedStep, type Step } from "./step.ts";

/**
 * Reads a script.
 *
 * @param text The script; LF or CRLF.
 * @param name What to call it in messages: the file's name.
 * @throws {RangeError} with `NAME:LINE` and what was expected, at the first mistake.
 */
export function parseScript(text: string, name: string): PlacedStep[] {
  const steps: PlacedStep[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const place = `${name}:${index + 1}`;
    const trimmed = line.trimStart();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    steps.push({ step: parseStep(trimmed, place), place });
  }
  return steps;
}

function parseStep(line: string, place: string): Step {
  const [, word = "", argument = ""] = /^(\S+)(?:[ \t](.*))?$/s.exec(line) ?? [];
  switch (word) {
    case "send":
      return { type: "send", text: required(argument, word, place) };
    case "expect":
    case "expect-not":
      return { type: word, pattern: compilePattern(required(argument, word, place), place) };
    case "wait":
      return { type: "wait", milliseconds: parseDuration(required(argument, word, place), place) };
    case "smp":
      return { type: "smp", question: argument === "" ? undefined : argument };
    case "otr":
      return { type: "otr", action: otrAction(argument.trim(), place) };
    case "nick":
      return { type: "nick", nickname: argument.trim() };
    case "msg":
      return privateMessage(argument, place);
    case "answer":
    case "trust":
    case "hangup":
      if (argument.trim() !== "") throw new RangeError(`${place}: ${word} takes no argument`);
      return { type: word };
    default:
      throw new RangeError(
        `${place}: unknown step ${JSON.stringify(word)}; expected send, expect, expect-not, ` +
          "wait, smp, answer, otr, trust, nick, msg or hangup",
      );
  }
}

function required(argument: string, word: string, place: string): string {
  if (argument === "") throw new RangeError(`${place}: ${word} needs an argument`);
  return argument;
}

function privateMessage(argument: string, place: string): Step {
  const [, address = "", text = ""] = /^(\S+)[ \t]+(.+)$/s.exec(argument) ?? [];
  const to = canonicalAor(address);
  if (to === undefined || text === "") {
    throw new RangeError(`${place}: expected msg user@domain and a text`);
  }
  return { type: "msg", to, text };
}

function otrAction(argument: string, place: string): "start" | "stop" | "refresh" {
  if (argument === "start" || argument === "stop" || argument === "refresh") return argument;
  throw new RangeError(`${place}: expected otr start, otr stop or otr refresh`);
}
