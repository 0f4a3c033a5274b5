import { assertEquals } from "@std/assert";
import { isOtrText, OtrObserver } from "../../../../lib/trace/analysis/otr_observer.ts";
import { messageObject } from "../../../helpers/trace_objects.ts";

const TRANSCRIPTS = new URL("../../../../fixtures/otr/libotr-transcripts/", import.meta.url);

/** What was on the wire, with who sent it. */
function transcript(name: string): { from: string; wire: string }[] {
  return Deno.readTextFileSync(new URL(name, TRANSCRIPTS)).trim().split("\n")
    .map((line) => JSON.parse(line)).filter((it) => typeof it.wire === "string");
}

function observeAll(name: string) {
  const observer = new OtrObserver();
  return transcript(name).flatMap(({ from, wire }) =>
    observer.observe("c", from, messageObject({ text: wire })).objects
  );
}

Deno.test("OtrObserver follows a whole conversation of version 3 from outside", () => {
  const objects = observeAll("v3-query-smp.jsonl");
  const kinds = objects.map((it) => it.kind);
  assertEquals(kinds.slice(0, 5), [
    "query",
    "dh-commit",
    "dh-key",
    "reveal-signature",
    "signature",
  ]);
  assertEquals(new Set(kinds.slice(5)), new Set(["data"]));
  assertEquals(objects.slice(0, 5).map((it) => it.state), [
    "offered",
    "negotiating",
    "negotiating",
    "negotiating",
    "encrypted",
  ]);
  const data = objects.find((it) => it.kind === "data");
  assertEquals(data?.version, 3);
  assertEquals(data?.senderInstance?.length, 8);
  assertEquals(data?.details["counter"], "0000000000000001");
  assertEquals(objects.some((it) => Number(it.details["revealedMacKeys"] ?? 0) > 0), true);
});

Deno.test("OtrObserver shows no instance tags in version 2", () => {
  const commit = observeAll("v2-query.jsonl").find((it) => it.kind === "dh-commit");
  assertEquals([commit?.version, commit?.senderInstance], [2, undefined]);
});

Deno.test("OtrObserver reports fragments and the message they make", () => {
  const objects = observeAll("v3-fragmented.jsonl");
  const kinds = objects.map((it) => it.kind);
  assertEquals(kinds.includes("fragment"), true);
  const joined = objects.filter((it) => it.details["fragments"] !== undefined);
  assertEquals(joined.length > 0, true);
  assertEquals(joined.every((it) => it.kind !== "malformed"), true);
});

Deno.test("OtrObserver warns of plaintext after encrypted messages, once", () => {
  const observer = new OtrObserver();
  const data = transcript("v3-query-smp.jsonl").map((it) => it.wire)
    .find((it) => it.startsWith("?OTR:AAMD")) ?? "";
  const observe = (text: string) => observer.observe("c", "a", messageObject({ text }));
  assertEquals(observe("hello").findings, []);
  assertEquals(observe(data).objects.map((it) => it.state), ["encrypted"]);
  assertEquals(observe("oops").findings.map((it) => it.id), ["OTR-plaintext-after-encrypted"]);
  assertEquals(observe("again").findings, []);
});

Deno.test("OtrObserver names what claims to be OTR and is not", () => {
  const observer = new OtrObserver();
  const { objects, findings } = observer.observe("c", "a", messageObject({ text: "?OTR:===." }));
  assertEquals(objects.map((it) => it.kind), ["malformed"]);
  assertEquals(findings.length, 1);
  const error = observer.observe("c", "a", messageObject({ text: "?OTR Error: no" }));
  assertEquals(error.objects[0]?.details["text"], "no");
});

Deno.test("OtrObserver remembers no more conversations than its limit", () => {
  const observer = new OtrObserver(1);
  const state = (conversation: string, text: string) =>
    observer.observe(conversation, "a", messageObject({ text })).objects[0]?.state;
  assertEquals(state("one", "?OTRv3?"), "offered");
  assertEquals(state("two", "?OTRv3?"), "offered");
  assertEquals(state("one", "?OTR Error: x"), "plaintext");
});

Deno.test("isOtrText() knows every form", () => {
  for (const text of ["?OTRv23?", "?OTR?", "?OTR Error: x", "?OTR:AAMC."]) {
    assertEquals(isOtrText(text), true, text);
  }
  assertEquals(isOtrText("what about OTR?"), false);
});
