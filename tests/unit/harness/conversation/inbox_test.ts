import { assertEquals } from "@std/assert";
import { Inbox } from "../../../../lib/harness/conversation/inbox.ts";

const said = (text: string, isEncrypted = false) => ({ texts: [text], isEncrypted });

Deno.test("Inbox.take() takes the match and everything before it", () => {
  const inbox = new Inbox({ encryptedOnly: false });
  for (const text of ["a", "b", "c"]) inbox.add(said(text));
  assertEquals(inbox.take(/b/), true);
  assertEquals(inbox.take(/a/), false);
  assertEquals(inbox.take(/c/), true);
});

Deno.test("Inbox.take() lets plaintext meet no expectation where encryption is required", () => {
  const inbox = new Inbox({ encryptedOnly: true });
  inbox.add(said("hello"));
  assertEquals(inbox.take(/hello/), false);
  inbox.add(said("hello", true));
  assertEquals(inbox.take(/hello/), true);
});

Deno.test("Inbox.forbid() counts what waits and what comes", () => {
  const early = new Inbox({ encryptedOnly: false });
  early.add(said("secret"));
  early.forbid(/secret/, "--expect-not");
  assertEquals(early.violation, { place: "--expect-not", text: "secret" });

  const later = new Inbox({ encryptedOnly: false });
  later.forbid(/secret/, "line 3");
  later.add(said("nothing"));
  assertEquals(later.violation, undefined);
  later.add(said("a secret"));
  assertEquals(later.violation, { place: "line 3", text: "a secret" });
});

Deno.test("Inbox keeps no more messages than its limit", () => {
  const inbox = new Inbox({ encryptedOnly: false, limit: 2 });
  for (const text of ["a", "b", "c"]) inbox.add(said(text));
  assertEquals([inbox.take(/a/), inbox.take(/b/)], [false, true]);
});
