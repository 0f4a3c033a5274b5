import { assertEquals } from "@std/assert";
import { SottoError } from "../../../lib/base/errors.ts";
import {
  eventOf,
  failureOf,
  type FileMedium,
  FileProgress,
  reasonOf,
} from "../../../lib/session/file_medium.ts";
import type { FileEvent } from "../../../lib/session/file_offer.ts";
import { ManualClock } from "../../helpers/manual_clock.ts";

const MEDIUM: FileMedium = {
  index: 1,
  description: {
    selector: { name: "a.txt", size: 9, type: "text/plain", hashes: [] },
    transferId: "id",
  },
};

Deno.test("eventOf() says what the description says", () => {
  assertEquals(eventOf(MEDIUM, "done", { path: "/x" }), {
    type: "file",
    direction: "in",
    id: "id",
    state: "done",
    name: "a.txt",
    size: 9,
    contentType: "text/plain",
    path: "/x",
  });
  const unknown: FileMedium = { index: 0, description: { selector: { hashes: [] } } };
  assertEquals(eventOf(unknown, "offered"), {
    type: "file",
    direction: "in",
    id: "",
    state: "offered",
    name: "",
  });
});

Deno.test("FileProgress tells twice a second, and knows more", async () => {
  const clock = new ManualClock();
  const told: FileEvent[] = [];
  const progress = new FileProgress(clock, MEDIUM, (event) => told.push(event));
  progress.at(1);
  progress.at(2);
  await clock.advance(499);
  progress.at(3);
  await clock.advance(1);
  progress.at(4);
  progress.at(5);
  assertEquals(told.map((it) => it.transferred), [1, 4]);
  assertEquals(progress.transferred, 5);
});

Deno.test("failureOf() tells refusals, silence and lost connections apart", () => {
  const cause = (code: `${"msrp" | "session"}/${string}`) =>
    failureOf(new SottoError(code, "x")).cause;
  assertEquals(cause("msrp/type-not-accepted"), "response");
  assertEquals(cause("msrp/too-large-for-peer"), "response");
  assertEquals(cause("session/timeout"), "timeout");
  assertEquals(cause("session/msrp-closed"), "connection");
  assertEquals(failureOf("x"), { status: "failed", cause: "connection", reason: "x" });
});

Deno.test("reasonOf() lets nothing through that a terminal would obey", () => {
  assertEquals(reasonOf(new Error("a\u001b[31mb\nc")).includes("\u001b"), false);
});
