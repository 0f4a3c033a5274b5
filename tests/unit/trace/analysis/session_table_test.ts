import { assertEquals } from "@std/assert";
import { parseMsrpPath } from "../../../../lib/msrp/mod.ts";
import { SessionTable } from "../../../../lib/trace/analysis/session_table.ts";

const A = "msrp://192.0.2.1:40000/a;tcp";
const B = "msrp://192.0.2.2:2855/b;tcp";
const RELAY = "msrps://relay.example.com:2855/r;tcp";

Deno.test("SessionTable finds the same session from either side and through relays", () => {
  const table = new SessionTable();
  const first = table.sessionOf(parseMsrpPath(`${RELAY} ${B}`), parseMsrpPath(A));
  const back = table.sessionOf(parseMsrpPath(A), parseMsrpPath(`${RELAY} ${B}`));
  const other = table.sessionOf(parseMsrpPath(RELAY), parseMsrpPath(A));
  assertEquals([first?.number, back?.number, other?.number], [1, 1, 2]);
  assertEquals(first?.ends, [A, B]);
  assertEquals(table.byNumber(1), first);
  assertEquals(table.byNumber(undefined), undefined);
  assertEquals(table.sessions().length, 2);
});

Deno.test("SessionTable knows the dialog that announced one of the ends", () => {
  const table = new SessionTable();
  table.announce([RELAY, B], "call-1");
  table.announce(["not a uri"], "call-2");
  assertEquals(table.sessionOf(parseMsrpPath(B), parseMsrpPath(A))?.callId, "call-1");
});

Deno.test("SessionTable gives AUTH no session, and stops numbering at its limit", () => {
  const table = new SessionTable(1);
  const auth = parseMsrpPath("msrps://relay.example.com:2855;tcp");
  assertEquals(table.sessionOf(auth, parseMsrpPath(A)), undefined);
  assertEquals(table.sessionOf([], []), undefined);
  assertEquals(table.sessionOf(parseMsrpPath(B), parseMsrpPath(A))?.number, 1);
  assertEquals(table.sessionOf(parseMsrpPath(RELAY), parseMsrpPath(A)), undefined);
});
