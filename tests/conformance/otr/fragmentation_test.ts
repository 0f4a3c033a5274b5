/** "Fragmentation". */
import { assert, assertEquals } from "@std/assert";
import { parseOtrMessage } from "../../../lib/otr/mod.ts";
import { Pair } from "../../helpers/otr_pair.ts";

const OURS = "20000002";
const THEIRS = "10000001";

/** A text message of Alice's, cut into `n` pieces. */
function pieces(pair: Pair, text: string, n: number): string[] {
  const [message = ""] = pair.says("alice", text).intercept("alice");
  const size = Math.ceil(message.length / n);
  return Array.from({ length: n }, (_, at) => message.slice(at * size, (at + 1) * size));
}

Deno.test("OTR-076 v3 fragments have hexadecimal tags, v2 none; leading zeros; the last comma is needed", () => {
  const pair = Pair.encrypted();
  const [a = "", b = ""] = pieces(pair, "one", 2);
  pair.hears("bob", `?OTR|${THEIRS}|${OURS},1,2,${a},`).hears(
    "bob",
    `?OTR|${THEIRS}|${OURS},00002,00002,${b},`,
  );
  assertEquals(pair.heard("bob"), ["one"]);
  const [c = "", d = ""] = pieces(pair, "two", 2);
  pair.hears("bob", `?OTR|${THEIRS}|${OURS},1,2,${c}`).hears(
    "bob",
    `?OTR|${THEIRS}|${OURS},2,2,${d},`,
  );
  assertEquals(pair.heard("bob"), []);
  const v2 = Pair.encrypted({ policy: { versions: [2] } });
  const [e = "", f = ""] = pieces(v2, "three", 2);
  v2.hears("bob", `?OTR,00001,00002,${e},`).hears("bob", `?OTR,2,2,${f},`);
  assertEquals(v2.heard("bob"), ["three"]);
});

Deno.test("OTR-077 k and n are 1 to 65535, k <= n, the piece is not empty; else discarded", () => {
  const pair = Pair.encrypted();
  for (
    const rest of [
      "0,1,x,",
      "1,0,x,",
      "2,1,x,",
      "1,65536,x,",
      "70000,70000,x,",
      "1,1,,",
      "1,1,",
      "a,1,x,",
    ]
  ) {
    pair.hears("bob", `?OTR|${THEIRS}|${OURS},${rest}`);
    const events = pair.take("bob");
    assertEquals(events.map((it) => it.type), ["peer-error"], rest);
  }
  assertEquals(pair.intercept("bob"), []);
});

Deno.test("OTR-078 k = 1 restarts, the next k with the same n appends, anything else clears", () => {
  const feed = (order: (readonly [number, number])[]) => {
    const pair = Pair.encrypted();
    const all = pieces(pair, "text", 3);
    for (const [k, n] of order) {
      pair.hears("bob", `?OTR|${THEIRS}|${OURS},${k},${n},${all[k - 1]},`);
    }
    return pair.heard("bob");
  };
  assertEquals(feed([[1, 3], [2, 3], [3, 3]]), ["text"]);
  assertEquals(feed([[1, 3], [1, 3], [2, 3], [3, 3]]), ["text"]);
  assertEquals(feed([[1, 3], [2, 3], [2, 3], [3, 3]]), []);
  assertEquals(feed([[1, 3], [3, 3]]), []);
  assertEquals(feed([[2, 3], [3, 3]]), []);
  assertEquals(feed([[1, 3], [2, 4], [3, 3]]), []);
  assertEquals(feed([[1, 3], [2, 4], [2, 3], [3, 3]]), []);
  assertEquals(feed([[3, 3], [2, 3], [1, 3]]), []);
});

Deno.test("OTR-079 a non-OTR or unfragmented message clears what was collected", () => {
  for (const between of ["plaintext", "?OTR Error: x", "data"]) {
    const pair = Pair.encrypted();
    const [whole = ""] = pair.says("alice", "whole").intercept("alice");
    const [a = "", b = ""] = pieces(pair, "cut", 2);
    pair.hears("bob", `?OTR|${THEIRS}|${OURS},1,2,${a},`);
    pair.hears("bob", between === "data" ? whole : between);
    pair.take("bob");
    pair.hears("bob", `?OTR|${THEIRS}|${OURS},2,2,${b},`);
    assertEquals(pair.heard("bob"), [], between);
  }
});

Deno.test("OTR-080 fragments for another instance are discarded, those of other senders do not mix", () => {
  const pair = Pair.encrypted();
  const [a = "", b = ""] = pieces(pair, "text", 2);
  pair.hears("bob", `?OTR|${THEIRS}|${OURS},1,2,${a},`);
  pair.hears("bob", `?OTR|${THEIRS}|30000003,1,2,other,`);
  assertEquals(pair.taken("bob", "other-instance").length, 1);
  pair.hears("bob", `?OTR|40000004|${OURS},1,2,other,`);
  pair.hears("bob", `?OTR|${THEIRS}|0,2,2,${b},`);
  assertEquals(pair.heard("bob"), ["text"]);
});

Deno.test("OTR-081 a fragment whose content is a fragment is refused", () => {
  const pair = Pair.encrypted();
  const [message = ""] = pair.says("alice", "x").intercept("alice");
  const inner = `?OTR|${THEIRS}|${OURS},1,1,${message},`;
  // A comma ends a piece, so what is nested has lost its own by the time it is joined.
  for (const size of [10, 30, inner.length]) {
    const n = Math.ceil(inner.length / size);
    for (let k = 1; k <= n; k++) {
      const piece = inner.slice((k - 1) * size, k * size);
      pair.hears("bob", `?OTR|${THEIRS}|${OURS},${k},${n},${piece},`);
    }
    assertEquals(pair.heard("bob"), []);
  }
  pair.hears("bob", `?OTR|${THEIRS}|${OURS},1,1,?OTR|${THEIRS}|${OURS},`);
  assertEquals(pair.take("bob").map((it) => it.type), ["peer-error"]);
  pair.hears("bob", message);
  assertEquals(pair.heard("bob"), ["x"]);
});

Deno.test("OTR-082 our fragments fit the limit, header and comma included", () => {
  for (const version of [2, 3] as const) {
    for (const maxMessageSize of [60, 200, 1000]) {
      const policy = { versions: [version] };
      const pair = new Pair({ policy, maxMessageSize }, { policy, maxMessageSize });
      pair.does("alice", (it, now) => it.query(now)).run().says("alice", "x".repeat(2000)).run();
      assertEquals(pair.heard("bob"), ["x".repeat(2000)]);
      const encoded = pair.wire.filter((it) => it.kind !== "query").map((it) => it.message);
      assert(encoded.every((it) => it.length <= maxMessageSize));
      assert(encoded.some((it) => it.length === maxMessageSize));
      assert(encoded.some((it) => parseOtrMessage(it).type === "fragment"));
    }
  }
});

Deno.test("OTR-083 a message is looked at as a fragment before ?OTR: is looked for", () => {
  const pair = Pair.encrypted();
  const [a = "", b = ""] = pieces(pair, "text", 2);
  assert(a.startsWith("?OTR:"));
  assertEquals(parseOtrMessage(`?OTR|${THEIRS}|${OURS},1,2,${a},`).type, "fragment");
  pair.hears("bob", `?OTR|${THEIRS}|${OURS},1,2,${a},`);
  assertEquals(pair.take("bob"), []);
  pair.hears("bob", `?OTR|${THEIRS}|${OURS},2,2,${b},`);
  assertEquals(pair.heard("bob"), ["text"]);
});
