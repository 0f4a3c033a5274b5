import { assertEquals } from "@std/assert";
import { ComposingReceiver } from "../../../lib/im/composing_receiver.ts";

Deno.test("ComposingReceiver holds a status for its refresh time, or 120 seconds", () => {
  const receiver = new ComposingReceiver();
  assertEquals(receiver.receiveStatus({ state: "active" }, 1000), "active");
  assertEquals([receiver.isComposing, receiver.deadline], [true, 121_000]);
  assertEquals(receiver.receiveStatus({ state: "active", refresh: 60 }, 2000), undefined);
  assertEquals(receiver.deadline, 62_000);
  assertEquals(receiver.handleTimeout(61_999), undefined);
  assertEquals(receiver.handleTimeout(62_000), "idle");
  assertEquals([receiver.isComposing, receiver.deadline], [false, undefined]);
});

/** RFC 3994 §3.3, figure 2, by hand: state × input → change. */
Deno.test("ComposingReceiver follows figure 2 for every state and input", () => {
  const idle = (): ComposingReceiver => new ComposingReceiver();
  const active = (): ComposingReceiver => {
    const it = new ComposingReceiver();
    it.receiveStatus({ state: "active" }, 0);
    return it;
  };
  const table: [() => ComposingReceiver, (it: ComposingReceiver) => unknown, unknown, boolean][] = [
    [idle, (it) => it.receiveStatus({ state: "active" }, 1), "active", true],
    [idle, (it) => it.receiveStatus({ state: "idle" }, 1), undefined, false],
    [idle, (it) => it.receiveMessage(), undefined, false],
    [idle, (it) => it.handleTimeout(1e9), undefined, false],
    [active, (it) => it.receiveStatus({ state: "active" }, 1), undefined, true],
    [active, (it) => it.receiveStatus({ state: "idle" }, 1), "idle", false],
    [active, (it) => it.receiveMessage(), "idle", false],
    [active, (it) => it.handleTimeout(120_000), "idle", false],
  ];
  for (const [make, act, change, isComposing] of table) {
    const it = make();
    assertEquals([act(it), it.isComposing], [change, isComposing]);
  }
});
