import { assertEquals } from "@std/assert";
import { parseMsrpPath, writeMsrpPath } from "../../../../lib/msrp/mod.ts";
import { RelayTable, reversed } from "../../../../lib/msrp/relay/relay_table.ts";
import { seededRandom } from "../../../helpers/seeded_random.ts";

Deno.test("RelayTable.taken() hands out each output once", () => {
  const table = new RelayTable(seededRandom(1), { sourceLength: 10 });
  table.put({ type: "pause", connection: 3 });
  table.tell({ type: "message-failed", messageId: "m", code: 408 });
  assertEquals(table.taken(0).map((it) => it.type), ["pause", "event"]);
  assertEquals(table.taken(0), []);
  table.release(99, 5);
  assertEquals(table.find(() => true), undefined);
});

Deno.test("reversed() turns a path round and leaves it as it was", () => {
  const path = parseMsrpPath("msrp://a.example:1/a;tcp msrp://b.example:1/b;tcp");
  assertEquals(writeMsrpPath(reversed(path)), "msrp://b.example:1/b;tcp msrp://a.example:1/a;tcp");
  assertEquals(path[0]?.host, "a.example");
});
