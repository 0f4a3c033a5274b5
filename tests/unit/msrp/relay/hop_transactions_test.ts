import { assertEquals } from "@std/assert";
import {
  HopTransactions,
  type RequestTransaction,
} from "../../../../lib/msrp/relay/hop_transactions.ts";
import { Timers } from "../../../../lib/msrp/relay/timers.ts";

function request(transactionId: string): RequestTransaction {
  return {
    kind: "request",
    transactionId,
    originalId: "theirs12",
    method: "NICKNAME",
    hasCredentials: false,
    returnPath: { source: 1, toPath: [], fromPath: [] },
  };
}

Deno.test("HopTransactions know who waits, with which timer, and when there are too many", () => {
  const timers = new Timers<string>();
  const table = new HopTransactions<string>(2);
  table.begin(request("one12345"));
  assertEquals([table.isFull, table.has("one12345"), table.has("two12345")], [false, true, false]);
  table.begin(request("two12345"));
  assertEquals(table.isFull, true);
  const timer = timers.set(5, "one12345");
  table.arm("one12345", timer);
  table.arm("never123", timer);
  assertEquals(table.get("one12345")?.transactionId, "one12345");
  assertEquals(table.finish("one12345"), timer);
  assertEquals([table.finish("one12345"), table.get("one12345"), table.isFull], [
    undefined,
    undefined,
    false,
  ]);
  assertEquals(table.drain().map((it) => it.transaction.transactionId), ["two12345"]);
  assertEquals(table.has("two12345"), false);
});
