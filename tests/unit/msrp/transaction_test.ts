import { assertEquals } from "@std/assert";
import {
  RESPONSE_TIMEOUT,
  type Transaction,
  TransactionTable,
} from "../../../lib/msrp/transaction.ts";

function transaction(transactionId: string, session = "s", messageId = "m"): Transaction {
  return { transactionId, session, messageId, purpose: "message", expectsSuccess: true };
}

Deno.test("TransactionTable starts the timer with the last octet, not with the first", () => {
  const table = new TransactionTable(10);
  table.begin(transaction("one"));
  assertEquals(table.deadline, undefined);
  table.complete("one", 1_000);
  assertEquals(table.deadline, 1_000 + RESPONSE_TIMEOUT);
  assertEquals(table.expire(1_000 + RESPONSE_TIMEOUT - 1), []);
  assertEquals(table.expire(1_000 + RESPONSE_TIMEOUT).map((it) => it.transactionId), ["one"]);
  assertEquals(table.deadline, undefined);
});

Deno.test("TransactionTable.answer() ends a transaction once, early ones as well", () => {
  const table = new TransactionTable(10);
  table.begin(transaction("one"));
  assertEquals(table.has("one"), true);
  assertEquals(table.answer("one")?.messageId, "m");
  assertEquals(table.answer("one"), undefined);
  table.complete("one", 0);
  assertEquals(table.deadline, undefined);
});

Deno.test("TransactionTable.forget() takes those of a message, or of a session", () => {
  const table = new TransactionTable(10);
  table.begin(transaction("one", "s", "m"));
  table.begin(transaction("two", "s", "n"));
  table.begin(transaction("three", "t", "m"));
  table.forget("s", "m");
  assertEquals(["one", "two", "three"].map((it) => table.has(it)), [false, true, true]);
  table.forget("s");
  assertEquals(["two", "three"].map((it) => table.has(it)), [false, true]);
});

Deno.test("TransactionTable.isFull says when to wait", () => {
  const table = new TransactionTable(1);
  assertEquals(table.isFull, false);
  table.begin(transaction("one"));
  assertEquals(table.isFull, true);
});

Deno.test("TransactionTable keeps to the order of deadlines, not to that of beginnings", () => {
  const table = new TransactionTable(10);
  table.begin(transaction("large"));
  table.begin(transaction("bind"));
  table.complete("bind", 0);
  assertEquals(table.deadline, RESPONSE_TIMEOUT, "although an earlier one is still being sent");
  table.complete("large", 10);
  assertEquals(table.expire(RESPONSE_TIMEOUT).map((it) => it.transactionId), ["bind"]);
  assertEquals(table.deadline, RESPONSE_TIMEOUT + 10);
});
