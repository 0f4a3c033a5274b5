import { assertEquals } from "@std/assert";
import { FileAnnouncer } from "../../../../cli/session/file_announcer.ts";
import type { FileEvent } from "../../../../lib/session/mod.ts";
import { testContext } from "../../../helpers/session_flags.ts";

function shown(...events: readonly Partial<FileEvent>[]): string {
  const { printer, stdout, stderr } = testContext();
  const announcer = new FileAnnouncer(printer);
  for (const event of events) {
    announcer.announce({
      type: "file",
      direction: "in",
      id: "1",
      state: "done",
      name: "a.txt",
      ...event,
    });
  }
  assertEquals(stdout.text, "");
  return stderr.text.replaceAll("sotto: ", "").trimEnd();
}

Deno.test("FileAnnouncer says how it ended", () => {
  assertEquals(shown({ state: "done", path: "in/a.txt" }), "received a.txt: in/a.txt");
  assertEquals(shown({ direction: "out", state: "done" }), "sent a.txt");
  assertEquals(
    shown({ direction: "out", state: "refused", reason: "no" }),
    "a.txt was refused: no",
  );
  assertEquals(
    shown({ direction: "out", state: "failed", code: 413, reason: "x" }),
    "a.txt was not sent 413: x",
  );
  assertEquals(shown({ state: "failed", reason: "x" }), "a.txt was not received: x");
});

Deno.test("FileAnnouncer shows no progress where nobody looks, and no escapes of the peer's", () => {
  assertEquals(
    shown({ state: "offered" }, { direction: "out", state: "offered" }, { state: "accepted" }),
    "offered a.txt\noffering a.txt\na.txt is accepted",
    "only with --verbose, as here",
  );
  assertEquals(shown({ state: "progress", transferred: 5, size: 10 }), "");
  const text = shown({ name: "\u001b[31mred", path: "x" });
  assertEquals(text.includes("\u001b"), false);
  assertEquals(shown({ name: "", state: "failed" }), "a file without a name was not received");
});
