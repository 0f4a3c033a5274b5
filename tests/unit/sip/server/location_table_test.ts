import { assertEquals } from "@std/assert";
import { parseNameAddress, parseUri } from "../../../../lib/sip/mod.ts";
import { type Binding, LocationTable } from "../../../../lib/sip/server/location_table.ts";

function binding(user: string, uri: string, more: Partial<Binding> = {}): Binding {
  return {
    user,
    contact: parseNameAddress(`<${uri}>`),
    expiresAt: 1_000,
    callId: "1",
    sequence: 1,
    outbound: undefined,
    flow: undefined,
    ...more,
  };
}
const FLOW = {
  transport: "tcp",
  remote: { host: "192.0.2.1", port: 6000 },
  connection: 4,
} as const;

Deno.test("LocationTable shows valid bindings alone, by user and by contact", () => {
  const table = new LocationTable();
  table.replace("alice", [
    binding("alice", "sip:alice@192.0.2.1"),
    binding("alice", "sip:alice@192.0.2.2:5070", { expiresAt: 500 }),
  ]);
  assertEquals(table.bindings("alice", 499).length, 2);
  assertEquals(table.bindings("alice", 500).length, 1);
  assertEquals(table.bindings("bob", 0), []);
  assertEquals(table.byContact(parseUri("sip:alice@192.0.2.1;foo"), 0)?.user, "alice");
  assertEquals(table.byContact(parseUri("sip:alice@192.0.2.2:5070"), 500), undefined);
  assertEquals(table.byContact(parseUri("sip:other@192.0.2.1"), 0), undefined);
});

Deno.test("LocationTable.expire() removes what is over, at its deadline", () => {
  const table = new LocationTable();
  table.replace("alice", [binding("alice", "sip:a@192.0.2.1", { expiresAt: 500 })]);
  table.replace("bob", [binding("bob", "sip:b@192.0.2.1")]);
  assertEquals(table.deadline, 500);
  assertEquals(table.expire(499), []);
  assertEquals(table.expire(500).map((it) => it.user), ["alice"]);
  assertEquals([table.size, table.deadline], [1, 1_000]);
  assertEquals(table.byContact(parseUri("sip:a@192.0.2.1"), 0), undefined);
});

Deno.test("LocationTable.dropFlow() takes bindings that are flows, and leaves the others without", () => {
  const table = new LocationTable();
  table.replace("alice", [
    binding("alice", "sip:a@192.0.2.1", { flow: FLOW, outbound: { instance: "i", regId: 1 } }),
    binding("alice", "sip:b@192.0.2.1", { flow: FLOW }),
  ]);
  assertEquals(table.usesFlow(4), true);
  assertEquals(table.dropFlow(4).map((it) => it.outbound?.regId), [1]);
  assertEquals(table.bindings("alice", 0).map((it) => it.flow), [undefined]);
  assertEquals(table.usesFlow(4), false);
  assertEquals(table.dropFlow(4), []);
});

Deno.test("LocationTable.replace() refuses what is too much, and changes nothing then", () => {
  const table = new LocationTable({ contactsPerUser: 2, contacts: 3 });
  const two = [binding("alice", "sip:a@192.0.2.1"), binding("alice", "sip:b@192.0.2.1")];
  assertEquals(table.replace("alice", two), true);
  assertEquals(table.replace("alice", [...two, binding("alice", "sip:c@192.0.2.1")]), false);
  assertEquals(table.replace("bob", two.map((it) => ({ ...it, user: "bob" }))), false);
  assertEquals(table.bindings("bob", 0), []);
  assertEquals(table.size, 2);
  assertEquals(table.replace("alice", []), true);
  assertEquals([table.size, table.deadline], [0, undefined]);
});
