import { assertEquals } from "@std/assert";
import { Announcer } from "../../../../cli/session/announcer.ts";
import type { SessionEvent } from "../../../../lib/session/mod.ts";
import { testContext } from "../../../helpers/session_flags.ts";

const FINGERPRINT = "4af9f2b1".repeat(5);
const GROUPS = Array(5).fill("4AF9F2B1").join(" ");

/** What people see of `event`: stdout, and stderr without the name of the program. */
function shown(event: SessionEvent): { out: string; err: string } {
  const { printer, stdout, stderr } = testContext();
  new Announcer(printer).announce(event);
  return { out: stdout.text, err: stderr.text.replaceAll("sotto: ", "").trimEnd() };
}

Deno.test("Announcer tells people how a call goes, on stderr", () => {
  const call = { type: "call", peer: "bob@example.com", callId: "c" } as const;
  for (
    const [event, words] of [
      [{ ...call, state: "calling" }, "calling bob@example.com"],
      [{ ...call, state: "ringing", status: 180 }, "ringing: bob@example.com"],
      [{ ...call, state: "connected" }, "connected with bob@example.com"],
      [
        { ...call, state: "connected", focus: true },
        "connected with bob@example.com (a conference)",
      ],
      [{ ...call, state: "rejected", status: 486, reason: "Busy Here" }, "refused: 486 Busy Here"],
      [{ ...call, state: "ended", reason: "BYE" }, "ended: bob@example.com (BYE)"],
    ] as const
  ) assertEquals(shown(event), { out: "", err: words });
});

Deno.test("Announcer shows the lock with a word and a colour's name, never the colour alone", () => {
  const otr = { type: "otr", version: 3, fingerprint: FINGERPRINT } as const;
  for (
    const [event, words] of [
      [{ ...otr, state: "encrypted", lock: "orange", trust: "unverified" }, "not verified yet"],
      [{ ...otr, state: "encrypted", lock: "green", trust: "verified" }, "verified"],
      [{ ...otr, state: "encrypted", lock: "red", trust: "changed" }, "THE FINGERPRINT CHANGED"],
    ] as const
  ) {
    assertEquals(shown(event).err, `[${event.lock}] encrypted with OTRv3, ${words}: ${GROUPS}`);
  }
  assertEquals(
    shown({ type: "otr", state: "unavailable", lock: "gray", reason: "no answer" }).err,
    "[gray] NOT ENCRYPTED: messages go out in plaintext if at all (no answer)",
  );
});

Deno.test("Announcer puts what a peer says on stdout, and lets none of its controls through", () => {
  const message = {
    type: "message",
    direction: "in",
    id: "1",
    from: "bob@example.com\u001b[2J",
    to: "a@b",
    contentType: "text/plain",
    body: "one\ntwo\u001b]0;x\u0007",
    encryption: "verified",
  } as const;
  assertEquals(shown(message).out, "bob@example.com\\x1b[2J: one\ntwo\\x1b]0;x\\x07\n");
  assertEquals(shown({ ...message, direction: "out" }), { out: "", err: "" });
  assertEquals(
    shown({ ...message, warning: "it came in plaintext" }).err,
    "warning: it came in plaintext",
  );
});

Deno.test("Announcer raises the alarm with both fingerprints, with --json too", () => {
  const event = {
    type: "fingerprint-changed",
    peer: "bob@example.com",
    fingerprint: FINGERPRINT,
    known: [{ fingerprint: "00".repeat(20), trust: "verified" }],
  } as const;
  const expected = [
    "warning: bob@example.com changed encryption fingerprint. Please verify it again.",
    `warning:   now:   ${GROUPS}`,
    "warning:   known: 00000000 00000000 00000000 00000000 00000000 (verified)",
  ].join("\n");
  assertEquals(shown(event).err, expected);
  const { printer, stdout, stderr } = testContext({ json: true });
  new Announcer(printer).announce(event);
  assertEquals(stderr.text.replaceAll("sotto: ", "").trimEnd(), expected);
  assertEquals(JSON.parse(stdout.text), {
    v: 1,
    at: "2026-02-03T10:11:12.131Z",
    type: "fingerprint-changed",
    peer: "bob@example.com",
    fingerprint: FINGERPRINT,
    known: [{ fingerprint: "00".repeat(20), trust: "verified" }],
  });
});

Deno.test("Announcer keeps what only the library needs out of the JSON", () => {
  const { printer, stdout } = testContext({ json: true });
  new Announcer(printer).announce({
    type: "smp",
    state: "asked",
    question: "where?",
    role: "responder",
    proofSeen: false,
  });
  const { v: _, at: __, ...fields } = JSON.parse(stdout.text);
  assertEquals(fields, { type: "smp", state: "asked", question: "where?", role: "responder" });
});

Deno.test("Announcer says what became of messages and of a verification", () => {
  const failed = { type: "delivery", id: "1", status: "failed", code: 413, reason: "too long" };
  assertEquals(shown(failed as SessionEvent).err, "delivery failed 413: too long");
  const smp = { type: "smp", question: "where?\n", role: "responder", proofSeen: false } as const;
  for (
    const [state, words] of [
      ["asked", "the other side asks for the shared secret: where?\\n"],
      ["in-progress", "verification is under way"],
      ["success", "verification succeeded: the secrets match"],
      ["failure", "verification failed: the secrets differ"],
      ["aborted", "verification was aborted"],
      ["error", "verification failed: the other side broke the protocol"],
    ] as const
  ) assertEquals(shown({ ...smp, state }).err, words);
});
