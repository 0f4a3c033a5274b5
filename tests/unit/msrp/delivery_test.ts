import { assertEquals } from "@std/assert";
import { type Awaited, DeliveryLedger } from "../../../lib/msrp/delivery.ts";

const WANTS: Awaited = {
  length: 10,
  contentType: "text/plain",
  successReport: true,
  failureReport: "yes",
};

function types(events: readonly { readonly type: string }[]): string[] {
  return events.map((it) => it.type);
}

Deno.test("DeliveryLedger tells sent when all chunks left and all were answered", () => {
  const ledger = new DeliveryLedger("s", 10);
  ledger.begin("m", { ...WANTS, successReport: false });
  ledger.chunkBegan("m");
  ledger.chunkBegan("m");
  assertEquals(ledger.answered("m"), []);
  assertEquals(ledger.allLeft("m"), []);
  assertEquals(types(ledger.answered("m")), ["message-sent"]);
  assertEquals(ledger.size, 0);
  assertEquals(ledger.answered("m"), []);
});

Deno.test("DeliveryLedger.end() tells each message once, by how far it came", () => {
  for (const cause of ["connection", "aborted"] as const) {
    const ledger = new DeliveryLedger("s", 10);
    for (const id of ["queued", "left", "sent", "late"]) ledger.begin(id, WANTS);
    for (const id of ["left", "sent", "late"]) {
      ledger.chunkBegan(id);
      ledger.allLeft(id);
    }
    ledger.answered("sent");
    ledger.failed("late", { code: 408, cause: "timeout" });
    const told = ledger.end(cause).map((it) => "messageId" in it && `${it.messageId} ${it.type}`);
    assertEquals(told, [
      "queued message-failed",
      cause === "connection" ? "left message-failed" : "left message-unconfirmed",
      "sent message-unconfirmed",
    ]);
    assertEquals(ledger.end(cause), []);
  }
});

Deno.test("DeliveryLedger gives up the oldest that has left when there are too many", () => {
  const ledger = new DeliveryLedger("s", 2);
  ledger.begin("waiting", WANTS);
  ledger.begin("gone", WANTS);
  ledger.allLeft("gone");
  assertEquals(ledger.begin("next", WANTS), [
    { type: "message-unconfirmed", session: "s", messageId: "gone" },
  ]);
  assertEquals([ledger.has("waiting"), ledger.has("gone"), ledger.size], [true, false, 2]);
});

Deno.test("DeliveryLedger.reported() ignores reports that nobody asked for", () => {
  const ledger = new DeliveryLedger("s", 2);
  ledger.begin("m", { ...WANTS, successReport: false });
  assertEquals(ledger.reported("m", undefined), []);
  assertEquals(ledger.reported("unknown", undefined), []);
});

Deno.test("DeliveryLedger.reported() merges ranges in any order", () => {
  const ledger = new DeliveryLedger("s", 2);
  ledger.begin("m", WANTS);
  ledger.allLeft("m");
  const steps: [number, number, number | "delivered"][] = [
    [8, 9, 2],
    [3, 4, 4],
    [5, 4, 4], // Nothing.
    [2, 7, 8],
    [10, 99, 9],
    [1, 1, "delivered"],
  ];
  for (const [start, end, expected] of steps) {
    const [event] = ledger.reported("m", { start, end, total: "*" }).slice(-1);
    const got = event?.type === "message-progress" ? event.delivered : "delivered";
    assertEquals(got, expected, `${start}-${end}`);
  }
});
