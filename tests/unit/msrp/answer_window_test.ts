import { assertEquals } from "@std/assert";
import { AnswerWindow } from "../../../lib/msrp/answer_window.ts";

Deno.test("AnswerWindow lets so much be on its way, and one chunk always", () => {
  const window = new AnswerWindow(10);
  assertEquals(window.hasRoomFor(100), true);
  window.begin("a", 6);
  assertEquals([window.hasRoomFor(4), window.hasRoomFor(5)], [true, false]);
  window.begin("b", 4);
  window.settle("a");
  window.settle("a");
  window.settle("never-heard-of");
  assertEquals([window.hasRoomFor(6), window.hasRoomFor(7)], [true, false]);
});
