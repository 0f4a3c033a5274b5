import { assertEquals } from "@std/assert";
import { utf8 } from "../../../../lib/base/bytes.ts";
import type { OctetsArrival } from "../../../../lib/trace/arrival.ts";
import { ConnectionTable } from "../../../../lib/trace/analysis/connection_table.ts";
import { responseFrame } from "../../../helpers/capture_files.ts";

const A = { host: "192.0.2.1", port: 40000 };
const B = { host: "192.0.2.2", port: 2855 };

function octets(data: Uint8Array, isBack = false, connection = 1): OctetsArrival {
  const [src, dst] = isBack ? [B, A] : [A, B];
  return { type: "octets", frame: 1, at: 1, src, dst, connection, data, transport: "tcp" };
}

Deno.test("ConnectionTable follows both directions and counts them together", () => {
  const table = new ConnectionTable();
  assertEquals(table.receive(octets(responseFrame("aaaa"))).length, 1);
  assertEquals(table.receive(octets(responseFrame("bbbb"), true)).length, 1);
  const [connection] = table.connections();
  assertEquals([connection?.kind, connection?.octets], ["msrp", 2 * responseFrame("aaaa").length]);
  assertEquals([connection?.src, connection?.dst], [A, B]);
});

Deno.test("ConnectionTable lets one direction tell what the other one carries", () => {
  const table = new ConnectionTable();
  assertEquals(table.receive(octets(utf8("the middle of a body\r\n"))), []);
  const events = table.receive(octets(responseFrame("bbbb"), true));
  assertEquals(events.map((it) => it.event.type), ["fault", "chunk"]);
  const later = new ConnectionTable();
  later.receive(octets(responseFrame("bbbb"), true));
  assertEquals(later.receive(octets(utf8("the middle of a body\r\n"))).length, 1);
});

Deno.test("ConnectionTable forgets what has ended and keeps its counts", () => {
  const table = new ConnectionTable();
  table.receive(octets(Uint8Array.of(23, 3, 3, 0, 0)));
  table.receive(octets(Uint8Array.of(23, 3, 3, 0, 0), true));
  table.receiveEnd({ ...octets(new Uint8Array()), type: "end", how: "fin" });
  table.receiveEnd({ ...octets(new Uint8Array(), true), type: "end", how: "rst" });
  const [connection] = table.connections();
  assertEquals([connection?.tlsRecords, connection?.octets], [2, 10]);
  assertEquals(table.connections()[0]?.tlsRecords, 2); // not counted twice
});

Deno.test("ConnectionTable counts holes, and ends what is open at the end", () => {
  const table = new ConnectionTable();
  table.receive(octets(utf8("MSRP abcd SEND\r\nTo-Path: x\r\n")));
  table.receiveGap({ ...octets(new Uint8Array()), type: "gap", octets: 7 });
  assertEquals(table.connections()[0]?.missing, 7);
  table.receive(octets(utf8("MSRP efgh SEND\r\nTo-Path: x\r\n")));
  assertEquals(table.end().length > 0, true);
  assertEquals(table.receiveEnd({ ...octets(new Uint8Array()), type: "end", how: "fin" }), []);
});

Deno.test("ConnectionTable lists no more than its limit and says how many are not listed", () => {
  const table = new ConnectionTable(2);
  for (const id of [1, 2, 3, 4]) table.receive(octets(responseFrame("aaaa"), false, id));
  assertEquals([table.connections().length, table.unlisted], [2, 2]);
});
